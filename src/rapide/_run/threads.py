"""Running plain functions on threads.

Every call belongs to a lane. A lane has so many calls on threads at once and no more; those of one lane never
wait for those of another. So what gives back never waits behind what asks for more.

On asyncio a set of threads of our own hands a function over and its result back with one wake-up each;
AnyIO's `from_thread` works inside. On trio AnyIO does it all.
"""

from __future__ import annotations

import os
import threading
from asyncio import AbstractEventLoop, CancelledError, Future
from asyncio.events import _get_running_loop
from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeVar

from anyio import CancelScope, to_thread
from anyio._core._eventloop import threadlocals
from anyio.lowlevel import EventLoopToken, current_token

from rapide._lanes import CLEAN_UP, WORK, Lane, limiter_of, reset_lanes

__all__ = ["adopt", "in_thread", "thread_context"]

T = TypeVar("T")

# A thread that had nothing to do for so long ends, if there are others for what is left.
_IDLE_SECONDS = 30.0


class _Place(NamedTuple):
    """What the calls of one event loop share."""

    token: EventLoopToken
    default: Any  # AnyIO's default limiter


class _Job:
    """One call on its way through the threads."""

    __slots__ = (
        "abandoned", "call", "context", "ended", "future", "lane", "loop", "started", "token", "waiter",
    )  # fmt: skip

    def __init__(
        self,
        loop: AbstractEventLoop,
        token: EventLoopToken,
        context: Context,
        call: Callable[[], Any],
        lane: Lane,
    ) -> None:
        self.loop = loop
        self.token = token
        self.context = context
        self.call = call
        self.lane = lane
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


class _Threads:
    """Threads for the calls of all lanes. One is made when a call finds none idle."""

    def __init__(self) -> None:
        self._ready: SimpleQueue[_Job] = SimpleQueue()
        self._lock = threading.Lock()
        self._count = 0
        self._admitted = 0  # calls that have a place in their lane; there is a thread for each

    def submit(self, job: _Job, limit: float) -> None:
        """Give a call the next place in its lane, of which there are `limit`."""
        lane = job.lane
        with self._lock:
            if lane.running >= limit:
                lane.waiting.append(job)
                return
            lane.running += 1
            self._admitted += 1
            grow = self._admitted > self._count
            self._count += grow
        if grow:
            self._start(lane)
        self._ready.put(job)

    def _start(self, lane: Lane) -> None:
        """Make a thread. Where the system gives no more, others do the work; raises when there are none."""
        try:
            threading.Thread(target=self._work, name="rapide worker", daemon=True).start()
        except RuntimeError:
            with self._lock:
                self._count -= 1
                if self._count:
                    return
                lane.running -= 1
                self._admitted -= 1
            raise

    def abandon(self, job: _Job) -> bool:
        """Take back a job that no thread has begun; False when it is too late for that."""
        with self._lock:
            job.abandoned = not job.started
            return job.abandoned

    def _work(self) -> None:
        while True:
            try:
                job: _Job | None = self._ready.get(timeout=_IDLE_SECONDS)
            except Empty:
                if self._is_superfluous():
                    return
                continue
            while job is not None:
                job = self._run(job)

    def _is_superfluous(self) -> bool:
        """Tell whether the thread at hand may end; then it no longer counts."""
        with self._lock:
            superfluous = self._count > self._admitted
            self._count -= superfluous
            return superfluous

    def _next(self, lane: Lane) -> _Job | None:
        """Return the call that takes over a place in a lane."""
        with self._lock:
            while lane.waiting:
                job: _Job = lane.waiting.popleft()
                if not job.abandoned:
                    return job
            lane.running -= 1
            self._admitted -= 1
            return None

    def _run(self, job: _Job) -> _Job | None:
        """Run a call and hand its outcome over; return the one that takes its place."""
        with self._lock:
            job.started = not job.abandoned
        if not job.started:
            return self._next(job.lane)
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
        # The place is free before anybody hears of the result: who comes next finds it so.
        following = self._next(job.lane)
        try:
            job.loop.call_soon_threadsafe(job.finish, result, error)
        except RuntimeError:
            # The loop was closed while the function ran: nobody is left to tell.
            if not job.loop.is_closed():
                raise
        finally:
            del error, job  # as in `in_thread`
        return following


class _State:
    """What there is of threads in this process."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Begin without threads; again in a forked child, where none has survived."""
        self.threads = _Threads()
        self.places: dict[AbstractEventLoop, _Place] = {}
        reset_lanes()

    def make_place(self, loop: AbstractEventLoop) -> _Place:
        """Return what the calls of a loop share; loops that are closed are forgotten."""
        for known in [known for known in self.places if known.is_closed()]:
            self.places.pop(known, None)
        place = self.places[loop] = _Place(current_token(), to_thread.current_default_thread_limiter())
        return place


_state = _State()
os.register_at_fork(after_in_child=_state.begin)


async def in_thread(
    function: Callable[..., T], *args: Any, context: Context | None = None, lane: Lane = WORK
) -> T:
    """Run `function` on a worker thread and return its result.

    With `context` it runs in that context, so that several hops of one request share it; otherwise in a copy
    of the current one. It waits behind the calls of its `lane` only. A call that has begun is waited for when
    the task is cancelled: what it opened can then be closed. Clean-up begins in any case.
    """
    call = partial(function, *args) if args else function
    loop = _get_running_loop()
    if loop is None:
        return await _in_anyio_thread(call, context, lane)
    place = _state.places.get(loop) or _state.make_place(loop)
    job = _Job(loop, place.token, copy_context() if context is None else context, call, lane)
    threads = _state.threads
    threads.submit(job, lane.size or WORK.size or place.default.total_tokens)
    try:
        return await job.future  # type: ignore[no-any-return]  # the job's own result
    except CancelledError:
        if not job.ended and (lane is CLEAN_UP or not threads.abandon(job)):
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


async def _in_anyio_thread(call: Callable[[], T], context: Context | None, lane: Lane) -> T:
    if context is not None:
        call = partial(context.run, call)
    return await to_thread.run_sync(call, limiter=limiter_of(lane))


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
