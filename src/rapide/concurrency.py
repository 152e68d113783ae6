"""Blocking code beside the event loop."""

import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Generic, TypeVar

from anyio import CancelScope, CapacityLimiter, Event, from_thread, get_cancelled_exc_class, to_thread
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool, run_until_first_complete

from rapide._lanes import set_sizes

__all__ = [
    "asynccontextmanager",
    "contextmanager_in_threadpool",
    "iterate_in_threadpool",
    "limit_threads",
    "run_in_threadpool",
    "run_until_first_complete",
    "time_left",
]

T = TypeVar("T")

# When the time of the current request is over, in the seconds of `time.monotonic()`.
deadline_variable: ContextVar[float | None] = ContextVar("rapide.deadline", default=None)


def time_left() -> float | None:
    """Return the seconds that are left of the `timeout` of the current request; 0 when it is over.

    None where there is no limit, which is also how HTTP and database clients spell "no limit":
    `await client.get(url, timeout=time_left())`. In `async def` and `def` functions alike.
    """
    ends = deadline_variable.get()
    return None if ends is None else max(0.0, ends - time.monotonic())


def limit_threads(
    *,
    work: int | None = None,
    clean_up: int | None = None,
    files: int | None = None,
    streams: int | None = None,
    answers: int | None = None,
) -> None:
    """Set how many calls of each kind run on worker threads at once, for all applications of this process.

    Calls of one kind never wait for those of another. Call it before the server starts, or at any time: it
    holds from the next call on. What is not named gets its default back.

    Args:
        work: `def` endpoints and dependencies of requests that begin, and as many again for each further
            trip of a request to a thread. None is the number of AnyIO's default limiter: 40.
        clean_up: Leaving `def` dependencies with `yield`, closing streams and uploads. None is `work`, as in
            the following.
        files: Reading files that are sent, writing uploads that come in.
        streams: The next items of plain generators that are sent.
        answers: `def` exception handlers, and debug pages.

    Raises:
        InvalidValueError: a number is not above 0.
    """
    set_sizes({"work": work, "clean_up": clean_up, "files": files, "streams": streams, "answers": answers})


class _ThreadCall(Generic[T]):
    """A call in a worker thread that, once it began, is waited for to its end.

    Cancellation by an AnyIO scope waits by itself. A task that asyncio cancels (`Task.cancel()`,
    `asyncio.timeout()`) goes on at once and leaves the thread behind; that is what the waiting here is for.
    """

    def __init__(self, function: Callable[[], T]) -> None:
        self._function = function
        self._lock = threading.Lock()
        self._state = "waiting"
        self._ended: Event | None = None

    async def run(self, limiter: CapacityLimiter | None = None, *, certainly: bool = False) -> T:
        """Return what the function returns; raise what it raises, or the cancellation once it is over.

        `certainly` means that not even a cancellation that comes before the beginning keeps it from running.
        """
        try:
            return await to_thread.run_sync(self._call, limiter=limiter)
        except get_cancelled_exc_class():
            await self._wait()
            if certainly and self._state == "abandoned":
                self._state = "waiting"
                with suppress(get_cancelled_exc_class()):
                    await self.run(limiter, certainly=True)
            raise

    def _call(self) -> T:
        with self._lock:
            if self._state == "abandoned":
                raise RuntimeError("nobody waits for this call any more")
            self._state = "running"
        try:
            return self._function()
        finally:
            with self._lock:
                self._state = "ended"
                ended = self._ended
            if ended is not None:
                from_thread.run_sync(ended.set)

    async def _wait(self) -> None:
        with self._lock:
            if self._state == "waiting":
                self._state = "abandoned"
            if self._state != "running":
                return
            ended = self._ended = Event()
        while not ended.is_set():
            # asyncio may cancel again and again; the first cancellation is the one that is raised in the end.
            with CancelScope(shield=True), suppress(get_cancelled_exc_class()):
                await ended.wait()


async def _leave(cm: AbstractContextManager[object], error: BaseException | None) -> bool:
    """Leave in a thread of its own, not one of the pool's; return whether the error was swallowed."""
    place = (None, None, None) if error is None else (type(error), error, error.__traceback__)
    call = _ThreadCall(lambda: bool(cm.__exit__(*place)))
    swallowed = False
    with CancelScope(shield=True):
        swallowed = await call.run(CapacityLimiter(1), certainly=True)
    return swallowed  # noqa: RET504 -- for type checkers, the scope may end before the assignment


@asynccontextmanager
async def contextmanager_in_threadpool(cm: AbstractContextManager[T]) -> AsyncGenerator[T, None]:
    """Enter and leave a blocking context manager in worker threads.

    What was entered is left, whatever is cancelled meanwhile. Leaving takes no thread of the pool: where all
    threads wait for something that this very context manager will free, it must be free to do so.

    Args:
        cm: The context manager. It sees exceptions of the body, cancellation included, and may swallow them.

    Returns:
        An asynchronous context manager that gives what `cm` gives.
    """
    entered: list[T] = []
    try:
        await _ThreadCall(lambda: entered.append(cm.__enter__())).run()
    except get_cancelled_exc_class() as cancelled:
        if entered:
            await _leave(cm, cancelled)
        raise
    try:
        yield entered[0]
    except BaseException as error:
        if not await _leave(cm, error):
            raise
    else:
        await _leave(cm, None)
