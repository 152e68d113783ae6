"""Receiving the body, and turning it into JSON data."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request

from rapide._run.sources import MISSING
from rapide.exceptions import HTTPException, RequestValidationError

__all__ = [
    "ClientGoneError",
    "ContentTooLargeError",
    "announced_size",
    "check_announced",
    "content_type_of",
    "from_json",
    "is_json",
    "is_json_type",
    "is_plain_json",
    "limited",
    "load_body",
    "load_strictly",
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


async def receive_body(scope: Scope, receive: Receive, limit: int | None) -> bytes:
    """Return the whole body.

    Raises ContentTooLargeError before the first byte is asked for when its announced length is over `limit`,
    or at the chunk that crosses it; ClientGoneError when the client leaves before the end.
    """
    if limit is not None:
        check_announced(scope, limit)
    message = await receive()
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
        message = await receive()


def limited(receive: Receive, limit: int) -> Receive:
    """Return a `receive` that counts the bytes of the body and refuses the one that crosses `limit`."""
    size = 0

    async def receive_limited() -> MutableMapping[str, Any]:
        nonlocal size
        message = await receive()
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > limit:
                raise ContentTooLargeError
        return message

    return receive_limited


async def requested_body(request: Request, limit: int | None) -> bytes:
    """Return the body through a `Request` that others hold too, so that all of them can read it.

    Raises ContentTooLargeError and ClientGoneError as `receive_body`.
    """
    if limit is not None and not hasattr(request, "_body"):
        check_announced(request.scope, limit)
        request._receive = limited(request._receive, limit)  # noqa: SLF001 -- there is no other way in
    try:
        body = await request.body()
    except ClientDisconnect as exc:
        raise ClientGoneError from exc
    if limit is not None and len(body) > limit:  # a dependency has read it before
        raise ContentTooLargeError
    return body


def content_type_of(scope: Scope) -> str | None:
    """Return the media type of the body without parameters, in lower case; None without the header."""
    for name, value in scope["headers"]:
        if name == b"content-type":
            return str(value.decode("latin-1")).partition(";")[0].strip().lower()
    return None


def is_json(scope: Scope, *, strict: bool) -> bool:
    """Tell whether the body is declared as JSON: application/json or application/*+json.

    The suffix is that of RFC 6838, section 4.2.8. Without a Content-Type it counts as JSON when not `strict`.
    """
    for name, value in scope["headers"]:
        if name == b"content-type":
            if value == b"application/json":
                return True
            break
    else:
        return not strict
    return is_json_type(content_type_of(scope) or "")


def is_json_type(media_type: str) -> bool:
    """Tell whether a media type, with parameters or without, is that of JSON."""
    main, _, sub = media_type.partition(";")[0].strip().lower().partition("/")
    return main == "application" and (sub == "json" or sub.endswith("+json"))


def is_plain_json(body: bytes, scope: Scope, *, strict: bool) -> bool:
    """Tell whether the body is JSON without the constants that JavaScript knows and RFC 8259 does not."""
    return is_json(scope, strict=strict) and b"NaN" not in body and b"Infinity" not in body


def _invalid_json(position: int, message: str, body: Any) -> RequestValidationError:
    error = {
        "type": "json_invalid",
        "loc": ("body", position),
        "msg": "JSON decode error",
        "input": {},
        "ctx": {"error": message},
    }
    return RequestValidationError([error], body=body)


def _loads(body: bytes) -> Any:
    try:
        return json.loads(body)
    except json.JSONDecodeError as exc:
        raise _invalid_json(exc.pos, exc.msg, exc.doc) from exc
    except Exception as exc:
        raise HTTPException(400, "There was an error parsing the body") from exc


def load_strictly(body: bytes) -> Any:
    """Parse what RFC 8259 knows: UTF-8, no NaN, no lone surrogates, limited nesting.

    Raises RequestValidationError with the place of a syntax error, HTTPException 400 for undecodable bytes.
    """
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise HTTPException(400, "The body is not UTF-8") from exc
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as exc:
        reason = str(exc)
    try:
        json.loads(body)
    except json.JSONDecodeError as exc:
        raise _invalid_json(exc.pos, exc.msg, exc.doc) from exc
    except (RecursionError, ValueError):
        raise _invalid_json(0, reason, None) from None
    raise _invalid_json(0, reason, None)


def load_body(body: bytes, scope: Scope, *, strict_type: bool, strict_json: bool, refuse_types: bool) -> Any:
    """Return the data of a body: MISSING when empty, parsed JSON, or the raw bytes of another media type.

    Raises RequestValidationError for a syntax error, HTTPException 400 for undecodable bytes and, if
    `refuse_types`, 415 for a body that is not declared as JSON.
    """
    if not body:
        return MISSING
    if not is_json(scope, strict=strict_type):
        if refuse_types:
            raise HTTPException(415, "Unsupported Media Type", headers={"Accept": "application/json"})
        return body
    return load_strictly(body) if strict_json else _loads(body)
