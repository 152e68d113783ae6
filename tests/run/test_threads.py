"""Plain functions on threads: in lanes that do not wait for each other."""

import asyncio
import gc
import os
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import anyio
import pytest
from anyio import from_thread, to_thread
from raw_asgi import Exchange, http_scope

from rapide import Depends, Rapide
from rapide._lanes import CLEAN_UP, FILES, STREAMS, WORK, Lane, lane_after
from rapide._run import threads
from rapide._run.threads import in_thread
from rapide.concurrency import limit_threads
from rapide.errors import InvalidValueError
from rapide.responses import FileResponse, StreamingResponse

BACKENDS = ["asyncio", "trio"]


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Give each lane two threads."""
    limit_threads(work=2)
    yield
    limit_threads()


class _Gate:
    """What blocks threads until it is opened, and counts who stands before it."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._arrived = threading.Semaphore(0)

    def wait(self) -> None:
        self._arrived.release()
        assert self._open.wait(30)

    def open(self) -> None:
        self._open.set()

    def await_arrivals(self, count: int) -> None:
        for _ in range(count):
            assert self._arrived.acquire(timeout=30)


async def _with_full_lane(lane: Lane, other: Any) -> Any:
    """Return what `other` gives while all threads of `lane` are taken and more wait for them."""
    gate = _Gate()
    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(partial(in_thread, gate.wait, lane=lane))
        await to_thread.run_sync(gate.await_arrivals, 2)
        try:
            with anyio.fail_after(30):
                return await other()
        finally:
            gate.open()


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("free", [CLEAN_UP, FILES, STREAMS, lane_after(len, 0), lane_after(None, 1)])
def test_other_lanes_go_on_when_one_is_full(free, backend, two_threads):
    """Nothing but more of the same waits for calls that block."""
    result = anyio.run(_with_full_lane, WORK, partial(in_thread, lambda: 1, lane=free), backend=backend)
    assert result == 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_more_calls_run_at_once_than_the_lane_has_threads(backend, two_threads):
    """The third of two waits, and runs when one of them has ended."""
    running, most, lock = [0], [0], threading.Lock()

    def work() -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.005)
        with lock:
            running[0] -= 1

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(in_thread, work)

    anyio.run(run, backend=backend)
    assert (running[0], most[0]) == (0, 2)


@pytest.mark.parametrize("backend", BACKENDS)
def test_anyio_decides_how_many_threads_work_where_nobody_else_does(backend):
    """Who sets the default limiter, as FastAPI's users do, sets our threads."""
    together: list[int] = []

    async def run() -> None:
        to_thread.current_default_thread_limiter().total_tokens = 3
        barrier = threading.Barrier(3)
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(in_thread, lambda: together.append(barrier.wait(30)))

    anyio.run(run, backend=backend)
    assert sorted(together) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("size", [0, -1, True, 1.5, "4"])
def test_sizes_are_numbers_above_zero(size):
    """Anything else is refused, and changes nothing."""
    with pytest.raises(InvalidValueError, match="files must be a number of threads") as caught:
        limit_threads(work=3, files=size)
    assert caught.value.code == "RAP213"
    assert (WORK.size, FILES.size) == (None, None)


def test_lanes_after_a_dependency_are_shared_between_routes():
    """Whoever holds the same goes on in the same lane; whoever has gone on already, in the next."""
    assert lane_after(len, 1) is lane_after(len, 1)
    assert len({lane_after(None, 0), lane_after(None, 1), lane_after(len, 0), lane_after(len, 1)}) == 4
    assert lane_after(None, 0) is WORK
    assert lane_after(len, 50) is lane_after(len, 60)


def test_lanes_go_with_the_handlers_that_name_them():
    """Applications that come and go leave nothing."""

    def depend() -> Iterator[None]:
        yield

    lane = lane_after(depend, 0)
    assert lane.name == "after_depend_0"
    name = lane.name
    del lane
    gc.collect()
    from rapide import _lanes

    assert name not in {known.name for known in _lanes._all}


def test_callables_without_a_hash_have_lanes_too():
    """Only nobody shares theirs."""

    class Unhashable:
        __hash__ = None  # type: ignore[assignment]  # what is tested

        def __call__(self) -> Iterator[None]:
            yield

    depend = Unhashable()
    assert lane_after(depend, 0) is not lane_after(depend, 0)


def _exchange(app: Any, path: str) -> Any:
    async def ask() -> int:
        exchange = Exchange(http_scope("GET", path))
        await exchange.run(app)
        return exchange.status

    return ask


@pytest.mark.parametrize("backend", BACKENDS)
def test_files_and_plain_streams_are_sent_while_all_endpoints_block(backend, two_threads, tmp_path):
    """Framework work has threads of its own."""
    (tmp_path / "file").write_bytes(b"x" * 1000)
    app = Rapide()

    @app.get("/file")
    async def file() -> Any:
        return FileResponse(tmp_path / "file")

    @app.get("/stream", response_class=StreamingResponse)
    def stream() -> Iterator[bytes]:
        yield from (b"x", b"y")

    for path in ("/file", "/stream"):
        assert anyio.run(_with_full_lane, WORK, _exchange(app, path), backend=backend) == 200


def _holding_app(ran: list[str], opened_now: anyio.Event, gate: anyio.Event) -> Rapide:
    """An application whose requests hold something when they come to their last trip to a thread."""
    app = Rapide()

    async def open_session() -> Any:
        yield "session"
        ran.append("closed")

    def open_plainly() -> Iterator[str]:
        yield "plain"
        ran.append("closed plainly")

    async def look_up() -> None: ...

    async def wait_here(opened: str = Depends(open_plainly)) -> None:
        opened_now.set()
        await gate.wait()

    @app.get("/")
    def read(session: str = Depends(open_session), found: None = Depends(look_up)) -> str:
        ran.append("endpoint")
        return session

    @app.get("/second", dependencies=[Depends(wait_here)])
    def read_second() -> None:
        ran.append("second endpoint")

    return app


@pytest.mark.parametrize("backend", BACKENDS)
def test_request_that_holds_something_goes_on_while_others_wait_to_begin(backend, two_threads):
    """Its second trip to a thread, its clean-up and its answer wait behind nobody."""
    ran: list[str] = []

    async def run() -> list[int]:
        # What is opened on a thread needs one of those that begin; so it is opened before they come.
        statuses: list[int] = []
        opened_now, gate = anyio.Event(), anyio.Event()
        app = _holding_app(ran, opened_now, gate)
        second_is_there = anyio.Event()

        async def ask(path: str) -> None:
            statuses.append(await _exchange(app, path)())
            if path == "/second":
                second_is_there.set()

        async with anyio.create_task_group() as group:
            group.start_soon(ask, "/second")
            await opened_now.wait()

            async def both() -> None:
                gate.set()
                await ask("/")
                await second_is_there.wait()

            await _with_full_lane(WORK, both)
        return statuses

    assert anyio.run(run, backend=backend) == [200, 200]
    assert sorted(ran) == ["closed", "closed plainly", "endpoint", "second endpoint"]


def test_calls_that_nobody_waits_for_any_more_do_not_run(two_threads):
    """Those that were cancelled in the queue leave it, and those behind them go on."""
    ran: list[int] = []

    async def run() -> None:
        gate = _Gate()
        blocking = [asyncio.create_task(in_thread(gate.wait)) for _ in range(2)]
        await to_thread.run_sync(gate.await_arrivals, 2)
        queued = [asyncio.create_task(in_thread(ran.append, number)) for number in range(10)]
        await asyncio.sleep(0)
        for task in queued[:9]:
            task.cancel()
        await asyncio.sleep(0)
        gate.open()
        await asyncio.gather(*blocking, *queued, return_exceptions=True)

    asyncio.run(run())
    assert ran == [9]
    assert (WORK.running, list(WORK.waiting)) == (0, [])


def test_threads_that_have_nothing_to_do_end(monkeypatch):
    """A burst of calls leaves no threads for ever."""
    monkeypatch.setattr(threads, "_IDLE_SECONDS", 0.01)
    fresh = threads._Threads()
    monkeypatch.setattr(threads._state, "threads", fresh)
    barrier = threading.Barrier(8)

    async def run() -> None:
        await asyncio.gather(*(in_thread(barrier.wait, 30) for _ in range(8)))
        assert fresh._count == 8
        while fresh._count:  # noqa: ASYNC110 -- what ends is no task, and tells nobody
            await asyncio.sleep(0.005)
        assert await in_thread(lambda: 1) == 1

    asyncio.run(run())


def test_calls_wait_when_the_system_gives_no_more_threads(monkeypatch):
    """Whoever has a thread takes over what the missing one would have done."""
    fresh = threads._Threads()
    monkeypatch.setattr(threads._state, "threads", fresh)
    real, started = threading.Thread.start, []

    def start(thread: threading.Thread) -> None:
        started.append(thread)
        if len(started) > 1:
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)

    async def run() -> list[int]:
        return await asyncio.gather(*(in_thread(lambda number=number: number) for number in range(5)))

    assert asyncio.run(run()) == [0, 1, 2, 3, 4]


def test_call_fails_when_the_system_gives_no_thread_at_all(monkeypatch):
    """It is told, and waits for nothing."""
    monkeypatch.setattr(threads._state, "threads", threads._Threads())

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        asyncio.run(in_thread(lambda: 1))
    assert WORK.running == 0


def test_loops_that_are_closed_are_forgotten():
    """Each test and each `asyncio.run` has one."""
    for _ in range(5):
        asyncio.run(in_thread(lambda: 1))
    assert len(threads._state.places) == 1


def test_functions_reach_their_event_loop():
    """AnyIO's `from_thread` works on every thread."""

    async def run() -> Any:
        loop = asyncio.get_running_loop()
        return loop is await in_thread(from_thread.run_sync, asyncio.get_running_loop, lane=FILES)

    assert asyncio.run(run())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_forked_child_has_threads_of_its_own():
    """None has survived the fork, nor has what waited for them."""
    asyncio.run(in_thread(lambda: 1))
    WORK.running += 5  # as if calls were running
    try:
        child = os.fork()
    finally:
        if os.getpid() == _PARENT:
            WORK.running -= 5
    if child == 0:
        result = asyncio.run(in_thread(lambda: 7))
        os._exit(0 if (result, WORK.running) == (7, 0) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


_PARENT = os.getpid()
