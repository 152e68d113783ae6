"""Class trees and the middleware stack that third parties rely on (compatibility 13.4.7)."""

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.routing import Route, Router, WebSocketRoute

from rapide.fastapi import (
    APIRouter,
    FastAPI,
    HTTPException,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
)
from rapide.fastapi.responses import PlainTextResponse
from rapide.fastapi.routing import APIRoute, APIWebSocketRoute
from rapide.fastapi.testclient import TestClient


def failing_app(**options):
    """Return an application whose routes fail in several ways."""
    app = FastAPI(**options)

    @app.get("/http")
    def http():
        raise HTTPException(418, "short and stout", headers={"x-tea": "pot"})

    @app.get("/mine")
    def mine():
        raise LookupError("mine")

    @app.get("/crash")
    def crash():
        raise ValueError("crash")

    @app.websocket("/ws")
    async def refuse(websocket: WebSocket):
        raise WebSocketException(1008)

    @app.exception_handler(LookupError)
    async def found(request, exc):
        return PlainTextResponse("looked up", 404)

    return app


ANSWERS = [
    ("/http", 418, '{"detail":"short and stout"}'),
    ("/mine", 404, "looked up"),
    ("/crash", 500, "Internal Server Error"),
    ("/nowhere", 404, '{"detail":"Not Found"}'),
]


def check(app):
    """Assert that failures are answered as ever."""
    client = TestClient(app, raise_server_exceptions=False)
    for path, status, body in ANSWERS:
        response = client.get(path)
        assert (path, response.status_code, response.text) == (path, status, body)
    assert client.post("/http").status_code == 405
    with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect("/ws"):
        pass
    assert caught.value.code == 1008


class Layer:
    """A transparent ASGI middleware."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """Serve a connection."""
        scope.setdefault("layers", []).append(type(self).__name__)
        await self.app(scope, receive, send)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (FastAPI, Starlette),
        (APIRouter, Router),
        (APIRoute, Route),
        (APIWebSocketRoute, WebSocketRoute),
        (HTTPException, StarletteHTTPException),
    ],
)
def test_class_is_one_of_starlettes(ours, theirs):
    """Packages for Starlette ask with `isinstance`."""
    assert issubclass(ours, theirs)


@pytest.mark.parametrize("middleware", [(), (Layer,)])
def test_stack_starts_with_starlettes_outermost_middleware(middleware):
    """With middleware of the user's and without."""
    app = failing_app()
    for layer in middleware:
        app.add_middleware(layer)
    stack = app.build_middleware_stack()
    assert isinstance(stack, ServerErrorMiddleware)
    assert stack.debug is False
    assert stack.handler is None
    check(app)


def test_stack_knows_the_handler_of_server_errors():
    """Instrumentation hands `handler` and `debug` on to a middleware of its own."""

    async def sorry(request, exc):
        return PlainTextResponse("sorry", 500)

    app = FastAPI(debug=True, exception_handlers={Exception: sorry})
    stack = app.build_middleware_stack()
    assert (stack.handler, stack.debug) == (sorry, True)


@pytest.mark.parametrize("middleware", [(), (Layer,)])
@pytest.mark.parametrize("way", ["instance", "subclass"])
def test_stack_can_be_wrapped(middleware, way):
    """Instrumentation overrides `build_middleware_stack` on an application, or in a subclass."""

    class Traced(FastAPI):
        def build_middleware_stack(self):
            return Layer(super().build_middleware_stack())

    app = failing_app()
    if way == "subclass":
        app.__class__ = Traced
    else:
        original = app.build_middleware_stack
        app.build_middleware_stack = lambda: Layer(original())
    for layer in middleware:
        app.add_middleware(layer)
    check(app)
    assert isinstance(app.middleware_stack, Layer)


@pytest.mark.parametrize("middleware", [(), (Layer,)])
def test_stack_can_be_taken_apart(middleware):
    """Instrumentation puts itself between Starlette's outermost middleware and what is inside of it."""
    app = failing_app()
    for layer in middleware:
        app.add_middleware(layer)
    seen = []

    class Recorder(Layer):
        async def __call__(self, scope, receive, send):
            try:
                await self.app(scope, receive, send)
            except Exception as exc:
                seen.append(exc)
                raise

    def rebuilt(original=app.build_middleware_stack):
        outer = original()
        assert isinstance(outer, ServerErrorMiddleware)
        inner = ServerErrorMiddleware(Recorder(outer.app), handler=outer.handler, debug=outer.debug)
        return ServerErrorMiddleware(Layer(inner))

    app.build_middleware_stack = rebuilt
    check(app)
    assert [type(exc) for exc in seen] == [ValueError]


def test_stack_is_built_anew_when_it_is_dropped():
    """Removing instrumentation sets `middleware_stack` to what `build_middleware_stack` returns."""
    app = failing_app()
    check(app)
    app.middleware_stack = Layer(app.build_middleware_stack())
    check(app)
    app.middleware_stack = None
    check(app)


def test_middleware_of_the_user_is_a_starlette_middleware():
    """`user_middleware` is a list that others put their own into."""
    from starlette.middleware import Middleware

    app = failing_app()
    app.user_middleware.insert(0, Middleware(BaseHTTPMiddleware, dispatch=mark))
    assert TestClient(app).get("/http").headers["x-marked"] == "yes"


async def mark(request, call_next):
    """Mark a response."""
    response = await call_next(request)
    response.headers["x-marked"] = "yes"
    return response


def test_application_takes_attributes():
    """Extensions keep their state on the application."""
    app = FastAPI()
    app.limiter = object()
    app.state.limiter = app.limiter
    assert app.state.limiter is app.limiter


def test_subclass_of_the_application_has_its_own_router():
    """Instrumentation puts a subclass in the place of FastAPI; its constructor takes the same options."""

    class Instrumented(FastAPI):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.instrumented = True

    app = Instrumented(title="T")
    app.get("/")(lambda: app.title)
    assert TestClient(app).get("/").json() == "T"
    assert app.instrumented


def test_a_router_that_is_called_its_own_way_is_called():
    """An extension chooses among routes by a header, in `__call__` of a class of its own."""

    class Choosing(APIRouter):
        async def __call__(self, scope, receive, send):
            if scope["type"] == "http" and dict(scope["headers"]).get(b"x-version") == b"2":
                await PlainTextResponse("second")(scope, receive, send)
                return
            await super().__call__(scope, receive, send)

    app = FastAPI()
    app.router = Choosing()

    @app.router.get("/")
    async def first():
        return "first"

    with TestClient(app) as client:
        assert client.get("/").json() == "first"
        assert client.get("/", headers={"x-version": "2"}).text == "second"
        assert client.get("/nowhere").status_code == 404
