"""Sections 4.6 to 4.8 of the surface document: which route answers, mounts and hosts, unique ids."""

import threading

import pytest
from raw_asgi import exchange
from starlette.convertors import CONVERTOR_TYPES, Convertor, register_url_convertor
from starlette.routing import Match, NoMatchFound
from surface_target import (
    TARGET,
    APIRoute,
    APIRouter,
    FastAPI,
    PlainTextResponse,
    Request,
    TestClient,
    served_document,
)


@pytest.fixture
def app():
    """Return an application with overlapping routes."""
    app = FastAPI()
    app.get("/a/{x:int}")(lambda x: ["int", x])
    app.get("/a/{x}/end")(lambda x: ["end", x])
    app.post("/a/b")(lambda: "posted")
    app.get("/a/{x}")(lambda x: ["str", x])
    app.put("/m")(lambda: "put")
    app.delete("/m")(lambda: "delete")
    app.get("/slash/")(lambda: "slash")
    app.get("/plain")(lambda: "plain")
    return app


@pytest.fixture
def client(app):
    """Return a client that does not follow redirects."""
    return TestClient(app, follow_redirects=False)


# 4.6 order, methods, 404 and 405


@pytest.mark.parametrize(
    ("path", "result"),
    [("/a/7", ["int", 7]), ("/a/x", ["str", "x"]), ("/a/b", ["str", "b"]), ("/a/7/end", ["end", "7"])],
)
def test_first_full_match_wins(client, path, result):
    """4.6.1: routes are tried in the order of registration; a wrong method does not end the search."""
    assert client.get(path).json() == result


def test_inclusions_are_tried_in_place():
    """4.6.1: an included router stands where it was included."""
    app, router = FastAPI(), APIRouter()
    router.get("/{x}")(lambda x: "router")
    app.get("/before")(lambda: "before")
    app.include_router(router)
    app.get("/after")(lambda: "after")
    client = TestClient(app)
    assert [client.get("/before").json(), client.get("/after").json()] == ["before", "router"]


def test_wrong_method_answers_405_with_the_first_match(client):
    """4.6.1: without any full match the first path match answers 405 and names its methods."""
    response = client.post("/m")
    assert (response.status_code, response.json()) == (405, {"detail": "Method Not Allowed"})
    assert response.headers["allow"] == "PUT"


def test_allow_names_all_methods_of_that_route():
    """4.6.1: `Allow` lists every method of the remembered route."""
    app = FastAPI()
    app.api_route("/a", methods=["PUT", "POST"])(lambda: None)
    allow = TestClient(app).get("/a").headers["allow"]
    assert sorted(allow.split(", ")) == ["POST", "PUT"]


def test_partial_match_in_an_inclusion_yields_to_a_later_full_match():
    """4.6.1: a wrong method inside an included router does not hide a later route."""
    app, router = FastAPI(), APIRouter()
    router.post("/a")(lambda: "posted")
    app.include_router(router)
    app.get("/a")(lambda: "got")
    client = TestClient(app)
    assert [client.get("/a").json(), client.post("/a").json(), client.put("/a").headers["allow"]] == [
        "got",
        "posted",
        "POST",
    ]


def test_unknown_path_answers_404(client):
    """4.6.6: the body of a 404."""
    response = client.get("/none")
    assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})
    assert response.headers["content-type"] == "application/json"


def test_paths_are_case_sensitive(client):
    """4.6: paths are compared as they are."""
    assert client.get("/PLAIN").status_code == 404


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
def test_get_implies_no_other_method(client, method):
    """4.6.4: neither HEAD nor OPTIONS is automatic."""
    response = client.request(method, "/plain")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


def test_the_first_of_two_equal_routes_answers():
    """4.6.3: the same path and method twice keeps the first."""
    app = FastAPI()
    app.get("/a", operation_id="one")(lambda: 1)
    app.get("/a", operation_id="two")(lambda: 2)
    assert TestClient(app).get("/a").json() == 1


# 4.6.2 slash redirects


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/slash", "http://testserver/slash/"),
        ("/plain/", "http://testserver/plain"),
        ("/slash?x=1&y=a%20b", "http://testserver/slash/?x=1&y=a%20b"),
    ],
)
def test_other_slash_form_redirects(client, path, location):
    """4.6.2: 307 to the other form, with the query."""
    response = client.get(path)
    assert (response.status_code, response.headers["location"], response.content) == (307, location, b"")


def test_redirect_does_not_look_at_the_method(client):
    """4.6.2: the redirect comes even when the method will be refused."""
    assert client.post("/slash").status_code == 307
    assert TestClient(client.app).post("/slash").status_code == 405


def test_root_is_never_redirected():
    """4.6.2: "/" without a route is a 404."""
    assert TestClient(FastAPI(), follow_redirects=False).get("/").status_code == 404


def test_redirect_does_not_shadow_a_later_route():
    """4.6.2: an exact match registered later wins over a redirect."""
    app = FastAPI()
    app.get("/a/")(lambda: "slash")
    app.get("/a")(lambda: "plain")
    client = TestClient(app, follow_redirects=False)
    assert [client.get("/a").json(), client.get("/a/").json()] == ["plain", "slash"]


def test_redirect_works_below_an_inclusion():
    """4.6.2: routes of included routers take part."""
    app, router = FastAPI(), APIRouter()
    router.get("/a/")(lambda: None)
    app.include_router(router, prefix="/p")
    location = TestClient(app, follow_redirects=False).get("/p/a").headers["location"]
    assert location == "http://testserver/p/a/"


def test_redirect_of_the_application_decides_for_its_inclusions():
    """4.6.2: the app's setting holds, whatever an included router says."""
    app, router = FastAPI(redirect_slashes=False), APIRouter(redirect_slashes=True)
    router.get("/a/")(lambda: None)
    app.include_router(router)
    assert TestClient(app, follow_redirects=False).get("/a").status_code == 404


# 4.6.5 convertors

ID = "12345678-1234-5678-1234-567812345678"


@pytest.mark.parametrize(
    ("template", "path", "status", "body"),
    [
        ("/{x}", "/a", 200, "a"),
        ("/{x}", "/a/b", 404, None),
        ("/{x}", "/a%20b", 200, "a b"),
        ("/{x}", "/%C3%A9", 200, "é"),
        ("/{x}", "/a%2Fb", 404, None),
        ("/{x:str}", "/a", 200, "a"),
        ("/{x:int}", "/12", 200, 12),
        ("/{x:int}", "/-1", 404, None),
        ("/{x:int}", "/x", 404, None),
        ("/{x:float}", "/1.5", 200, 1.5),
        ("/{x:float}", "/2", 200, 2.0),
        ("/{x:float}", "/x", 404, None),
        ("/{x:uuid}", f"/{ID}", 200, ID),
        ("/{x:uuid}", "/x", 404, None),
        ("/p/{x:path}", "/p/a/b/", 200, "a/b/"),
        ("/p/{x:path}", "/p/", 200, ""),
    ],
)
def test_convertor_decides_before_validation(template, path, status, body):
    """4.6.5: a convertor runs before Pydantic; what it does not match is a 404."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    app.get(template)(lambda x: x)
    response = TestClient(app).get(path)
    assert response.status_code == status
    assert body is None or response.json() == body


def test_converted_value_is_validated():
    """4.6.5: the annotation is applied to what the convertor made."""
    app = FastAPI()

    @app.get("/{x:int}")
    def read(x: str):
        return x

    error = TestClient(app).get("/5").json()["detail"][0]
    assert (error["type"], error["loc"], error["input"]) == ("string_type", ["path", "x"], 5)


def test_several_parameters_per_segment():
    """4.6.5: a segment may hold several parameters."""
    app = FastAPI()
    app.get("/{a}-{b}.{c}")(lambda a, b, c: [a, b, c])
    client = TestClient(app)
    assert client.get("/1-2.3").json() == ["1", "2", "3"]
    assert client.get("/1-2-4.3.5").json() == ["1-2", "4.3", "5"]


def test_regular_expression_characters_are_literal():
    """4.6.5: a dot or a plus in a template stands for itself."""
    app = FastAPI()
    app.get("/v1.0/a+b")(lambda: "x")
    client = TestClient(app)
    assert [client.get("/v1.0/a+b").status_code, client.get("/v1x0/a+b").status_code] == [200, 404]


@pytest.mark.parametrize(("path", "error"), [("/{a}/{a}", ValueError), ("/{a:nothing}", AssertionError)])
def test_malformed_template_is_refused(path, error):
    """4.6.5: duplicate names and unknown convertors are refused at registration."""
    with pytest.raises(error):
        FastAPI().get(path)(lambda a: a)


def test_registered_convertor_is_used():
    """4.6.5: custom convertors convert both ways; the document shows the plain name."""

    class Hexadecimal(Convertor):
        regex = "[0-9a-f]+"

        def convert(self, value):
            return int(value, 16)

        def to_string(self, value):
            return f"{value:x}"

    register_url_convertor("surfacehex", Hexadecimal())
    try:
        app = FastAPI()

        @app.get("/{h:surfacehex}")
        def read(h: int):
            return h

        assert TestClient(app).get("/ff").json() == 255
        assert TestClient(app).get("/zz").status_code == 404
        assert app.url_path_for("read", h=255) == "/ff"
        assert list(served_document(app)["paths"]) == ["/{h}"]
    finally:
        del CONVERTOR_TYPES["surfacehex"]


# 4.6.7 the scope


def test_scope_of_a_direct_route():
    """4.6.7: the scope names route, endpoint, parameters, router and app."""
    app = FastAPI()

    @app.get("/a/{n}")
    def read(request: Request, n: int):
        scope = request.scope
        return [
            scope["route"] is app.routes[-1],
            scope["endpoint"] is read,
            scope["path_params"] == {"n": "7"},
            scope["router"] is app.router,
            scope["app"] is app,
            request.path_params == {"n": "7"},
            request.app is app,
        ]

    assert TestClient(app).get("/a/7").json() == [True] * 7


def test_scope_of_an_included_route():
    """4.6.7: the scope holds the route and, under "fastapi", the effective context.

    FastAPI's `scope["route"]` is the route as declared; ours is that of the place, with the whole path, as it
    was in FastAPI until 0.136 and as tools that report routes want it.
    """
    app, router = FastAPI(), APIRouter(prefix="/r", tags=["router"])

    @router.get("/a")
    def read(request: Request):
        scope = request.scope
        context = scope["fastapi"]["effective_route_context"]
        return [
            getattr(scope["route"], "original_route", scope["route"]) is router.routes[0],
            scope["route"].path,
            context.path,
            context.tags,
            len(context.dependencies),
            "included_router" in scope["fastapi"],
        ]

    app.include_router(router, prefix="/p", tags=["include"])
    path = "/r/a" if TARGET == "fastapi" else "/p/r/a"
    assert TestClient(app).get("/p/r/a").json() == [True, path, "/p/r/a", ["include", "router"], 0, True]


def test_custom_route_may_add_scope_keys():
    """4.6.7: keys that `matches` puts under "fastapi" are merged with the framework's."""

    class Tagged(APIRoute):
        def matches(self, scope):
            match, child = super().matches(scope)
            if match != Match.NONE:
                child["fastapi"] = {**child.get("fastapi", {}), "mine": "yes"}
            return match, child

    app, router = FastAPI(), APIRouter(route_class=Tagged)

    @router.get("/a")
    def read(request: Request):
        return [request.scope["fastapi"]["mine"], request.scope["fastapi"]["effective_route_context"].path]

    app.include_router(router, prefix="/p")
    assert TestClient(app).get("/p/a").json() == ["yes", "/p/a"]


def test_first_requests_may_come_from_many_threads():
    """4.6.8: the route state is built under a lock."""
    app, router = FastAPI(), APIRouter()
    for number in range(20):
        router.get(f"/{number}/{{x}}")(lambda x: x)
    app.include_router(router, prefix="/p")
    barrier, results = threading.Barrier(8), []

    def ask(number):
        barrier.wait()
        results.append(exchange(app, "GET", f"/p/{number}/v").body)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [b'"v"'] * 8


# 4.6.9 reversing


def test_reversing_searches_the_effective_routes():
    """4.6.9: names are found in inclusions, the first inclusion first, with all parameters of the path."""
    app, router = FastAPI(), APIRouter()
    router.get("/{n}", name="named")(lambda n: n)
    app.include_router(router, prefix="/1/{v}")
    app.include_router(router, prefix="/2/{v}")
    assert app.url_path_for("named", v="x", n=3) == "/1/x/3"


@pytest.mark.parametrize(("name", "params"), [("named", {}), ("named", {"n": 1, "more": 2}), ("other", {})])
def test_reversing_needs_name_and_exact_parameters(name, params):
    """4.6.9: an unknown name or other parameters are NoMatchFound."""
    app = FastAPI()
    app.get("/{n}", name="named")(lambda n: n)
    with pytest.raises(NoMatchFound):
        app.url_path_for(name, **params)


def test_request_url_for_is_absolute():
    """4.6.9: `request.url_for` gives the absolute URL, with the root path."""
    app, router = FastAPI(), APIRouter()

    @router.get("/a/{n}")
    def read(request: Request, n: int):
        return str(request.url_for("read", n=n + 1))

    app.include_router(router, prefix="/p")
    assert TestClient(app).get("/p/a/1").json() == "http://testserver/p/a/2"
    assert TestClient(app, root_path="/proxy").get("/p/a/1").json() == "http://testserver/proxy/p/a/2"


def test_mounts_reverse_by_colon_names():
    """4.6.9: "mount:child" and the mount itself."""
    app, sub = FastAPI(), FastAPI()
    sub.get("/s/{x}", name="s")(lambda x: x)
    app.mount("/m", sub, name="mounted")
    app.host("h.example", sub, name="hosted")
    assert app.url_path_for("mounted:s", x="1") == "/m/s/1"
    assert app.url_path_for("mounted", path="/z") == "/m/z"
    assert app.url_path_for("hosted:s", x="1") == "/s/1"


# 4.7 mounts, hosts, proxies


@pytest.fixture
def mounted():
    """Return an application with a mounted one."""
    app, sub = FastAPI(title="Main"), FastAPI(title="Sub")

    @sub.get("/r")
    def where(request: Request):
        return [request.scope["root_path"], request.url.path, str(request.url_for("where"))]

    @sub.get("/k")
    def fail():
        raise KeyError

    @sub.exception_handler(KeyError)
    async def on_key(request, exc):
        return PlainTextResponse("handled below", 418)

    app.mount("/sub", sub)
    return app


def test_mounted_application_has_its_own_documents(mounted):
    """4.7: own schema with the mount path as server, own pages, absent from the parent's schema."""
    client = TestClient(mounted)
    document = client.get("/sub/openapi.json").json()
    assert (document["info"]["title"], list(document["paths"])) == ("Sub", ["/r", "/k"])
    assert document["servers"] == [{"url": "/sub"}]
    assert "/sub/openapi.json" in client.get("/sub/docs").text
    assert client.get("/openapi.json").json()["paths"] == {}


def test_mounted_application_below_a_proxy(mounted):
    """4.7: the incoming root path comes before the mount path."""
    client = TestClient(mounted, root_path="/proxy")
    assert client.get("/proxy/sub/openapi.json").json()["servers"] == [{"url": "/proxy/sub"}]
    assert client.get("/proxy/sub/r").json() == [
        "/proxy/sub",
        "/proxy/sub/r",
        "http://testserver/proxy/sub/r",
    ]


def test_mounted_application_sees_its_root_path(mounted):
    """4.7: the mount path is the root path below."""
    assert TestClient(mounted).get("/sub/r").json() == ["/sub", "/sub/r", "http://testserver/sub/r"]


def test_mounted_application_handles_its_own_errors(mounted):
    """4.7: its exception handlers are its own."""
    response = TestClient(mounted).get("/sub/k")
    assert (response.status_code, response.text) == (418, "handled below")


def test_mounted_application_has_its_own_overrides():
    """4.7: the parent's overrides do not reach a mounted application."""
    from surface_target import Depends

    def dependency():
        return "real"

    app, sub = FastAPI(), FastAPI()

    @sub.get("/d")
    def read(value=Depends(dependency)):
        return value

    app.mount("/sub", sub)
    app.dependency_overrides[dependency] = lambda: "parent"
    assert TestClient(app).get("/sub/d").json() == "real"
    sub.dependency_overrides[dependency] = lambda: "sub"
    assert TestClient(app).get("/sub/d").json() == "sub"


def test_mount_path_alone_redirects(mounted):
    """4.7: the mount path without slash is redirected to the one with it."""
    response = TestClient(mounted, follow_redirects=False).get("/sub")
    assert (response.status_code, response.headers["location"]) == (307, "http://testserver/sub/")


def test_any_asgi_application_can_be_mounted():
    """4.7: `mount` takes any ASGI application; its order among routes counts."""

    async def asgi(scope, receive, send):
        await PlainTextResponse(scope["path"] + "|" + scope["root_path"])(scope, receive, send)

    app = FastAPI()
    app.get("/m/first")(lambda: "route")
    app.mount("/m", asgi)
    app.get("/m/second")(lambda: "route")
    client = TestClient(app)
    assert client.get("/m/first").json() == "route"
    assert client.get("/m/second").text == "/m/second|/m"


def test_host_serves_by_host_name():
    """4.7: `host` dispatches on the Host header and may capture parameters."""
    app, sub = FastAPI(), FastAPI()

    @sub.get("/a")
    def read(request: Request):
        return request.path_params

    app.host("{tenant}.example", sub, name="tenants")
    app.get("/a")(lambda: "main")
    assert TestClient(app, base_url="http://acme.example").get("/a").json() == {"tenant": "acme"}
    assert TestClient(app).get("/a").json() == "main"


# 4.8 unique ids


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("/items/{item_id}", "read_item", "read_item_items__item_id__get"),
        ("/x-y.z/{p:path}", "n", "n_x_y_z__p__get"),
        ("/", "r", "r__get"),
        ("/é", "n", "n_é_get"),
    ],
)
def test_default_unique_id(path, name, expected):
    """4.8: name, path format, method; every non-word character becomes an underscore."""
    app = FastAPI()
    app.get(path, name=name)(lambda: None)
    assert app.routes[-1].unique_id == expected
    assert served_document(app)["paths"][app.routes[-1].path_format]["get"]["operationId"] == expected


def test_operation_id_overrides_the_unique_id():
    """4.8: an explicit operation id is used as it is."""
    app = FastAPI()
    app.get("/a", operation_id="my own id")(lambda: None)
    assert app.routes[-1].unique_id == "my own id"


def test_several_methods_share_one_id_and_warn():
    """4.8: one id for all methods of a route, with a warning about the duplicate."""
    app = FastAPI()
    app.api_route("/a", methods=["PUT", "POST"], name="n")(lambda: None)
    with pytest.warns(UserWarning, match="Duplicate Operation ID"):
        operations = served_document(app)["paths"]["/a"]
    ids = {operation["operationId"] for operation in operations.values()}
    # quirk: section 24.7, the suffix is that of whichever method the set yields first
    assert ids in ({"n_a_put"}, {"n_a_post"})
