"""Receiving the body, and no more of it than allowed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect, Request

from rapide._run.patience import in_time
from rapide.exceptions import HTTPException

__all__ = [
    "ClientGoneError",
    "ContentTooLargeError",
    "announced_size",
    "check_announced",
    "limited",
    "receive_body",
    "requested_body",
]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class ContentTooLargeError(HTTPException):
    """The body is longer than allowed: 413 (RFC 9110, section 15.5.14)."""

    def __init__(self) -> None:
        super().__init__(413, "Content Too Large")


class ClientGoneError(HTTPException, ClientDisconnect):
    """The client left before the end of the body. Nobody receives the 400, but middleware and logs see it."""

    def __init__(self) -> None:
        super().__init__(400, "There was an error parsing the body")


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
