"""Time limits of routes: 504 with clean-up, and what is left of the time."""

import asyncio
import math
import threading
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest

from rapide import APIRouter, BackgroundTasks, Depends, Rapide
from rapide.concurrency import time_left
from rapide.errors import InvalidValueError
from rapide.fastapi import FastAPI
from rapide.fastapi.routing import APIRoute
from rapide.responses import StreamingResponse
from rapide.testclient import TestClient
from rapide.testing import AsyncTestClient

_SOON = 0.02


@pytest.fixture(params=[Rapide, FastAPI], ids=["rapide", "fastapi"])
def face(request: pytest.FixtureRequest) -> Any:
    """Both faces take the option."""
    return request.param


async def _hang() -> None:
    await anyio.sleep(600)


def test_route_that_is_too_slow_is_a_504_and_is_cleaned_up(face):
    """CON-17: the endpoint is cancelled, its dependencies are left, and the body is the face's own."""
    log: list[str] = []

    async def session() -> AsyncIterator[None]:
        try:
            yield
        except BaseException as error:
            log.append(type(error).__name__)
            raise
        finally:
            await asyncio.sleep(0)
            log.append("closed")

    app = face()
    app.get("/", timeout=_SOON, dependencies=[Depends(session)])(_hang)
    answer = TestClient(app).get("/")
    assert answer.status_code == 504
    if face is Rapide:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"] == "The request took too long."
    else:
        assert answer.json() == {"detail": "The request took too long."}
    assert log == ["CancelledError", "closed"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_limit_holds_on_both_backends(backend):
    """The clock is the event loop's."""
    app = Rapide(timeout=_SOON)
    app.get("/")(_hang)
    assert TestClient(app, backend=backend).get("/").status_code == 504


@pytest.mark.parametrize("where", ["app", "router", "inclusion", "route"])
def test_limit_can_be_said_anywhere(face, where):
    """As other limits: for the application, a router, an inclusion or a route."""
    said = {"timeout": _SOON}
    app = face(**(said if where == "app" else {}))
    router = APIRouter(**(said if where == "router" else {}))
    router.get("/", **(said if where == "route" else {}))(_hang)
    app.include_router(router, **(said if where == "inclusion" else {}))
    assert TestClient(app).get("/").status_code == 504


def test_innermost_limit_counts(face):
    """It may be longer than those around it, or none at all."""
    app = face(timeout=_SOON)
    router = APIRouter(timeout=_SOON)

    @router.get("/long", timeout=60)
    async def long() -> float | None:
        await asyncio.sleep(3 * _SOON)
        return time_left()

    @router.get("/none", timeout=math.inf)
    async def unlimited() -> float | None:
        return time_left()

    app.include_router(router)
    client = TestClient(app)
    assert 0 < client.get("/long").json() < 60
    assert client.get("/none").json() is None


def test_time_that_is_left_is_known_everywhere(face):
    """In dependencies and endpoints, on the event loop and on threads; nowhere else."""
    app = face()
    seen: list[float | None] = []

    async def in_loop() -> None:
        seen.append(time_left())

    def on_thread() -> None:
        seen.append(time_left())
        assert threading.current_thread() is not threading.main_thread()

    @app.get("/", timeout=60, dependencies=[Depends(in_loop), Depends(on_thread)])
    def read() -> float | None:
        return time_left()

    seen.append(TestClient(app).get("/").json())
    assert all(value is not None and 0 < value <= 60 for value in seen)
    assert time_left() is None


def test_outer_limit_shortens_what_is_left():
    """An application in another cannot give more time than it has itself."""
    inner, outer = Rapide(timeout=60), Rapide()

    @inner.get("/")
    async def read() -> float | None:
        return time_left()

    @outer.get("/through", timeout=5)
    async def through() -> float:
        async with AsyncTestClient(inner) as client:
            return float((await client.get("/")).text)

    assert TestClient(outer).get("/through").json() <= 5


def test_response_that_has_begun_is_not_cut(face):
    """Streams and background tasks have the time that they need."""
    app = face()
    log: list[str] = []

    @app.get("/stream", timeout=_SOON)
    async def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[str]:
            yield "a"
            await asyncio.sleep(3 * _SOON)
            yield "b"

        return StreamingResponse(parts())

    @app.get("/background", timeout=_SOON)
    async def background(tasks: BackgroundTasks) -> None:
        async def work() -> None:
            await asyncio.sleep(3 * _SOON)
            log.append("done")

        tasks.add_task(work)

    client = TestClient(app)
    assert client.get("/stream").text == "ab"
    assert client.get("/background").status_code == 200
    assert log == ["done"]


def test_function_on_a_thread_is_waited_for(face):
    """Nothing can stop a thread, and what it uses must not be closed under it. The answer is a 504."""
    app = face()
    done = threading.Event()

    @app.get("/", timeout=_SOON)
    def read() -> str:
        threading.Event().wait(3 * _SOON)
        done.set()
        return "late"

    assert TestClient(app).get("/").status_code == 504
    assert done.is_set()


def test_body_that_does_not_come_is_within_the_limit():
    """A client that sends half a body does not hold the endpoint's dependencies for ever."""
    app = Rapide(timeout=_SOON)

    @app.post("/")
    async def add(item: dict[str, int]) -> None: ...

    statuses: list[int] = []

    async def receive() -> Any:
        await anyio.sleep(600)

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "root_path": "", "state": {}}
    headers = [(b"host", b"x"), (b"content-type", b"application/json"), (b"content-length", b"9")]
    anyio.run(app, {**scope, "headers": headers, "http_version": "1.1", "scheme": "http"}, receive, send)
    assert statuses[0] == 504


def test_custom_route_classes_have_the_limit_too():
    """They run another way."""

    class Route(APIRoute):
        def get_route_handler(self) -> Any:
            return super().get_route_handler()

    app = FastAPI()
    app.router.route_class = Route
    app.get("/", timeout=_SOON)(_hang)
    assert TestClient(app).get("/").status_code == 504


def test_route_without_a_limit_pays_nothing():
    """Its handler is the generated one."""
    app = Rapide()
    app.get("/")(_hang)
    app.get("/limited", timeout=1)(_hang)
    plain, limited = [route.handler() for route in app.routes[-2:]]
    assert not hasattr(plain, "__wrapped__")
    assert hasattr(limited, "__wrapped__")


@pytest.mark.parametrize("wrong", [0, -1, math.nan, "5", True])
@pytest.mark.parametrize("where", [Rapide, APIRouter, "route"])
def test_limit_that_is_no_time_is_refused(where, wrong):
    """At the declaration."""
    declare = Rapide().get("/", timeout=wrong) if where == "route" else None
    with pytest.raises(InvalidValueError, match="timeout must be a number of seconds"):
        where(timeout=wrong) if declare is None else declare(_hang)
