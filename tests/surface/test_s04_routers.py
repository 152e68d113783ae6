"""Sections 4.1 to 4.4 of the surface document: the router, the options of a route, the route object."""

import pytest
from raw_asgi import exchange
from starlette.routing import Match, Mount, Route
from surface_target import (
    APIRoute,
    APIRouter,
    Depends,
    FastAPI,
    PlainTextResponse,
    Request,
    TestClient,
    WebSocket,
    load,
    served_document,
)


def alone(router):
    """Return the router as an application: FastAPI needs its exit stack around a router that no app holds."""
    return load("middleware.asyncexitstack").AsyncExitStackMiddleware(router)


def operation(app, path="/a", method="get"):
    """Return the documented operation of `path`."""
    return served_document(app)["paths"][path][method]


# 4.1 the router's constructor


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("prefix", ""),
        ("tags", []),
        ("dependencies", []),
        ("responses", {}),
        ("callbacks", []),
        ("routes", []),
        ("redirect_slashes", True),
        ("route_class", APIRoute),
        ("on_startup", []),
        ("on_shutdown", []),
        ("deprecated", None),
        ("include_in_schema", True),
        ("max_body_size", None),
    ],
)
def test_router_attribute_holds_the_default(name, value):
    """4.1: the router keeps its settings under the argument names."""
    assert getattr(APIRouter(), name) == value


def test_router_takes_keywords_only():
    """4.1: every argument of the router is keyword only."""
    with pytest.raises(TypeError):
        APIRouter("/prefix")


@pytest.mark.parametrize("prefix", ["a", "a/b", "/a/", "/"])
def test_malformed_prefix_is_refused(prefix):
    """4.1: a prefix must start with "/" and must not end with it, on the router and at inclusion."""
    with pytest.raises(AssertionError):
        APIRouter(prefix=prefix)
    with pytest.raises(AssertionError):
        FastAPI().include_router(APIRouter(), prefix=prefix)


def test_router_is_an_application_of_its_own():
    """4.1: a router can be served alone, below its own prefix."""
    router = APIRouter(prefix="/p")
    router.get("/a/{n}")(lambda n: n)
    done = exchange(alone(router), "GET", "/p/a/7")
    assert (done.status, done.body) == (200, b'"7"')


def test_router_served_alone_answers_404_itself():
    """4.1: alone, a router says 404 and 405 as plain text, for nobody handles the exception."""
    router = APIRouter()
    router.get("/a")(lambda: None)
    done = exchange(router, "GET", "/none")
    assert (done.status, done.body) == (404, b"Not Found")


def test_router_can_be_mounted():
    """4.1: a mounted router serves below the mount path and is not documented."""
    app, router = FastAPI(), APIRouter()
    router.get("/a")(lambda: "mounted")
    app.mount("/m", router)
    assert TestClient(app).get("/m/a").json() == "mounted"
    assert served_document(app)["paths"] == {}


def test_default_application_answers_what_nothing_matches():
    """4.1 default: the ASGI application for no match."""

    async def fallback(scope, receive, send):
        await PlainTextResponse("fallback", 299)(scope, receive, send)

    router = APIRouter(default=fallback)
    router.get("/a")(lambda: "a")
    assert exchange(alone(router), "GET", "/a").body == b'"a"'
    assert exchange(alone(router), "GET", "/b").status == 299


def test_router_level_body_limit_applies_when_served_alone():
    """4.1 max_body_size: a router served alone keeps its own limit."""
    router = APIRouter(max_body_size=3)

    @router.post("/a")
    async def read(request: Request):
        return len(await request.body())

    assert exchange(alone(router), "POST", "/a", b"123").body == b"3"
    assert exchange(alone(router), "POST", "/a", b"1234", headers=[(b"content-length", b"4")]).status == 413


@pytest.mark.parametrize("size", [True, 1.0, "1", -1])
def test_malformed_body_limit_is_refused(size):
    """4.1 max_body_size: only a non-negative int."""
    with pytest.raises(ValueError):
        APIRouter(max_body_size=size)


def test_router_routes_argument_is_taken_over():
    """4.1 routes: a list of ready routes."""

    async def endpoint(request):
        return PlainTextResponse("raw")

    router = APIRouter(routes=[Route("/raw", endpoint)])
    app = FastAPI()
    app.include_router(router, prefix="/p")
    assert TestClient(app).get("/p/raw").text == "raw"


def test_router_settings_reach_its_routes():
    """4.1 every shared setting of a router reaches its routes."""
    seen = []
    router = APIRouter(
        prefix="/r",
        tags=["t"],
        dependencies=[Depends(lambda: seen.append("dep"))],
        responses={418: {"description": "Teapot"}},
        default_response_class=PlainTextResponse,
        deprecated=True,
    )
    router.get("/a")(lambda: "text")
    app = FastAPI()
    app.include_router(router)
    response = TestClient(app).get("/r/a")
    assert (response.text, seen) == ("text", ["dep"])
    documented = operation(app, "/r/a")
    assert documented["tags"] == ["t"]
    assert documented["deprecated"] is True
    assert documented["responses"]["418"] == {"description": "Teapot"}
    assert documented["responses"]["200"]["content"] == {"text/plain": {"schema": {"type": "string"}}}


def test_router_redirect_slashes_false_alone():
    """4.1 redirect_slashes: False answers 404 for the other form."""
    router = APIRouter(redirect_slashes=False)
    router.get("/a")(lambda: None)
    assert exchange(router, "GET", "/a/").status == 404
    plain = APIRouter()
    plain.get("/a")(lambda: None)
    assert exchange(plain, "GET", "/a/").status == 307


# 4.2 the router's methods


@pytest.mark.parametrize("verb", ["get", "put", "post", "delete", "options", "head", "patch", "trace"])
def test_router_has_every_verb(verb):
    """4.2: the same verbs as the app; the function comes back unchanged."""

    def endpoint():
        return None

    app, router = FastAPI(), APIRouter()
    assert getattr(router, verb)("/v")(endpoint) is endpoint
    app.include_router(router)
    assert TestClient(app).request(verb, "/v").status_code == 200


def test_add_api_route_takes_a_route_class_and_callbacks():
    """4.2: `add_api_route` of the router alone takes these three options."""

    class Named(APIRoute):
        pass

    router = APIRouter()
    router.add_api_route(
        "/a",
        lambda: None,
        methods=["PUT"],
        route_class_override=Named,
        callbacks=[],
        strict_content_type=False,
    )
    route = router.routes[0]
    assert type(route) is Named
    assert route.methods == {"PUT"}
    assert route.strict_content_type is False


def test_api_route_takes_methods():
    """4.2: `api_route` is the decorator for several methods."""
    app, router = FastAPI(), APIRouter()
    router.api_route("/a", methods=["get", "Post"])(lambda: "x")
    app.include_router(router)
    client = TestClient(app)
    assert [client.request(m, "/a").status_code for m in ("GET", "POST", "PUT")] == [200, 200, 405]


def test_router_websocket_forms():
    """4.2: `websocket`, `add_api_websocket_route`, `websocket_route`, `add_websocket_route`."""
    router = APIRouter(prefix="/p")

    async def injected(websocket: WebSocket, who: str = "nobody"):
        await websocket.accept()
        await websocket.send_text(who)
        await websocket.close()

    async def raw(websocket):
        await injected(websocket, "raw")

    assert router.websocket("/a", name="named")(injected) is injected
    router.add_api_websocket_route("/b", injected)
    router.websocket_route("/c")(raw)
    router.add_websocket_route("/d", raw)
    app = FastAPI()
    app.include_router(router, prefix="/q")
    client, got = TestClient(app), []
    for path in ("/q/p/a?who=me", "/q/p/b"):
        with client.websocket_connect(path) as session:
            got.append(session.receive_text())
    assert got == ["me", "nobody"]
    assert app.url_path_for("named") == "/q/p/a"


@pytest.mark.parametrize("path", ["/c", "/d"])
def test_raw_websocket_routes_of_a_router_are_reached(path):
    """4.2: raw websocket routes get no injection and do not take the router's own prefix."""
    router = APIRouter()

    async def raw(websocket):
        await websocket.accept()
        await websocket.send_text("raw")
        await websocket.close()

    router.websocket_route("/c")(raw)
    router.add_websocket_route("/d", raw)
    app = FastAPI()
    app.include_router(router, prefix="/q")
    with TestClient(app).websocket_connect("/q" + path) as session:
        assert session.receive_text() == "raw"


@pytest.mark.parametrize("path", ["/q/route", "/q/added", "/q/mounted/", "/q/prefixed/route"])
def test_prefix_of_a_router_is_not_that_of_its_raw_routes(path):
    """4.2 and 4.5: raw routes and mounts stand below the prefixes of inclusions alone."""
    outer, inner = APIRouter(prefix="/outer"), APIRouter(prefix="/inner")
    inner.add_route("/route", lambda request: PlainTextResponse("found"))
    outer.route("/route")(lambda request: PlainTextResponse("found"))
    outer.add_route("/added", lambda request: PlainTextResponse("found"))
    outer.mount("/mounted", PlainTextResponse("found"))
    app = FastAPI()
    app.include_router(outer, prefix="/q")
    app.include_router(inner, prefix="/q/prefixed")
    assert TestClient(app).get(path).text == "found"


def test_raw_routes_take_the_request():
    """4.2: `route` and `add_route` register raw Starlette endpoints, without injection."""
    router = APIRouter()

    @router.route("/a")
    async def by_decorator(request):
        return PlainTextResponse(request.url.path)

    router.add_route("/b", by_decorator, methods=["POST"])
    app = FastAPI()
    app.include_router(router, prefix="/p")
    client = TestClient(app)
    assert [client.get("/p/a").text, client.post("/p/b").text, client.get("/p/b").status_code] == [
        "/p/a",
        "/p/b",
        405,
    ]


def test_event_handlers_of_a_router_run():
    """4.2: `add_event_handler` registers start and stop callables."""
    log, router = [], APIRouter()
    router.add_event_handler("startup", lambda: log.append("up"))
    router.add_event_handler("shutdown", lambda: log.append("down"))
    with TestClient(router):
        assert log == ["up"]
    assert log == ["up", "down"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_router_on_event_runs():
    """4.2: the deprecated `on_event` of a router works when it is served alone."""
    log, router = [], APIRouter()
    router.on_event("startup")(lambda: log.append("up"))
    with TestClient(router):
        assert log == ["up"]


def test_router_mount_and_host_are_prefixed():
    """4.2 and 4.5: `mount` and `host` of an included router keep working below the prefix."""
    sub = FastAPI()
    sub.get("/a")(lambda: "sub")
    router = APIRouter()
    router.mount("/m", sub)
    router.host("api.example", sub)
    app = FastAPI()
    app.include_router(router, prefix="/p")
    assert TestClient(app).get("/p/m/a").json() == "sub"
    assert TestClient(app, base_url="http://api.example").get("/p/a").json() == "sub"


@pytest.mark.parametrize("name", ["matches", "handle", "url_path_for", "not_found", "lifespan", "frontend"])
def test_router_has_its_hooks(name):
    """4.2: the hooks and lookups exist."""
    assert callable(getattr(APIRouter(), name))


@pytest.mark.parametrize(
    "name", ["add_middleware", "middleware", "exception_handler", "add_exception_handler"]
)
def test_router_has_no_middleware_and_no_handlers(name):
    """4.2: FastAPI offers neither middleware nor exception handlers per router."""
    assert not hasattr(APIRouter(), name)


def test_router_matches_hook_decides_on_its_routes():
    """4.2: `matches` of a router is a hook that decides whether it takes part."""

    class Versioned(APIRouter):
        def matches(self, scope):
            if (b"x-version", b"2") not in scope["headers"]:
                return Match.NONE, {}
            return super().matches(scope)

    router, app = Versioned(), FastAPI()
    router.get("/a")(lambda: "two")
    app.include_router(router)
    app.get("/a")(lambda: "one")
    client = TestClient(app)
    assert [client.get("/a").json(), client.get("/a", headers={"x-version": "2"}).json()] == ["one", "two"]


def test_router_handle_hook_wraps_its_routes():
    """4.2: `handle` of a router is a hook around whatever it matched."""
    seen = []

    class Watched(APIRouter):
        async def handle(self, scope, receive, send):
            seen.append(scope["path"])
            await super().handle(scope, receive, send)

    router, app = Watched(), FastAPI()
    router.get("/a")(lambda: "a")
    app.include_router(router, prefix="/p")
    app.get("/b")(lambda: "b")
    client = TestClient(app)
    assert [client.get("/p/a").json(), client.get("/b").json(), seen] == ["a", "b", ["/p/a"]]


def test_routing_module_reexports_mount():
    """4.2: `routing.Mount` is Starlette's."""
    assert load("routing").Mount is Mount
