"""Requests that are cancelled: at every point where they wait, one after the other."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import coroutine
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import pytest
from raw_asgi import Exchange, http_scope

from rapide import Depends, Rapide, UploadFile
from rapide._lanes import _all as all_lanes
from rapide.fastapi import FastAPI
from rapide.responses import EventSourceResponse, FileResponse, StreamingResponse

_BOUNDARY = b'--b\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\n'
_MULTIPART = [(b"content-type", b"multipart/form-data; boundary=b")]
_LARGE = b"x" * 1_100_000  # is spooled to disk, on a thread


_DESCRIPTORS = Path("/proc/self/fd")  # Linux


class _Resources:
    """What requests have opened and closed."""

    def __init__(self) -> None:
        self.opened: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()

    def plainly(self) -> Iterator[None]:
        self.opened["plain"] += 1
        try:
            yield
        finally:
            self.closed["plain"] += 1

    def plainly_early(self) -> Iterator[None]:
        yield from self.plainly()

    async def waiting(self) -> AsyncIterator[None]:
        await anyio.lowlevel.checkpoint()
        self.opened["async"] += 1
        try:
            yield
        finally:
            try:
                await anyio.lowlevel.checkpoint()
            finally:
                self.closed["async"] += 1

    async def limited(self) -> AsyncIterator[None]:
        self.opened["limited"] += 1
        try:
            yield
        finally:
            self.closed["limited"] += 1

    async def look_up(self) -> None:
        await anyio.lowlevel.checkpoint()

    def compute(self) -> None: ...


def _declare(app: Any, have: _Resources, file: Path) -> None:
    """Declare routes that open everything there is to open, in every order of threads and event loop."""
    dependencies = [
        Depends(have.plainly),
        Depends(have.waiting),
        Depends(have.compute),
        Depends(have.look_up),
        Depends(have.plainly_early, scope="function"),
        Depends(have.limited, max_concurrency=1),
    ]

    @app.post("/form", dependencies=dependencies)
    async def take(f: UploadFile) -> int:
        await anyio.lowlevel.checkpoint()
        return len(await f.read())

    @app.get("/plain", dependencies=dependencies)
    def read() -> int:
        return 1

    @app.get("/file", dependencies=dependencies)
    async def send_file() -> FileResponse:
        return FileResponse(file)

    @app.get("/stream", dependencies=dependencies, response_class=StreamingResponse)
    async def stream(also: Annotated[None, Depends(have.waiting, use_cache=False)]) -> AsyncIterator[bytes]:
        have.opened["stream"] += 1
        try:
            for _ in range(3):
                yield b"x"
                await anyio.lowlevel.checkpoint()
        finally:
            have.closed["stream"] += 1

    @app.get("/events", dependencies=dependencies, response_class=EventSourceResponse)
    def events() -> Iterator[int]:
        have.opened["stream"] += 1
        try:
            yield from range(3)
        finally:
            have.closed["stream"] += 1


class _Point:
    """The point at which a request is cancelled, counted from 1."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.passed = 0

    @coroutine
    def drive(self, call: Any, cancel: Callable[[], Any]) -> Any:
        """Await `call`, and cancel it when it waits for the time that `number` says."""
        steps = call.__await__()
        step, argument = steps.send, None
        while True:
            try:
                wanted = step(argument)
            except StopIteration as done:
                return done.value
            self.passed += 1
            if self.passed == self.number:
                cancel()
            try:
                argument = yield wanted
                step = steps.send
            except BaseException as exc:  # noqa: BLE001 -- a cancellation, for what waits inside
                argument, step = exc, steps.throw


async def _cancelled_by_scope(call: Any, point: _Point) -> None:
    with anyio.CancelScope() as scope:
        await point.drive(call, scope.cancel)


async def _cancelled_by_task(call: Any, point: _Point) -> None:
    task: list[asyncio.Task[None]] = []

    async def run() -> None:
        await point.drive(call, task[0].cancel)

    task.append(asyncio.ensure_future(run()))
    await asyncio.gather(*task, return_exceptions=True)


def _request(path: str) -> Exchange:
    """A client that takes what it is sent slowly, so that every message is a point to be cancelled at."""
    if path != "/form":
        exchange = Exchange(http_scope("GET", path))
    else:
        chunks = (_BOUNDARY, _LARGE, b"\r\n--b--\r\n")
        exchange = Exchange(http_scope("POST", path, _MULTIPART), *chunks)
    send, receive = exchange.send, exchange.receive

    async def send_slowly(message: Any) -> None:
        await anyio.lowlevel.checkpoint()
        await send(message)

    async def receive_slowly() -> Any:
        await anyio.lowlevel.checkpoint()
        return await receive()

    exchange.send, exchange.receive = send_slowly, receive_slowly  # type: ignore[method-assign]  # of this one
    return exchange


def _descriptors() -> int:
    return len(list(_DESCRIPTORS.iterdir())) if _DESCRIPTORS.is_dir() else 0


async def _sweep(app: Any, have: _Resources, path: str, cancelled: Any) -> int:
    """Cancel request after request, each at the next point; return how many points there are."""
    await _request(path).run(app)  # imports, compiles, makes threads
    descriptors, number = _descriptors(), 0
    while True:
        number += 1
        point, exchange = _Point(number), _request(path)
        with anyio.fail_after(30):
            await cancelled(exchange.run(app), point)
        assert have.opened == have.closed, (path, number)
        # What nobody wants any more is thrown away by a thread, which tells nobody.
        while any(lane.running or lane.waiting for lane in all_lanes):  # noqa: ASYNC110
            await anyio.sleep(0.001)
        assert _descriptors() <= descriptors
        if point.passed < number:
            assert exchange.status == 200
            return number - 1


async def _sweep_on_asyncio(*arguments: Any) -> int:
    points = await _sweep(*arguments)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    return points


@pytest.fixture
def have() -> _Resources:
    """What requests open."""
    return _Resources()


_PATHS = ["/plain", "/form", "/file", "/stream", "/events"]


@pytest.mark.parametrize("face", [Rapide, FastAPI])
@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize("by", [_cancelled_by_scope, _cancelled_by_task], ids=["scope", "task"])
def test_request_cancelled_at_any_point_closes_what_it_opened(face, path, by, have, tmp_path):
    """CON-06: each once, and neither a task nor a thread nor a descriptor remains."""
    (tmp_path / "file").write_bytes(b"x" * 600_000)
    app = face()
    _declare(app, have, tmp_path / "file")
    assert anyio.run(_sweep_on_asyncio, app, have, path, by) > 8
    assert all(have.opened.values())


@pytest.mark.parametrize("path", _PATHS)
def test_request_cancelled_at_any_point_on_trio_closes_what_it_opened(path, have, tmp_path):
    """CON-06, CON-16: there a cancellation is raised again and again, until the scope is left."""
    (tmp_path / "file").write_bytes(b"x" * 600_000)
    app = Rapide()
    _declare(app, have, tmp_path / "file")
    assert anyio.run(_sweep, app, have, path, _cancelled_by_scope, backend="trio") > 8
