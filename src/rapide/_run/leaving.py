"""Clients that leave: what nobody waits for any more is cancelled.

Whoever has what a function waits for within a tenth of a second pays a timer that never rings. Only then the
connection is watched.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, CancelledError, Task, current_task, sleep
from asyncio.events import _get_running_loop
from collections.abc import Awaitable, Callable, Coroutine, Generator, MutableMapping
from types import coroutine
from typing import Any, TypeVar

import anyio
from anyio import Lock, create_task_group

from rapide._run.awaiting import proceed
from rapide.exceptions import Disconnected

__all__ = ["Postbox", "while_client_waits"]

T = TypeVar("T")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

_PATIENCE = 0.1  # seconds

# A request without a body is a message, too; whoever sends more than that is still there.
_MOST_MESSAGES = 2


class Postbox:
    """A `receive` for several: what the watch takes out of it is kept for the endpoint."""

    __slots__ = ("_kept", "_one_at_a_time", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: list[Message] = []
        self._one_at_a_time = Lock(fast_acquire=True)

    async def __call__(self) -> Message:
        """Receive a message."""
        if not self._kept:
            async with self._one_at_a_time:
                if not self._kept:  # the watch may have taken what came
                    return await self._receive()
        return self._kept.pop(0)

    async def look(self) -> Message:
        """Receive a message without taking it away."""
        async with self._one_at_a_time:
            message = await self._receive()
            self._kept.append(message)
            return message


async def _gone(receive: Receive) -> bool:
    """Wait until the client has left. False for one that sends what only the endpoint can read."""
    if isinstance(receive, Postbox):
        receive = receive.look
    for _ in range(_MOST_MESSAGES):
        message = await receive()
        if message["type"] == "http.disconnect":
            return True
        if message.get("more_body", False):
            return False
    return False


class _Watch:
    """Cancels the task at hand, once, when its client has left."""

    __slots__ = ("_handle", "_loop", "_receive", "_task", "_watching", "rang")

    def __init__(self, loop: AbstractEventLoop, receive: Receive) -> None:
        self._loop = loop
        self._receive = receive
        self._task: Task[Any] | None = current_task()
        self._watching: Task[None] | None = None
        self.rang = False
        self._handle = loop.call_later(_PATIENCE, self._begin)

    def _begin(self) -> None:
        self._watching = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        if not await _gone(self._receive) or self._task is None:
            return
        while _is_shielded(self._task):  # noqa: ASYNC110 -- AnyIO tells nobody when a shield ends
            await sleep(_PATIENCE)
        self.rang = True
        self._task.cancel()

    def stop(self) -> None:
        self._handle.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def take_back(self) -> bool:
        """Take the cancellation back; False when somebody else has cancelled the task, too."""
        return self._task is not None and self._task.uncancel() == 0


def _is_shielded(task: Task[Any]) -> bool:
    """Tell whether the task is inside an AnyIO scope that no cancellation may enter.

    A function that AnyIO has sent to a thread is such a place: what it uses must stay open.
    """
    from anyio._backends._asyncio import _task_states  # noqa: PLC0415 -- asyncio is running

    state = _task_states.get(task)
    scope = None if state is None else state.cancel_scope
    while scope is not None:
        if scope.shield:
            return True
        scope = scope._parent_scope  # noqa: SLF001 -- AnyIO tells it nowhere else
    return False


@coroutine
def while_client_waits(call: Coroutine[Any, Any, T], receive: Receive) -> Generator[Any, Any, T]:
    """Return what `call` returns; when the client leaves first, cancel it and raise Disconnected.

    It is cancelled once, as `asyncio.timeout` does, so that it may await while it cleans up. A function that
    does not let itself be cancelled returns its result.
    """
    loop = _get_running_loop()
    if loop is None:  # trio, where a nursery must be there before
        found: T = yield from _in_nursery(call, receive).__await__()
        return found
    steps: Any = call.__await__()
    result: T
    try:
        wanted = next(steps)
    except StopIteration as done:
        result = done.value
        return result
    watch = _Watch(loop, receive)
    try:
        result = yield from proceed(steps, wanted)
        return result  # noqa: TRY300 -- the type of what comes from a generator is not known
    except CancelledError:
        if watch.rang and watch.take_back():
            raise Disconnected from None
        raise
    finally:
        watch.stop()


async def _in_nursery(call: Awaitable[T], receive: Receive) -> T:
    left = False

    async def watch() -> None:
        nonlocal left
        await anyio.sleep(_PATIENCE)
        left = await _gone(receive)
        if left:
            group.cancel_scope.cancel()

    results: list[T] = []
    errors: list[Exception] = []
    async with create_task_group() as group:
        group.start_soon(watch)
        try:
            results.append(await call)
        except Exception as exc:  # noqa: BLE001 -- raised below, where no group is made of it
            errors.append(exc)
        group.cancel_scope.cancel()
    if errors:
        raise errors.pop()
    if not results:
        raise Disconnected
    return results[0]
