"""Waiting for a client only so long."""

from __future__ import annotations

from asyncio import CancelledError, current_task
from asyncio.events import _get_running_loop
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from types import coroutine
from typing import Any

from anyio import move_on_after

from rapide.exceptions import HTTPException

__all__ = ["BodyTimeoutError", "in_time"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class BodyTimeoutError(HTTPException):
    """The client has sent nothing for too long, amid its body: 408 (RFC 9110, section 15.5.9)."""

    def __init__(self) -> None:
        super().__init__(408, "The rest of the body did not come in time.", {"Connection": "close"})


class _Alarm:
    """Cancels the task that set it, as `asyncio.timeout` does; but it may be set while the task waits."""

    def __init__(self, loop: Any, seconds: float) -> None:
        self.task = current_task()
        self.rang = False
        self._handle = loop.call_later(seconds, self._ring)

    def _ring(self) -> None:
        self.rang = True
        if self.task is not None:
            self.task.cancel()

    def stop(self) -> None:
        self._handle.cancel()

    def take_back(self) -> bool:
        """Take the cancellation back; False when somebody else has cancelled the task, too."""
        return self.task is not None and self.task.uncancel() == 0


@coroutine
def in_time(receive: Receive, seconds: float) -> Generator[Any, Any, Message]:
    """Receive a message, or raise BodyTimeoutError after so many seconds.

    Most bodies are there already: the message is received in one step, and no clock is set. That is why this
    is written in the event loop's own protocol and not with a timeout around an `await`.
    """
    loop = _get_running_loop()
    if loop is None:  # trio, whose cancel scopes must be there before
        return (yield from _in_scope(receive, seconds).__await__())
    steps: Any = receive().__await__()
    try:
        wanted = next(steps)
    except StopIteration as done:
        message: Message = done.value
        return message
    alarm = _Alarm(loop, seconds)
    try:
        return (yield from _proceed(steps, wanted))
    except CancelledError:
        if alarm.rang and alarm.take_back():
            raise BodyTimeoutError from None
        raise
    finally:
        alarm.stop()


def _proceed(steps: Any, wanted: Any) -> Generator[Any, Any, Message]:
    """Go on with what an awaitable does after its first step, which `wanted` something of the loop."""
    while True:
        try:
            given = yield wanted
        except BaseException as exc:  # noqa: BLE001 -- a cancellation, which is for what waits inside
            proceed, argument = steps.throw, exc
        else:
            proceed, argument = steps.send, given
        try:
            wanted = proceed(argument)
        except StopIteration as done:
            message: Message = done.value
            return message


async def _in_scope(receive: Receive, seconds: float) -> Message:
    with move_on_after(seconds):
        return await receive()
    raise BodyTimeoutError
