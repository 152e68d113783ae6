"""Section 3 of the surface document: lifespan, methods, call sequence and document of the application."""

import http
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from surface_target import (
    APIRouter,
    FastAPI,
    File,
    HTTPException,
    Middleware,
    PlainTextResponse,
    Request,
    Response,
    TestClient,
    UploadFile,
    WebSocket,
    load,
    served_document,
)


def app_with_item(**options: Any) -> Any:
    """Return an application with one route."""
    app = FastAPI(**options)

    @app.get("/item")
    def read_item() -> dict[str, int]:
        return {"a": 1}

    return app


def test_startup_and_shutdown_callables_run() -> None:
    """3.1 on_startup, on_shutdown: sync and async callables run around the app's life, in order."""
    log: list[str] = []

    async def start() -> None:
        log.append("async start")

    async def stop() -> None:
        log.append("async stop")

    app = FastAPI(
        on_startup=[lambda: log.append("start"), start], on_shutdown=[lambda: log.append("stop"), stop]
    )
    with TestClient(app):
        log.append("alive")
    assert log == ["start", "async start", "alive", "stop", "async stop"]


def test_lifespan_is_an_async_context_manager(backend: str) -> None:
    """3.1 lifespan: an async context manager factory; what it yields becomes the request state."""
    log: list[str] = []

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, str]]:
        log.append(app.title)
        yield {"db": "open"}
        log.append("closed")

    app = FastAPI(title="T", lifespan=lifespan)

    @app.get("/")
    def read(request: Request) -> Any:
        return request.state.db

    with TestClient(app, backend=backend) as client:
        assert client.get("/").json() == "open"
    assert log == ["T", "closed"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_lifespan_is_an_async_generator_function() -> None:
    """3.1 lifespan: an async generator function works too."""
    log: list[str] = []

    async def lifespan(app: Any) -> AsyncIterator[None]:
        log.append("in")
        yield
        log.append("out")

    with TestClient(FastAPI(lifespan=lifespan)):
        assert log == ["in"]
    assert log == ["in", "out"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_lifespan_is_a_sync_generator_function() -> None:
    """3.1 lifespan: a sync generator function works too."""
    log: list[str] = []

    def lifespan(app: Any) -> Iterator[None]:
        log.append("in")
        yield
        log.append("out")

    with TestClient(FastAPI(lifespan=lifespan)):
        assert log == ["in"]
    assert log == ["in", "out"]


@pytest.mark.parametrize("verb", ["get", "put", "post", "delete", "options", "head", "patch", "trace"])
def test_verb_decorator_registers_its_method(verb: str) -> None:
    """3.3: one decorator per verb; it registers that method alone and returns the function."""
    app = FastAPI()

    def endpoint() -> None:
        return None

    assert getattr(app, verb)("/v")(endpoint) is endpoint
    client = TestClient(app)
    assert client.request(verb.upper(), "/v").status_code == 200
    assert client.request("GET" if verb != "get" else "POST", "/v").status_code == 405


def test_add_api_route_and_api_route() -> None:
    """3.3: `add_api_route` and `api_route` take methods; GET is the default."""
    app = FastAPI()
    app.add_api_route("/a", lambda: "a")
    app.add_api_route("/b", lambda: "b", methods=["post"])
    app.api_route("/c", methods=["PUT", "PATCH"])(lambda: "c")
    client = TestClient(app)
    assert client.get("/a").json() == "a"
    assert client.post("/b").json() == "b"
    assert [client.put("/c").json(), client.patch("/c").json()] == ["c", "c"]
    assert client.get("/c").status_code == 405


@pytest.mark.parametrize("name", ["add_api_route", "api_route"])
def test_app_level_route_methods_take_no_callbacks(name: str) -> None:
    """3.3: the app's `add_api_route` and `api_route` know neither `callbacks` nor `strict_content_type`."""
    for option in ("callbacks", "strict_content_type", "route_class_override"):
        with pytest.raises(TypeError):
            getattr(FastAPI(), name)("/a", *([print] if name == "add_api_route" else []), **{option: None})


def test_verb_decorators_take_callbacks_alone() -> None:
    """3.3: a verb decorator takes `callbacks` but not `strict_content_type`."""
    FastAPI().get("/a", callbacks=[])(lambda: None)
    with pytest.raises(TypeError):
        FastAPI().get("/a", strict_content_type=False)


def test_websocket_methods() -> None:
    """3.3: `websocket` and `add_api_websocket_route` inject; `websocket_route` is Starlette's raw form."""
    app = FastAPI()

    @app.websocket("/w/{n}")
    async def numbered(websocket: WebSocket, n: int) -> None:
        await websocket.accept()
        await websocket.send_json(n)
        await websocket.close()

    @app.websocket_route("/raw")
    async def raw(websocket: Any) -> None:
        await websocket.accept()
        await websocket.send_text("raw")
        await websocket.close()

    app.add_api_websocket_route("/v/{n}", numbered)
    client = TestClient(app)
    with client.websocket_connect("/w/3") as session:
        assert session.receive_json() == 3
    with client.websocket_connect("/v/4") as session:
        assert session.receive_json() == 4
    with client.websocket_connect("/raw") as session:
        assert session.receive_text() == "raw"


def test_add_route_registers_a_raw_endpoint() -> None:
    """3.3: `add_route` is Starlette's: the endpoint takes the request and HEAD comes with GET."""
    app = FastAPI()

    async def endpoint(request: Request) -> Any:
        return PlainTextResponse(request.url.path)

    app.add_route("/raw", endpoint)
    assert TestClient(app).get("/raw").text == "/raw"
    assert TestClient(app).head("/raw").status_code == 200
    assert served_document(app)["paths"] == {}


@pytest.mark.parametrize("name", ["http", "anything"])
def test_middleware_decorator_ignores_its_type(name: str) -> None:
    """3.3: the type string of `middleware` is ignored; the function is a BaseHTTPMiddleware dispatch."""
    app = app_with_item()

    @app.middleware(name)
    async def stamp(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers["x-stamp"] = request.url.path
        return response

    assert TestClient(app).get("/item").headers["x-stamp"] == "/item"
    assert app.user_middleware[0].cls.__name__ == "BaseHTTPMiddleware"


def test_exception_handler_by_decorator_and_by_call() -> None:
    """3.3: `exception_handler` and `add_exception_handler` register by class or status."""
    app = FastAPI()

    @app.exception_handler(KeyError)
    async def on_key(request: Request, exc: KeyError) -> Any:
        return PlainTextResponse("key", 418)

    app.add_exception_handler(404, lambda request, exc: PlainTextResponse("nowhere", 404))

    @app.get("/key")
    def fail() -> None:
        raise KeyError("x")

    client = TestClient(app)
    assert (client.get("/key").status_code, client.get("/key").text) == (418, "key")
    assert client.get("/none").text == "nowhere"
    assert app.exception_handlers[KeyError] is on_key
    assert 404 in app.exception_handlers


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_on_event_registers_handlers() -> None:
    """3.3: `on_event` still registers startup and shutdown handlers."""
    app, log = FastAPI(), []
    app.on_event("startup")(lambda: log.append("up"))
    app.on_event("shutdown")(lambda: log.append("down"))
    with TestClient(app):
        assert log == ["up"]
    assert log == ["up", "down"]


def test_url_path_for_and_routes() -> None:
    """3.3: `url_path_for` reverses a name; `routes` is the router's list."""
    app = app_with_item()
    app.get("/n/{n}", name="numbered")(lambda n: n)
    assert app.url_path_for("numbered", n="7") == "/n/7"
    assert app.routes == app.router.routes


@pytest.mark.parametrize("name", ["add_event_handler", "add_websocket_route", "route"])
def test_removed_methods_are_absent_from_the_app(name: str) -> None:
    """3.3: these are not on the app any more, but the router keeps them."""
    app = FastAPI()
    assert not hasattr(app, name)
    assert hasattr(app.router, name)


def test_application_has_the_methods_of_other_sections() -> None:
    """3.3: `frontend`, `host`, `include_router` and `openapi` are methods too."""
    app = FastAPI()
    assert all(callable(getattr(app, name)) for name in ("frontend", "host", "include_router", "openapi"))


def test_setup_and_build_middleware_stack_exist() -> None:
    """3.3: `setup` adds the documentation routes; the stack begins with ServerErrorMiddleware."""
    from starlette.middleware.errors import ServerErrorMiddleware

    app = FastAPI()
    before = len(app.routes)
    app.setup()
    assert len(app.routes) == before + 4
    assert isinstance(app.build_middleware_stack(), ServerErrorMiddleware)


def test_host_and_mount() -> None:
    """3.3: `mount` serves a sub-application under a path, `host` under a host name."""
    app = app_with_item()
    app.mount("/sub", app_with_item())
    app.host("api.example", app_with_item(title="By host"))
    assert TestClient(app).get("/sub/item").json() == {"a": 1}
    assert TestClient(app, base_url="http://api.example").get("/item").json() == {"a": 1}


def test_last_added_middleware_is_outermost() -> None:
    """3.4.4 and 3.1 middleware: the list runs in order; one added later wraps those before."""
    log: list[str] = []

    class Log:
        def __init__(self, app: Any, name: str) -> None:
            self.app, self.name = app, name

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            log.append(self.name)
            await self.app(scope, receive, send)

    app = app_with_item(middleware=[Middleware(Log, name="a"), Middleware(Log, name="b")])
    app.add_middleware(Log, name="c")
    app.add_middleware(Log, name="d")
    TestClient(app).get("/item")
    assert log == ["d", "c", "a", "b"]


def test_middleware_cannot_be_added_after_the_first_request() -> None:
    """3.4.4: the stack is fixed once the application has started."""
    app = app_with_item()
    TestClient(app).get("/item")
    with pytest.raises(RuntimeError):
        app.add_middleware(object)


def test_user_middleware_stands_between_error_layers() -> None:
    """3.4.4: HTTP errors of routes are answered inside user middleware, server errors outside it."""
    seen: list[int | str] = []
    app = FastAPI()

    @app.middleware("http")
    async def watch(request: Request, call_next: Any) -> Any:
        try:
            response = await call_next(request)
        except ZeroDivisionError:
            seen.append("error")
            raise
        seen.append(response.status_code)
        return response

    @app.get("/http")
    def http_error() -> None:
        raise HTTPException(418)

    @app.get("/bug")
    def bug() -> None:
        raise ZeroDivisionError

    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/http").status_code == 418
    assert client.get("/bug").status_code == 500
    assert seen == [418, "error"]


def test_uploaded_files_are_closed_after_the_response() -> None:
    """3.4.4: files are closed once the response was sent, outside the router and inside user middleware."""
    kept: list[Any] = []
    app = FastAPI()

    @app.post("/f")
    async def read(f: UploadFile = File()) -> Any:
        kept.append(f)
        return f.file.closed

    assert TestClient(app).post("/f", files={"f": b"abc"}).json() is False
    assert kept[0].file.closed is True


def test_lifespan_events_reach_the_router() -> None:
    """3.4.2: lifespan runs through the middleware stack to the router."""
    kinds: list[str] = []

    class Kinds:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            kinds.append(scope["type"])
            await self.app(scope, receive, send)

    app = app_with_item(middleware=[Middleware(Kinds)])
    with TestClient(app) as client:
        client.get("/item")
    assert kinds == ["lifespan", "http"]


def test_document_is_cached_and_follows_new_routes() -> None:
    """3.6: the document is cached until a router anywhere in the tree gains a route."""
    app = app_with_item()
    inner, outer = APIRouter(), APIRouter()
    outer.include_router(inner, prefix="/inner")
    app.include_router(outer, prefix="/outer")
    first = app.openapi()
    assert app.openapi() is first
    assert app.openapi_schema is first
    inner.get("/late")(lambda: None)
    assert "/outer/inner/late" in app.openapi()["paths"]
    assert "/outer/inner/late" in served_document(app)["paths"]


def test_assigned_document_is_served() -> None:
    """3.6: a document put into `openapi_schema` is served as it is."""
    app = app_with_item()
    app.openapi()
    app.openapi_schema = {"openapi": "3.1.0", "mine": True}
    assert served_document(app) == {"openapi": "3.1.0", "mine": True}


def test_openapi_method_may_be_replaced() -> None:
    """3.6: a custom callable assigned to `app.openapi` is what the route serves."""
    app = app_with_item()
    app.openapi = lambda: {"custom": 1}
    assert served_document(app) == {"custom": 1}


def test_get_openapi_builds_from_the_routes() -> None:
    """3.6: the usual extension builds with `get_openapi(routes=app.routes)`."""
    app = app_with_item()
    get_openapi = load("openapi.utils").get_openapi

    def custom() -> Any:
        if not app.openapi_schema:
            app.openapi_schema = get_openapi(title="Custom", version="3", routes=app.routes)
            app.openapi_schema["info"]["x-logo"] = {"url": "/logo"}
        return app.openapi_schema

    app.openapi = custom
    assert served_document(app)["info"] == {"title": "Custom", "version": "3", "x-logo": {"url": "/logo"}}
    assert list(served_document(app)["paths"]) == ["/item"]


def test_status_enumerations_are_accepted() -> None:
    """3.3: route options of the app are those of the router; a status may be an IntEnum."""
    app = FastAPI()
    app.get("/s", status_code=http.HTTPStatus.CREATED)(lambda: None)
    assert TestClient(app).get("/s").status_code == 201


def test_injected_objects_are_not_documented() -> None:
    """3.3: injected objects leave no trace in the document."""
    app = FastAPI()

    @app.get("/r")
    def read(request: Request, response: Response) -> None:
        return None

    assert "parameters" not in served_document(app)["paths"]["/r"]["get"]
