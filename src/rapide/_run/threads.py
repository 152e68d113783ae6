"""Running plain functions on threads.

On asyncio a pool of our own hands a function over and its result back with one wake-up each; AnyIO's
`from_thread` works inside, and the number of threads is that of AnyIO's default limiter. On trio AnyIO does
it all.
"""

from __future__ import annotations

import os
import threading
from asyncio import AbstractEventLoop, CancelledError, Future
from asyncio.events import _get_running_loop
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from anyio import CancelScope, CapacityLimiter, to_thread
from anyio._core._eventloop import threadlocals
from anyio.lowlevel import EventLoopToken, RunVar, current_token

__all__ = ["adopt", "in_thread", "thread_context"]

T = TypeVar("T")

# Leaving a dependency must not wait behind entering one: clean-up has a lane of its own.
_RESERVED_THREADS = 8


class _Job:
    """One call on its way through a pool."""

    __slots__ = ("abandoned", "call", "context", "ended", "future", "loop", "started", "token", "waiter")

    def __init__(
        self, loop: AbstractEventLoop, token: EventLoopToken, context: Context, call: Callable[[], Any]
    ) -> None:
        self.loop = loop
        self.token = token
        self.context = context
        self.call = call
        self.future: Future[Any] = loop.create_future()
        self.waiter: Future[None] | None = None
        self.started = self.ended = self.abandoned = False

    def finish(self, result: Any, error: BaseException | None) -> None:
        """Hand the outcome to whoever waits; runs on the event loop."""
        self.ended = True
        if not self.future.done():
            if error is None:
                self.future.set_result(result)
            else:
                self.future.set_exception(error)
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)


class _Pool:
    """Threads that wait for jobs. They are made when a job finds none idle, up to a limit, and stay."""

    def __init__(self, limit: Callable[[], float]) -> None:
        self._limit = limit
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._unfinished = 0

    def submit(self, job: _Job) -> None:
        """Queue a job; the first idle thread takes it."""
        with self._lock:
            self._unfinished += 1
            number = self._threads + 1
            grow = self._unfinished > self._threads and number <= self._limit()
            if grow:
                self._threads = number
        self._jobs.put(job)
        if not grow:
            return
        threading.Thread(target=self._work, name=f"rapide worker {number}", daemon=True).start()

    def abandon(self, job: _Job) -> bool:
        """Take back a job that no thread has begun; False when it is too late for that."""
        with self._lock:
            job.abandoned = not job.started
            return job.abandoned

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            with self._lock:
                job.started = not job.abandoned
            if job.started:
                self._run(job)
            else:
                self._rest()
            del job

    def _rest(self) -> None:
        with self._lock:
            self._unfinished -= 1

    def _run(self, job: _Job) -> None:
        threadlocals.current_token = job.token
        result: Any = None
        error: BaseException | None = None
        try:
            result = job.context.run(job.call)
        except StopIteration as exc:  # a future cannot hold one
            error = RuntimeError("a function on a thread raised StopIteration")
            error.__cause__ = exc
        except BaseException as exc:  # noqa: BLE001 -- handed over as it is
            error = exc
        self._rest()
        try:
            job.loop.call_soon_threadsafe(job.finish, result, error)
        except RuntimeError:
            # The loop was closed while the function ran: nobody is left to tell.
            if not job.loop.is_closed():
                raise
        finally:
            del error, job  # as in `in_thread`


def _default_limit() -> float:
    return to_thread.current_default_thread_limiter().total_tokens


_pools: dict[bool, _Pool] = {}
_tokens: WeakKeyDictionary[AbstractEventLoop, EventLoopToken] = WeakKeyDictionary()


def _make_pools() -> None:
    """Make the lanes; again in a forked child, where no thread has survived."""
    _pools[False] = _Pool(_default_limit)
    _pools[True] = _Pool(lambda: _RESERVED_THREADS)


_make_pools()
os.register_at_fork(after_in_child=_make_pools)


async def in_thread(
    function: Callable[..., T], *args: Any, context: Context | None = None, reserved: bool = False
) -> T:
    """Run `function` on a worker thread and return its result.

    With `context` it runs in that context, so that several hops of one request share it; otherwise in a copy
    of the current one. `reserved` takes the lane that clean-up uses. A call that has begun is waited for when
    the task is cancelled: what it opened can then be closed.
    """
    call = partial(function, *args) if args else function
    loop = _get_running_loop()
    if loop is None:
        return await _in_anyio_thread(call, context, reserved=reserved)
    token = _tokens.get(loop)
    if token is None:
        token = _tokens[loop] = current_token()
    pool = _pools[reserved]
    job = _Job(loop, token, copy_context() if context is None else context, call)
    pool.submit(job)
    try:
        return await job.future  # type: ignore[no-any-return]  # the job's own result
    except CancelledError:
        if not job.ended and not pool.abandon(job):
            await _ended(job)
        raise
    finally:
        # What is raised holds this frame: were it to hold what is raised, only a collection could free both.
        del job, call, args


async def _ended(job: _Job) -> None:
    with CancelScope(shield=True):
        while not job.ended:
            job.waiter = job.loop.create_future()
            try:
                await job.waiter
            except CancelledError:  # asyncio may cancel again and again; the first one is raised in the end
                continue


_reserved_lane: RunVar[CapacityLimiter] = RunVar("rapide.reserved_lane")


async def _in_anyio_thread(call: Callable[[], T], context: Context | None, *, reserved: bool) -> T:
    limiter = None
    if reserved:
        try:
            limiter = _reserved_lane.get()
        except LookupError:
            limiter = CapacityLimiter(_RESERVED_THREADS)
            _reserved_lane.set(limiter)
    if context is not None:
        call = partial(context.run, call)
    return await to_thread.run_sync(call, limiter=limiter)


def thread_context() -> Context:
    """Return the context in which all plain functions of one request run."""
    return copy_context()


_NOTHING: Any = object()


def adopt(context: Context) -> None:
    """Take over what plain functions set in context variables, so that the code after them sees it."""
    for variable, value in context.items():
        _set_if_changed(variable, value)


def _set_if_changed(variable: ContextVar[Any], value: Any) -> None:
    if variable.get(_NOTHING) is not value:
        variable.set(value)
