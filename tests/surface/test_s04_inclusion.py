"""Section 4.5 of the surface document: including routers."""

from contextlib import asynccontextmanager

import pytest
from starlette.routing import BaseRoute, Match, Route
from surface_target import (
    APIRoute,
    APIRouter,
    Depends,
    FastAPI,
    FastAPIError,
    PlainTextResponse,
    Request,
    TestClient,
    WebSocket,
    iter_route_contexts,
    load,
    served_document,
)


def router_with(path="/a", result="a", **options):
    """Return a router with one route."""
    router = APIRouter(**options)
    router.get(path, name="the_route")(lambda: result)
    return router


def log_dependency(log, name):
    """Return a dependency that records its name."""
    return Depends(lambda: log.append(name))


def text_class(name):
    """Return a response class that is known by its media type."""
    return type(name, (PlainTextResponse,), {"media_type": f"text/{name}"})


def callbacks_of(name):
    """Return the routes of a callback router with one callback."""
    router = APIRouter()
    router.post("{$url}/" + name, name=name, operation_id=name)(lambda: None)
    return router.routes


# Live inclusion


def test_include_router_takes_keywords_only():
    """4.5: everything but the router is keyword only."""
    with pytest.raises(TypeError):
        FastAPI().include_router(router_with(), "/prefix")


def test_routes_added_after_inclusion_are_served_everywhere():
    """4.5.1: a route added later is reachable and documented in every inclusion."""
    app, router = FastAPI(), APIRouter()
    app.include_router(router, prefix="/x")
    app.include_router(router, prefix="/y")
    client = TestClient(app)
    assert client.get("/x/late").status_code == 404
    router.get("/late")(lambda: "late")
    assert [client.get("/x/late").json(), client.get("/y/late").json()] == ["late", "late"]
    assert list(served_document(app)["paths"]) == ["/x/late", "/y/late"]


def test_routers_added_after_inclusion_are_served():
    """4.5.1: a sub-router included later is reachable and documented."""
    app, outer, inner = FastAPI(), APIRouter(), APIRouter()
    app.include_router(outer, prefix="/o")
    outer.include_router(inner, prefix="/i")
    inner.get("/late")(lambda: "late")
    assert TestClient(app).get("/o/i/late").json() == "late"
    assert list(served_document(app)["paths"]) == ["/o/i/late"]


def test_one_router_can_be_included_by_many_applications():
    """4.5: inclusions do not disturb each other."""
    router = router_with(prefix="/r")
    first, second = FastAPI(), FastAPI()
    first.include_router(router, prefix="/1")
    second.include_router(router, prefix="/2")
    assert TestClient(first).get("/1/r/a").json() == "a"
    assert TestClient(second).get("/2/r/a").json() == "a"
    assert TestClient(second).get("/1/r/a").status_code == 404


def test_self_inclusion_is_refused():
    """4.5.3: a router cannot include itself."""
    router = APIRouter()
    with pytest.raises(AssertionError):
        router.include_router(router)


def test_cyclic_inclusion_is_refused():
    """4.5.3: a router cannot include one that includes it, at any depth."""
    a, b, c = APIRouter(), APIRouter(), APIRouter()
    a.include_router(b, prefix="/b")
    b.include_router(c, prefix="/c")
    with pytest.raises(AssertionError):
        c.include_router(a, prefix="/a")


def test_empty_prefix_with_empty_path_is_refused():
    """4.5.3: no prefix and an empty path is an error when the router is included."""
    with pytest.raises(FastAPIError):
        FastAPI().include_router(router_with(""))


def test_empty_path_with_prefix_is_the_prefix():
    """4.5.3: an empty path below a prefix is the prefix itself."""
    app = FastAPI()
    app.include_router(router_with(""), prefix="/e")
    client = TestClient(app, follow_redirects=False)
    assert client.get("/e").json() == "a"
    assert client.get("/e/").status_code == 307


# Route contexts


def test_route_contexts_are_flat_and_effective():
    """4.5.2: `iter_route_contexts` yields each route with its full path and merged data, in order."""
    app, outer, inner = (
        FastAPI(openapi_url=None),
        APIRouter(tags=["outer"]),
        router_with("/{n}", tags=["inner"]),
    )
    outer.include_router(inner, prefix="/i", dependencies=[Depends(lambda: None)])
    app.get("/first")(lambda: None)
    app.include_router(outer, prefix="/o", tags=["include"])
    app.post("/last")(lambda: None)
    contexts = list(iter_route_contexts(app.routes))
    assert [context.path for context in contexts] == ["/first", "/o/i/{n}", "/last"]
    context = contexts[1]
    assert (context.path_format, context.name, context.methods) == ("/o/i/{n}", "the_route", {"GET"})
    assert context.tags == ["include", "outer", "inner"]
    assert len(context.dependencies) == 1
    assert context.endpoint is inner.routes[0].endpoint
    assert context.original_route is inner.routes[0]
    assert list(context.param_convertors) == ["n"]


def test_route_contexts_include_raw_routes():
    """4.5.2: raw routes have contexts too."""
    contexts = list(iter_route_contexts(FastAPI().routes))
    assert [context.path for context in contexts] == [
        "/openapi.json",
        "/docs",
        "/docs/oauth2-redirect",
        "/redoc",
    ]
    assert isinstance(contexts[0].route, Route)


def test_filtered_route_contexts_make_a_document():
    """4.5.2: contexts may be filtered and handed to `get_openapi`."""
    app = FastAPI()
    app.include_router(router_with(), prefix="/x")
    app.include_router(router_with(), prefix="/y")
    chosen = [context for context in iter_route_contexts(app.routes) if context.path.startswith("/y")]
    document = load("openapi.utils").get_openapi(title="T", version="1", routes=chosen)
    assert list(document["paths"]) == ["/y/a"]


# Effective values


def test_paths_concatenate_and_prefix_parameters_are_visible():
    """4.5.4 path: prefixes concatenate; their parameters reach endpoint and dependencies."""

    def dependency(v: str):
        return v

    app, outer, inner = FastAPI(), APIRouter(prefix="/o"), APIRouter(prefix="/i/{w:int}")

    @inner.get("/{n}")
    def read(v: str, w: int, n: int, dep: str = Depends(dependency)):
        return [v, w, n, dep]

    outer.include_router(inner, prefix="/{v}")
    app.include_router(outer, prefix="/p")
    client = TestClient(app)
    assert client.get("/p/o/vee/i/2/3").json() == ["vee", 2, 3, "vee"]
    assert client.get("/p/o/vee/i/x/3").status_code == 404
    assert client.get("/p/o/vee/i/2/x").json()["detail"][0]["loc"] == ["path", "n"]
    operation = served_document(app)["paths"]["/p/o/{v}/i/{w}/{n}"]["get"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["v", "w", "n"]


def test_tags_concatenate_from_outside_in():
    """4.5.4 tags: app router, include call, router, route; duplicates stay."""
    app, outer, inner = FastAPI(), APIRouter(tags=["outer"]), APIRouter(tags=["inner", "twice"])
    inner.get("/a", tags=["route", "twice"])(lambda: None)
    outer.include_router(inner, tags=["include inner"])
    app.include_router(outer, tags=["include outer"])
    assert served_document(app)["paths"]["/a"]["get"]["tags"] == [
        "include outer",
        "outer",
        "include inner",
        "inner",
        "twice",
        "route",
        "twice",
    ]


def test_dependencies_run_from_outside_in():
    """4.5.4 dependencies: outermost first, the endpoint's own last."""
    log = []
    app = FastAPI(dependencies=[log_dependency(log, "app")])
    outer = APIRouter(dependencies=[log_dependency(log, "outer")])
    inner = APIRouter(dependencies=[log_dependency(log, "inner")])

    @inner.get("/a", dependencies=[log_dependency(log, "route")])
    def read(own=log_dependency(log, "signature")):
        log.append("endpoint")

    outer.include_router(inner, dependencies=[log_dependency(log, "include inner")])
    app.include_router(outer, dependencies=[log_dependency(log, "include outer")])
    TestClient(app).get("/a")
    assert log == [
        "app",
        "include outer",
        "outer",
        "include inner",
        "inner",
        "route",
        "signature",
        "endpoint",
    ]


def test_responses_merge_with_the_inner_winning():
    """4.5.4 responses: merged by status, the inner one wins."""

    def described(text, *codes):
        return {code: {"description": text} for code in codes}

    app = FastAPI(responses=described("app", 400, 401))
    router = APIRouter(responses=described("router", 404, 418))
    router.get("/a", responses=described("route", 418))(lambda: None)
    app.include_router(router, responses=described("include", 400, 404))
    responses = served_document(app)["paths"]["/a"]["get"]["responses"]
    assert {code: response["description"] for code, response in responses.items()} == {
        "200": "Successful Response",
        "400": "include",
        "401": "app",
        "404": "router",
        "418": "route",
    }


def test_callbacks_concatenate():
    """4.5.4 callbacks: concatenated from outside in."""
    app, router = FastAPI(callbacks=callbacks_of("app")), APIRouter(callbacks=callbacks_of("router"))
    router.get("/a", callbacks=callbacks_of("route"))(lambda: None)
    app.include_router(router, callbacks=callbacks_of("include"))
    documented = served_document(app)["paths"]["/a"]["get"]["callbacks"]
    assert list(documented) == ["app", "include", "router", "route"]


@pytest.mark.parametrize("place", ["app", "include", "router", "route", None])
def test_deprecated_anywhere_marks_the_operation(place):
    """4.5.4 deprecated: OR over all levels."""
    settings = {
        level: {"deprecated": True} if level == place else {}
        for level in ("app", "include", "router", "route")
    }
    app, router = FastAPI(**settings["app"]), APIRouter(**settings["router"])
    router.get("/a", **settings["route"])(lambda: None)
    app.include_router(router, **settings["include"])
    assert served_document(app)["paths"]["/a"]["get"].get("deprecated") is (True if place else None)


@pytest.mark.parametrize("place", ["app", "include", "router", "route", None])
def test_include_in_schema_false_anywhere_hides_the_operation(place):
    """4.5.4 include_in_schema: AND over all levels."""
    settings = {
        level: {"include_in_schema": False} if level == place else {}
        for level in ("app", "include", "router", "route")
    }
    app, router = FastAPI(**settings["app"]), APIRouter(**settings["router"])
    router.get("/a", **settings["route"])(lambda: None)
    app.include_router(router, **settings["include"])
    assert list(served_document(app)["paths"]) == ([] if place else ["/a"])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/own", "text/route"),
        ("/inner/a", "text/inner"),
        ("/included/a", "text/include"),
        ("/outer/a", "text/outer"),
        ("/app/a", "text/app"),
    ],
)
def test_response_class_is_the_innermost_that_was_set(path, expected):
    """4.5.4 response_class: route, included router, include call, parent router, app."""
    app, outer = (
        FastAPI(default_response_class=text_class("app")),
        APIRouter(default_response_class=text_class("outer")),
    )
    inner = router_with(default_response_class=text_class("inner"))
    outer.get("/own", response_class=text_class("route"))(lambda: "a")
    outer.include_router(inner, prefix="/inner", default_response_class=text_class("include"))
    outer.include_router(router_with(), prefix="/included", default_response_class=text_class("include"))
    outer.include_router(router_with(), prefix="/outer")
    app.include_router(outer)
    app.include_router(router_with(), prefix="/app")
    response = TestClient(app).get(path)
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/own", "route-own"),
        ("/inner/a", "inner-the_route"),
        ("/included/a", "include-/included/a"),
        ("/app/a", "app"),
    ],
)
def test_unique_id_function_is_the_innermost_that_was_set(path, expected):
    """4.5.4: the unique-id function is found like the response class, and sees the full path."""
    app = FastAPI(generate_unique_id_function=lambda route: "app")
    app.get("/own", name="own", generate_unique_id_function=lambda route: f"route-{route.name}")(lambda: None)
    inner = router_with(generate_unique_id_function=lambda route: f"inner-{route.name}")
    by_include = {"generate_unique_id_function": lambda route: f"include-{route.path_format}"}
    app.include_router(inner, prefix="/inner", **by_include)
    app.include_router(router_with(), prefix="/included", **by_include)
    app.include_router(router_with(), prefix="/app")
    assert served_document(app)["paths"][path]["get"]["operationId"] == expected


@pytest.mark.parametrize(
    ("app_strict", "router_options", "status"),
    [
        (True, {}, 422),
        (False, {}, 200),
        (True, {"strict_content_type": False}, 200),
        (False, {"strict_content_type": True}, 422),
    ],
)
def test_strict_content_type_is_the_innermost_that_was_set(app_strict, router_options, status):
    """4.5.4 strict_content_type: the router's, else the app's."""
    app, router = FastAPI(strict_content_type=app_strict), APIRouter(**router_options)

    @router.post("/a")
    def read(data: dict):
        return data

    app.include_router(router)
    assert TestClient(app).post("/a", content=b"{}").status_code == status


def test_include_call_has_no_strict_content_type():
    """4.5.4 strict_content_type: the include call does not take it."""
    with pytest.raises(TypeError):
        FastAPI().include_router(APIRouter(), strict_content_type=False)


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/app/a", 8), ("/included/a", 6), ("/router/a", 4), ("/raised/a", 16), ("/raised/own", 2)],
)
def test_body_limit_is_the_innermost_that_was_set(path, limit):
    """4.5.4 max_body_size: route, router, include call, app; an inner one may raise it."""

    async def read(request: Request):
        return len(await request.body())

    bare, limited, app = APIRouter(), APIRouter(max_body_size=4), FastAPI(max_body_size=8)
    bare.post("/a")(read)
    bare.post("/own", max_body_size=2)(read)
    limited.post("/a")(read)
    app.include_router(bare, prefix="/app")
    app.include_router(bare, prefix="/included", max_body_size=6)
    app.include_router(limited, prefix="/router", max_body_size=6)
    app.include_router(bare, prefix="/raised", max_body_size=16)
    client = TestClient(app)
    assert client.post(path, content=b"x" * limit).json() == limit
    assert client.post(path, content=b"x" * (limit + 1)).status_code == 413


def test_form_limits_inherit_key_by_key():
    """4.5.4 form_limits: each key on its own, the innermost wins."""
    form = load().Form
    app, router = FastAPI(form_limits={"max_fields": 1, "max_part_size": 4}), APIRouter()

    @router.post("/a")
    def read(a: str = form(), b: str = form("")):
        return a + b

    app.include_router(router, prefix="/outer")
    app.include_router(router, prefix="/more", form_limits={"max_fields": 2})
    client = TestClient(app)

    def status(path, **parts):
        return client.post(path, files={name: (None, value) for name, value in parts.items()}).status_code

    assert [status("/outer/a", a="1"), status("/outer/a", a="1", b="2")] == [200, 400]
    assert [status("/more/a", a="1", b="2"), status("/more/a", a="12345")] == [200, 400]


def test_overrides_are_those_of_the_including_application():
    """4.5.4 overrides: each including app has its own dependency overrides."""

    def dependency():
        return "real"

    router, first, second = APIRouter(), FastAPI(), FastAPI()

    @router.get("/a")
    def read(value=Depends(dependency)):
        return value

    first.include_router(router)
    second.include_router(router)
    first.dependency_overrides[dependency] = lambda: "fake"
    assert [TestClient(app).get("/a").json() for app in (first, second)] == ["fake", "real"]


def test_operation_ids_are_separate_per_inclusion():
    """4.5.5: the same route included twice has two operation ids."""
    app, router = FastAPI(), router_with()
    app.include_router(router, prefix="/x")
    app.include_router(router, prefix="/y")
    paths = served_document(app)["paths"]
    assert [paths[path]["get"]["operationId"] for path in ("/x/a", "/y/a")] == [
        "the_route_x_a_get",
        "the_route_y_a_get",
    ]


# Other kinds of routes


def test_websocket_routes_are_prefixed_and_keep_dependencies():
    """4.5.6: websocket routes of an included router take prefix and dependencies."""
    log = []
    app, router = FastAPI(), APIRouter(dependencies=[log_dependency(log, "router")])

    @router.websocket("/w", dependencies=[log_dependency(log, "route")])
    async def talk(websocket: WebSocket, v: str):
        await websocket.accept()
        await websocket.send_text(v)
        await websocket.close()

    app.include_router(router, prefix="/{v}", dependencies=[log_dependency(log, "include")])
    with TestClient(app).websocket_connect("/hello/w") as session:
        assert session.receive_text() == "hello"
    assert log == ["include", "router", "route"]


def test_raw_routes_mounts_and_hosts_are_prefixed():
    """4.5.6: Starlette routes, mounts and hosts are rebuilt below the prefix."""
    app, router, sub = FastAPI(), APIRouter(), FastAPI()
    sub.get("/s")(lambda: "sub")

    async def raw(request):
        return PlainTextResponse(request.url.path)

    router.add_route("/raw", raw, name="raw")
    router.mount("/m", sub, name="mounted")
    router.host("h.example", sub)
    app.include_router(router, prefix="/p")
    client = TestClient(app)
    assert client.get("/p/raw").text == "/p/raw"
    assert client.get("/p/m/s").json() == "sub"
    assert TestClient(app, base_url="http://h.example").get("/p/s").json() == "sub"
    assert client.get("/raw").status_code == 404
    assert app.url_path_for("raw") == "/p/raw"


def test_unknown_routes_are_ignored():
    """4.5.6: other BaseRoute subclasses inside an included router are not served."""

    class Always(BaseRoute):
        def matches(self, scope):
            return Match.FULL, {}

        async def handle(self, scope, receive, send):
            await PlainTextResponse("always")(scope, receive, send)

    app = FastAPI()
    app.include_router(APIRouter(routes=[Always()]))
    assert TestClient(app).get("/anything").status_code == 404


# Lifespans and events


def lifespan_of(log, name):
    """Return a lifespan that records its phases and yields state."""

    @asynccontextmanager
    async def lifespan(app):
        log.append(f"{name} in")
        yield {"shared": name, name: True}
        log.append(f"{name} out")

    return lifespan


def test_lifespans_nest_and_the_parent_state_wins():
    """4.5.7: the parent enters first and leaves last; its state wins on equal keys."""
    log = []
    app = FastAPI(lifespan=lifespan_of(log, "app"))
    outer, inner = (
        APIRouter(lifespan=lifespan_of(log, "outer")),
        APIRouter(lifespan=lifespan_of(log, "inner")),
    )

    @inner.get("/a")
    def read(request: Request):
        return request.scope["state"]

    outer.include_router(inner)
    app.include_router(outer)
    with TestClient(app) as client:
        assert client.get("/a").json() == {"shared": "app", "app": True, "outer": True, "inner": True}
    assert log == ["app in", "outer in", "inner in", "inner out", "outer out", "app out"]


def test_events_run_around_an_included_lifespan():
    """4.5.7: the parent's start callables run before the included router's lifespan."""
    log = []
    app = FastAPI(on_startup=[lambda: log.append("up")], on_shutdown=[lambda: log.append("down")])
    app.include_router(APIRouter(lifespan=lifespan_of(log, "router")))
    with TestClient(app):
        pass
    assert log == ["up", "router in", "router out", "down"]


def test_router_events_run_when_the_parent_has_a_lifespan():
    """4.5.7: a router's own callables run once when the parent has a lifespan."""
    log = []
    app = FastAPI(lifespan=lifespan_of(log, "app"))
    app.include_router(
        APIRouter(on_startup=[lambda: log.append("up")], on_shutdown=[lambda: log.append("down")])
    )
    with TestClient(app):
        pass
    assert log == ["app in", "up", "down", "app out"]


def test_router_events_run_with_default_lifespans():
    """4.5.7: callables of an included router run; how often is upstream's quirk."""
    log = []
    app = FastAPI(on_startup=[lambda: log.append("app up")], on_shutdown=[lambda: log.append("app down")])
    app.include_router(
        APIRouter(on_startup=[lambda: log.append("up")], on_shutdown=[lambda: log.append("down")])
    )
    with TestClient(app):
        pass
    # quirk: section 24.17, the handlers run twice upstream, once when that is mended
    assert log in (
        ["app up", "up", "up", "down", "app down", "down"],
        ["app up", "up", "down", "app down"],
        ["app up", "up", "app down", "down"],
    )


def test_lifespan_of_a_mounted_application_does_not_run():
    """4.5.7 and 13: upstream never runs the lifespan of a mounted application."""
    log = []
    app = FastAPI()
    app.mount("/sub", FastAPI(lifespan=lifespan_of(log, "sub")))
    with TestClient(app):
        pass
    assert log == []


def test_included_routes_keep_their_class():
    """4.5: routes stay what they are; the context points at the original object."""

    class Marked(APIRoute):
        pass

    app, router = FastAPI(openapi_url=None), router_with(route_class=Marked)
    app.include_router(router)
    (context,) = iter_route_contexts(app.routes)
    assert type(context.original_route) is Marked
