"""Section 13: lifespan and events."""

from contextlib import asynccontextmanager

import pytest
from surface_target import APIRouter, FastAPI, Request, TestClient, WebSocket

on_event_is_deprecated = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def _lifespan(kind, log, name="app", state=None):
    """Return a lifespan of one of the three accepted kinds."""

    async def async_generator(app):
        log.append(f"{name} up")
        yield state
        log.append(f"{name} down")

    def sync_generator(app):
        log.append(f"{name} up")
        yield state
        log.append(f"{name} down")

    if kind == "context manager":
        return asynccontextmanager(async_generator)
    return async_generator if kind == "async generator" else sync_generator


KINDS = [
    "context manager",
    "async generator",
    "sync generator",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["app", "router"])
def test_lifespan_runs_around_the_requests(kind, place):
    """13: a context manager factory, async or sync generator function runs before and after serving."""
    log = []
    lifespan = _lifespan(kind, log)
    app = FastAPI(**({"lifespan": lifespan} if place == "app" else {}))
    if place == "router":
        app.include_router(APIRouter(lifespan=lifespan))

    @app.get("/")
    def endpoint():
        log.append("request")

    with TestClient(app) as client:
        client.get("/")
    assert log == ["app up", "request", "app down"]


def test_lifespan_takes_the_app():
    """13: the factory is called with the application."""
    seen = []

    @asynccontextmanager
    async def lifespan(app):
        seen.append(app)
        yield

    app = FastAPI(lifespan=lifespan)
    with TestClient(app):
        pass
    assert seen == [app]


def test_lifespan_does_not_run_without_startup():
    """13: a client that is not entered sends no lifespan events."""
    log = []
    app = FastAPI(lifespan=_lifespan("context manager", log))
    TestClient(app).get("/")
    assert log == []


def test_yielded_mapping_becomes_the_state_of_requests_and_websockets():
    """13: each key is an attribute (and item) of request.state; changes do not leak between requests."""
    app = FastAPI(lifespan=_lifespan("context manager", [], state={"db": ["opened"], "n": 1}))

    @app.get("/")
    def endpoint(request: Request):
        seen = request.state.n
        request.state.n = 99
        return [request.state.db, seen]

    @app.websocket("/ws")
    async def socket(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_json(websocket.state.db)

    with TestClient(app) as client:
        assert client.get("/").json() == [["opened"], 1]
        assert client.get("/").json() == [["opened"], 1]
        with client.websocket_connect("/ws") as session:
            assert session.receive_json() == ["opened"]
        assert client.app_state == {"db": ["opened"], "n": 1}


def test_failing_startup_reaches_the_server():
    """13: an exception before the yield stops the start."""

    @asynccontextmanager
    async def lifespan(app):
        raise ValueError("no database")
        yield

    with pytest.raises(ValueError, match="no database"), TestClient(FastAPI(lifespan=lifespan)):
        pass


def test_failing_shutdown_reaches_the_server():
    """13: an exception after the yield is reported at the end."""

    @asynccontextmanager
    async def lifespan(app):
        yield
        raise ValueError("not closed")

    with pytest.raises(ValueError, match="not closed"), TestClient(FastAPI(lifespan=lifespan)):
        pass


# --- merging


def test_lifespans_of_included_routers_are_nested():
    """13: the parent enters first and leaves last, through several levels."""
    log = []
    app = FastAPI(lifespan=_lifespan("context manager", log, "app"))
    outer = APIRouter(lifespan=_lifespan("context manager", log, "outer"))
    inner = APIRouter(lifespan=_lifespan("context manager", log, "inner"))
    outer.include_router(inner)
    app.include_router(outer)
    with TestClient(app):
        pass
    assert log == ["app up", "outer up", "inner up", "inner down", "outer down", "app down"]


def test_states_are_merged_and_the_parent_wins():
    """13: mappings of parent and routers are merged, the parent's keys win."""
    app = FastAPI(lifespan=_lifespan("context manager", [], state={"a": "app", "both": "app"}))
    app.include_router(APIRouter(lifespan=_lifespan("context manager", [], state={"b": "r", "both": "r"})))

    @app.get("/")
    def endpoint(request: Request):
        return [request.state.a, request.state.b, request.state.both]

    with TestClient(app) as client:
        assert client.get("/").json() == ["app", "r", "app"]


def test_state_of_a_router_alone_is_kept():
    """13: a parent without a mapping does not hide the router's."""
    app = FastAPI(lifespan=_lifespan("context manager", []))
    app.include_router(APIRouter(lifespan=_lifespan("context manager", [], state={"b": 1})))
    with TestClient(app) as client:
        assert client.app_state == {"b": 1}


def test_lifespan_of_a_mounted_application_does_not_run():
    """13: only the outermost application's lifespan is run."""
    log = []
    app = FastAPI(lifespan=_lifespan("context manager", log, "app"))
    app.mount("/child", FastAPI(lifespan=_lifespan("context manager", log, "child")))
    with TestClient(app):
        pass
    assert log == ["app up", "app down"]


# --- events


def test_startup_and_shutdown_lists_run_in_order():
    """13: on_startup and on_shutdown take sync and async callables."""
    log = []

    async def late():
        log.append("up 2")

    app = FastAPI(on_startup=[lambda: log.append("up 1"), late], on_shutdown=[lambda: log.append("down")])
    with TestClient(app):
        log.append("serving")
    assert log == ["up 1", "up 2", "serving", "down"]


@on_event_is_deprecated
@pytest.mark.parametrize("place", ["app", "router"])
def test_on_event_registers_handlers(place):
    """13: the deprecated decorator still works when no lifespan was given."""
    log = []
    app = FastAPI()
    target = app if place == "app" else app.router

    @target.on_event("startup")
    def start():
        log.append("up")

    @target.on_event("shutdown")
    async def stop():
        log.append("down")

    with TestClient(app):
        log.append("serving")
    assert log == ["up", "serving", "down"]


def test_add_event_handler_of_the_router_registers_handlers():
    """13: router.add_event_handler(type, function) does the same without a decorator."""
    log = []
    app = FastAPI()
    app.router.add_event_handler("startup", lambda: log.append("up"))
    app.router.add_event_handler("shutdown", lambda: log.append("down"))
    with TestClient(app):
        pass
    assert log == ["up", "down"]


@on_event_is_deprecated
def test_event_handlers_are_ignored_when_a_lifespan_was_given():
    """13: with a lifespan neither lists nor on_event handlers run."""
    log = []
    app = FastAPI(
        lifespan=_lifespan("context manager", log),
        on_startup=[lambda: log.append("startup")],
        on_shutdown=[lambda: log.append("shutdown")],
    )

    @app.on_event("startup")
    def start():
        log.append("event")

    with TestClient(app):
        pass
    assert log == ["app up", "app down"]


def test_event_handlers_of_an_included_router_run():
    """13: a router's own handlers run with the app that includes it."""
    log = []
    app = FastAPI()
    router = APIRouter(on_startup=[lambda: log.append("up")], on_shutdown=[lambda: log.append("down")])
    app.include_router(router)
    with TestClient(app):
        pass
    assert set(log) == {"up", "down"}  # quirk: each runs twice there
    assert log.index("up") < log.index("down")


def test_event_handlers_of_a_router_run_when_only_the_app_has_a_lifespan():
    """13: the ignored lists are those of the object that was given the lifespan."""
    log = []
    app = FastAPI(lifespan=_lifespan("context manager", log))
    app.include_router(APIRouter(on_startup=[lambda: log.append("router up")]))
    with TestClient(app):
        pass
    assert log == ["app up", "router up", "app down"]


def test_lifespan_runs_on_every_backend(backend):
    """13: the lifespan and the requests share one event loop, asyncio or trio."""
    app = FastAPI(lifespan=_lifespan("context manager", [], state={"n": 1}))

    @app.get("/")
    async def endpoint(request: Request):
        return request.state.n

    with TestClient(app, backend=backend) as client:
        assert client.get("/").json() == 1
