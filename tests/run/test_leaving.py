"""Clients that leave before their answer: nobody works for them, and nothing takes it for a success."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio import from_thread, to_thread
from raw_asgi import Exchange, http_scope
from starlette.requests import ClientDisconnect

from rapide import APIRouter, Depends, Rapide, Request
from rapide.exceptions import Disconnected, HTTPException
from rapide.fastapi import FastAPI
from rapide.responses import EventSourceResponse, StreamingResponse
from rapide.routing import APIRoute

BACKENDS = ["asyncio", "trio"]
_MOST_SECONDS = 30  # no test waits so long unless it fails


class _Client(Exchange):
    """A client that sends its request and leaves when it is told to."""

    def __init__(self, scope: dict[str, Any], *chunks: bytes) -> None:
        super().__init__(scope, *(chunks or (b"",)))
        self.left = anyio.Event()
        self.received = 0

    async def receive(self) -> dict[str, Any]:
        self.received += 1
        if self._pending:
            chunk = self._pending.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(self._pending)}
        await self.left.wait()
        return {"type": "http.disconnect"}


class _Log(list[str]):
    """What has happened; `started` when the endpoint has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.started = anyio.Event()

    async def session(self) -> AsyncIterator[None]:
        try:
            yield
            self.append("commit")
        except BaseException as exc:
            self.append(f"told {type(exc).__name__}")
            raise
        finally:
            await anyio.lowlevel.checkpoint()
            self.append("closed")

    async def wait(self) -> None:
        """Wait for ever, as an endpoint."""
        self.started.set()
        try:
            await anyio.sleep(600)
        finally:
            self.append("endpoint ended")


async def _leave(app: Any, log: _Log, method: str = "GET", spec_version: str = "2.4") -> _Client:
    """Make a request, and leave once its endpoint has started."""
    client = _Client(http_scope(method, "/", asgi={"version": "3.0", "spec_version": spec_version}))
    with anyio.fail_after(_MOST_SECONDS):
        async with anyio.create_task_group() as group:
            group.start_soon(client.run, app)
            await log.started.wait()
            client.left.set()
    return client


def _waiting(log: _Log, *, method: str = "GET", face: Any = Rapide, **options: Any) -> Any:
    app = face()
    app.api_route("/", methods=[method], dependencies=[Depends(log.session)], **options)(log.wait)
    return app


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_endpoint_of_a_safe_method_is_cancelled_and_its_dependencies_are_told(method):
    """Clean-up runs to its end, and the status is one that nobody receives."""
    log = _Log()
    client = await _leave(_waiting(log, method=method), log, method)
    assert log == ["endpoint ended", "told Disconnected", "closed"]
    assert client.status == 499


@pytest.mark.anyio
async def test_endpoint_of_another_method_runs_on():
    """What it does may be wanted, although nobody waits for the answer."""
    log, gate = _Log(), anyio.Event()
    app = Rapide()

    @app.post("/", dependencies=[Depends(log.session)])
    async def write() -> None:
        log.started.set()
        await gate.wait()

    client = _Client(http_scope("POST", "/"))
    async with anyio.create_task_group() as group:
        group.start_soon(client.run, app)
        await log.started.wait()
        client.left.set()
        await anyio.sleep(0.3)
        assert log == []
        gate.set()
    assert log == ["commit", "closed"]
    assert client.received == 0


async def _outcome(app: Any, log: _Log, method: str) -> list[str]:
    client = _Client(http_scope(method, "/"))
    async with anyio.create_task_group() as group:
        group.start_soon(client.run, app)
        await log.started.wait()
        client.left.set()
        with anyio.move_on_after(0.5):
            while "closed" not in log:  # noqa: ASYNC110 -- a list tells nobody
                await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    return log


@pytest.mark.parametrize("level", ["route", "inclusion", "router", "application"])
@pytest.mark.parametrize(("method", "cancels"), [("POST", True), ("GET", False)])
def test_option_decides_at_every_level(level, method, cancels):
    """Where it is said, it holds for safe methods and others alike."""
    log, options = _Log(), {"cancel_on_disconnect": cancels}

    def given(wanted: str) -> dict[str, Any]:
        return options if wanted == level else {}

    router = APIRouter(**given("router"))
    router.api_route("/", methods=[method], dependencies=[Depends(log.session)], **given("route"))(log.wait)
    app = Rapide(**given("application"))
    app.include_router(router, **given("inclusion"))
    told = anyio.run(_outcome, app, log, method)[1]
    assert told == ("told Disconnected" if cancels else "told CancelledError")


def test_innermost_option_wins():
    """A route may say otherwise than its application."""
    log = _Log()
    app = Rapide(cancel_on_disconnect=True)
    app.get("/", dependencies=[Depends(log.session)], cancel_on_disconnect=False)(log.wait)
    assert anyio.run(_outcome, app, log, "GET")[1] == "told CancelledError"


def test_endpoint_of_the_other_face_runs_on():
    """As FastAPI's do; the option is there for who wants it."""
    log = _Log()
    assert anyio.run(_outcome, _waiting(log, face=FastAPI), log, "GET")[1] == "told CancelledError"
    log = _Log()
    app = _waiting(log, face=FastAPI, cancel_on_disconnect=True)
    assert anyio.run(_outcome, app, log, "GET")[1] == "told Disconnected"


@pytest.mark.anyio
async def test_connection_is_not_watched_while_the_endpoint_is_quick():
    """What is over in a tenth of a second pays a timer and nothing else."""
    app = Rapide()

    @app.get("/")
    async def read() -> None:
        await anyio.lowlevel.checkpoint()

    client = _Client(http_scope("GET", "/"))
    await client.run(app)
    assert (client.status, client.received) == (200, 0)


@pytest.mark.anyio
async def test_dependency_that_waits_is_cancelled_too():
    """And what depends on it never runs."""
    log, app = _Log(), Rapide()

    @app.get("/", dependencies=[Depends(log.session), Depends(log.wait)])
    async def read() -> None:
        log.append("endpoint")

    await _leave(app, log)
    assert log == ["endpoint ended", "told Disconnected", "closed"]


@pytest.mark.anyio
async def test_generator_that_waits_before_it_yields_is_cancelled_too():
    """It is not left, because it was never entered."""
    log, app = _Log(), Rapide()

    async def connect() -> AsyncIterator[None]:
        await log.wait()
        yield

    app.get("/", dependencies=[Depends(log.session), Depends(connect)])(lambda: 1)
    await _leave(app, log)
    assert log == ["endpoint ended", "told Disconnected", "closed"]


@pytest.mark.anyio
async def test_client_that_leaves_the_queue_takes_no_slot():
    """Of those who wait for a limited dependency, only those run who are still there."""
    log, app, gate, ran = _Log(), Rapide(), anyio.Event(), []

    async def slow() -> None:
        ran.append(1)
        log.started.set()
        await gate.wait()

    limited = Depends(slow, max_concurrency=1)
    app.get("/", dependencies=[limited], cancel_on_disconnect=True)(lambda: 1)
    first, second = (_Client(http_scope("GET", "/")) for _ in range(2))
    async with anyio.create_task_group() as group:
        group.start_soon(first.run, app)
        await log.started.wait()
        second.left.set()
        await second.run(app)
        gate.set()
    assert (first.status, second.status, ran) == (200, 499, [1])


@pytest.mark.anyio
@pytest.mark.parametrize("late", [False, True])
async def test_endpoint_with_a_request_reads_its_body_although_the_connection_is_watched(late):
    """What the watch has seen is still there for it."""
    app = Rapide()

    @app.get("/")
    async def read(request: Request) -> str:
        if late:
            await anyio.sleep(0.3)
        return (await request.body()).decode()

    for chunks in ((b"whole",), (b"wh", b"ole")):
        client = _Client(http_scope("GET", "/"), *chunks)
        await client.run(app)
        assert client.body == b'"whole"'


@pytest.mark.anyio
async def test_endpoint_with_a_request_can_ask_whether_the_client_is_there():
    """It gets the answer that it would get without the watch."""
    app, answers = Rapide(), []

    @app.get("/", cancel_on_disconnect=True)
    async def read(request: Request) -> None:
        await anyio.sleep(0.2)
        for _ in range(3):
            answers.append(await request.is_disconnected())
            await anyio.sleep(0.05)

    client = _Client(http_scope("GET", "/"))
    await client.run(app)
    assert answers == [False] * 3


@pytest.mark.anyio
async def test_client_that_still_sends_is_there():
    """Only the endpoint may read what it sends, so nobody looks any further."""
    app = Rapide()

    @app.get("/")
    async def read() -> None:
        await anyio.sleep(0.3)

    client = _Client(http_scope("GET", "/"), b"x", b"y", b"z")
    client.left.set()
    await client.run(app)
    assert (client.status, client.received) == (200, 1)


@pytest.mark.anyio
async def test_endpoint_is_not_cancelled_amid_what_it_has_shielded():
    """A function that AnyIO runs on a thread ends before anything is closed that it may use."""
    log, app, blocks = _Log(), Rapide(), threading.Event()

    def work() -> None:
        blocks.wait(0.5)
        log.append("thread ended")

    @app.get("/", dependencies=[Depends(log.session)])
    async def read() -> None:
        log.started.set()
        await to_thread.run_sync(work)
        await anyio.sleep(600)

    await _leave(app, log)
    assert log == ["thread ended", "told Disconnected", "closed"]


@pytest.mark.anyio
async def test_error_of_an_endpoint_that_was_watched_is_its_own():
    """Neither a group nor a disconnect is made of it."""
    app = Rapide()

    @app.get("/")
    async def read() -> None:
        await anyio.sleep(0.2)
        raise HTTPException(418)

    client = _Client(http_scope("GET", "/"))
    await client.run(app)
    assert client.status == 418


def test_endpoint_that_does_not_let_itself_be_cancelled_has_its_result():
    """It knows better; its dependencies see a success."""
    log, app = _Log(), Rapide()

    @app.get("/", dependencies=[Depends(log.session)])
    async def read() -> str:
        log.started.set()
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            return "finished"
        return "never"

    client = asyncio.run(_leave(app, log))
    assert (client.body, log) == (b'"finished"', ["commit", "closed"])


def test_cancellation_of_somebody_else_stays_one():
    """A server that ends is not taken for a client that leaves."""
    log = _Log()
    app = _waiting(log)

    async def run() -> None:
        client = _Client(http_scope("GET", "/"))
        task = asyncio.create_task(client.run(app))
        await log.started.wait()
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert log == ["endpoint ended", "told CancelledError", "closed"]


@pytest.mark.anyio
async def test_custom_route_class_cancels_as_well():
    """The interpreter does what generated handlers do."""

    class Custom(APIRoute):
        def get_route_handler(self) -> Any:
            return super().get_route_handler()

    log = _Log()
    app = Rapide()
    app.router.route_class = Custom
    app.get("/", dependencies=[Depends(log.session)])(log.wait)
    await _leave(app, log)
    assert log == ["endpoint ended", "told Disconnected", "closed"]


@pytest.mark.anyio
async def test_dependency_may_swallow_the_disconnect(caplog):
    """There is no answer that it could have spoilt."""
    log, app = _Log(), Rapide()

    async def careless() -> AsyncIterator[None]:
        try:
            yield
        except Exception as exc:  # noqa: BLE001 -- careless
            log.append(f"swallowed {type(exc).__name__}")

    app.get("/", dependencies=[Depends(careless)])(log.wait)
    client = await _leave(app, log)
    assert log == ["endpoint ended", "swallowed Disconnected"]
    assert (client.status, caplog.records) == (499, [])


def test_middleware_sees_a_status():
    """No response at all would be an error of its own there."""
    log, seen = _Log(), []
    app = _waiting(log)

    @app.middleware("http")
    async def note(request: Request, call_next: Any) -> Any:
        response = await call_next(request)
        seen.append(response.status_code)
        return response

    asyncio.run(_leave(app, log))
    assert seen == [499]


def test_disconnect_is_one_that_others_know():
    """Code that knows Starlette's, or errors with a status, knows ours."""
    assert issubclass(Disconnected, ClientDisconnect)
    assert Disconnected().status_code == 499


# ---------------------------------------------------------------------------------------------- streams


def _streams(log: _Log) -> dict[str, Any]:
    async def slowly() -> AsyncIterator[Any]:
        try:
            yield b"x"
            log.started.set()
            await anyio.sleep(600)
        finally:
            log.append("generator closed")

    def plainly() -> Iterator[Any]:
        try:
            while True:
                yield b"x"
                from_thread.run_sync(log.started.set)
        finally:
            log.append("generator closed")

    async def texts() -> AsyncIterator[str]:
        async for chunk in slowly():
            yield chunk.decode()

    async def returned() -> StreamingResponse:
        return StreamingResponse(slowly())

    return {"slowly": slowly, "plainly": plainly, "texts": texts, "returned": returned}


@pytest.mark.anyio
@pytest.mark.parametrize(("method", "spec_version"), [("GET", "2.3"), ("POST", "2.4")])
@pytest.mark.parametrize(
    ("kind", "response_class"),
    [
        ("slowly", StreamingResponse),
        ("plainly", StreamingResponse),
        ("slowly", EventSourceResponse),
        ("plainly", EventSourceResponse),
        ("texts", None),
        ("returned", None),
    ],
)
async def test_dependencies_of_a_stream_that_was_cut_are_told(
    kind, response_class, method, spec_version, caplog
):
    """Whatever the method: what was sent is no success, and the generator is closed before they are."""
    log, app = _Log(), Rapide()
    options = {} if response_class is None else {"response_class": response_class}
    app.api_route("/", methods=[method], dependencies=[Depends(log.session)], **options)(_streams(log)[kind])
    client = await _leave(app, log, method, spec_version)
    assert log == ["generator closed", "told Disconnected", "closed"]
    assert client.status == 200
    assert caplog.records == []


@pytest.mark.anyio
@pytest.mark.parametrize("face", [Rapide, FastAPI])
async def test_dependencies_of_a_whole_stream_see_a_success(face):
    """Its last piece was sent."""
    log, app = _Log(), face()

    @app.get("/", response_class=StreamingResponse, dependencies=[Depends(log.session)])
    async def read() -> AsyncIterator[bytes]:
        yield b"x"

    await _Client(http_scope("GET", "/")).run(app)
    assert log == ["commit", "closed"]


@pytest.mark.parametrize("backend", BACKENDS)
def test_dependencies_of_a_cut_stream_see_a_success_on_the_other_face(backend):
    """As in FastAPI: after the response, whatever became of it."""
    log, app = _Log(), FastAPI()
    options = {"response_class": StreamingResponse, "dependencies": [Depends(log.session)]}
    app.get("/", **options)(_streams(log)["slowly"])
    anyio.run(partial(_leave, app, log), backend=backend)
    assert log == ["generator closed", "commit", "closed"]
