"""Receiving the body: no more of it than allowed, and waiting for it no longer than allowed."""

from __future__ import annotations

from asyncio import CancelledError, current_task
from asyncio.events import _get_running_loop
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from types import coroutine
from typing import Any

from anyio import move_on_after
from starlette.requests import ClientDisconnect, Request

from rapide._run.awaiting import proceed
from rapide.exceptions import Disconnected, HTTPException

__all__ = [
    "BodyTimeoutError",
    "ClientGoneError",
    "ContentTooLargeError",
    "announced_size",
    "check_announced",
    "in_time",
    "limited",
    "receive_body",
    "requested_body",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class ContentTooLargeError(HTTPException):
    """The body is longer than allowed: 413 (RFC 9110, section 15.5.14)."""

    def __init__(self) -> None:
        super().__init__(413, "Content Too Large")


class ClientGoneError(Disconnected):
    """The client left before the end of the body. Nobody receives the 400, but middleware and logs see it."""

    def __init__(self) -> None:
        HTTPException.__init__(self, 400, "There was an error parsing the body")


def announced_size(scope: Scope) -> int:
    """Return the Content-Length, the largest if there are several.

    It is 0 when there is none, or none that is a number.
    """
    size = 0
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            size = max(size, int(value[:20]))  # more digits than any limit has
    return size


def check_announced(scope: Scope, limit: int) -> None:
    """Refuse a body whose Content-Length is over `limit`, before the first byte is asked for."""
    if announced_size(scope) > limit:
        raise ContentTooLargeError


# ------------------------------------------------------------------------------------------------ waiting


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
    message: Message
    try:
        wanted = next(steps)
    except StopIteration as done:
        message = done.value
        return message
    alarm = _Alarm(loop, seconds)
    try:
        message = yield from proceed(steps, wanted)
        return message  # noqa: TRY300 -- the type of what comes from a generator is not known
    except CancelledError:
        if alarm.rang and alarm.take_back():
            raise BodyTimeoutError from None
        raise
    finally:
        alarm.stop()


async def _in_scope(receive: Receive, seconds: float) -> Message:
    with move_on_after(seconds):
        return await receive()
    raise BodyTimeoutError


# ------------------------------------------------------------------------------------------------ receiving


async def receive_body(
    scope: Scope, receive: Receive, limit: int | None, seconds: float | None = None
) -> bytes:
    """Return the whole body.

    Raises ContentTooLargeError before the first byte is asked for when its announced length is over `limit`,
    or at the chunk that crosses it; ClientGoneError when the client leaves before the end; BodyTimeoutError
    when it sends nothing for so many seconds.
    """
    if limit is not None and announced_size(scope) > limit:
        raise ContentTooLargeError
    message = await receive() if seconds is None else await in_time(receive, seconds)
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if limit is not None and len(body) > limit:
            raise ContentTooLargeError
        return body
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message.get("body", b"")
        size += len(chunk)
        if limit is not None and size > limit:
            raise ContentTooLargeError
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)
        message = await receive() if seconds is None else await in_time(receive, seconds)


def limited(receive: Receive, limit: int | None, seconds: float | None = None) -> Receive:
    """Return a `receive` that refuses a byte of a body beyond `limit`, and silence of so many seconds."""
    size = 0

    async def receive_limited() -> MutableMapping[str, Any]:
        nonlocal size
        message = await receive() if seconds is None else await in_time(receive, seconds)
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if limit is not None and size > limit:
                raise ContentTooLargeError
        return message

    return receive_limited


async def requested_body(request: Request, limit: int | None, seconds: float | None = None) -> bytes:
    """Return the body through a `Request` that others hold too, so that all of them can read it.

    Raises ContentTooLargeError, ClientGoneError and BodyTimeoutError as `receive_body`.
    """
    if not hasattr(request, "_body"):
        if limit is not None:
            check_announced(request.scope, limit)
        if limit is not None or seconds is not None:
            request._receive = limited(request._receive, limit, seconds)  # noqa: SLF001 -- there is no other way in
    try:
        body = await request.body()
    except ClientDisconnect as exc:
        raise ClientGoneError from exc
    if limit is not None and len(body) > limit:  # a dependency has read it before
        raise ContentTooLargeError
    return body
