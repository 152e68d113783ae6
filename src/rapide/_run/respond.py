"""Making and sending responses."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextlib import suppress
from functools import partial
from json import encoder as json_encoder
from typing import Any

from pydantic_core import to_json
from starlette.background import BackgroundTasks
from starlette.responses import FileResponse, Response, StreamingResponse

from rapide import responses
from rapide._outgoing import NOSNIFF, add_nosniff, check_outgoing, keep_private, protect
from rapide._run.files import read_quickly
from rapide._run.leaving import while_client_waits
from rapide.exceptions import Disconnected

__all__ = [
    "JSON_TYPE",
    "LOWEST_FINAL",
    "PRIVATE",
    "STARTED",
    "checked",
    "checked_response",
    "encode_exact",
    "encode_fastapi",
    "has_body",
    "injected_response",
    "is_buffered",
    "make_sendable",
    "merge_headers",
    "not_final",
    "plain_encoder",
    "send_body",
    "send_protected",
    "send_reply",
    "send_whole",
    "watched",
]

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# Set in the scope by routes that ask for credentials: no cache may keep what they answer or raise.
PRIVATE = "rapide.private"
# Set in the scope right before the first message of a response: from then on no other response can be made.
STARTED = "rapide.started"
# Set when the last message of a response was sent.
_ENDED = "rapide.ended"
JSON_TYPE = (b"content-type", b"application/json")


# Three digits are all there is, and what is below 200 announces another response (RFC 9110, section 15;
# RFC 9112, section 4). FastAPI sends that, so its face lets it through. Compared in place: all responses pay.
LOWEST_FINAL = 200
_LOWEST, _HIGHEST = 100, 999


def not_final(status: int) -> ValueError:
    """Return what is raised for a status that ends no exchange."""
    return ValueError(f"{status} is no status of a final response")


def has_body(status: int | None) -> bool:
    """Tell whether a response of this status may have a body (RFC 9110, sections 6.4.1 and 15.2-15.4)."""
    return status is None or not (status < 200 or status in (204, 205, 304))


def injected_response() -> Response:
    """Return the `Response` that endpoints and dependencies may ask for: no status and no headers yet."""
    response = Response()
    del response.headers["content-length"]
    response.status_code = None  # type: ignore[assignment]  # "not set": the route's own status holds
    return response


def checked_response() -> Response:
    """Return the `Response` of `injected_response` that checks headers and cookies as they are set."""
    response = responses.Response()
    del response.headers["content-length"]
    response.status_code = None  # type: ignore[assignment]  # as above
    return response


def merge_headers(response: Response, injected: Response | None) -> None:
    """Append the headers and cookies that were set on the injected response."""
    if injected is not None:
        response.raw_headers.extend(injected.raw_headers)


def _jsonable(value: Any, **options: Any) -> Any:
    from rapide.encoders import jsonable_encoder  # noqa: PLC0415 -- plain data and models do without

    return jsonable_encoder(value, **options)


def encode_exact(value: Any) -> bytes:
    """Encode a value without a model as models encode theirs: Decimal as text, NaN as null.

    Bytes are text, those that are no UTF-8 are in Base64. Half a surrogate pair, which UTF-8 cannot say,
    becomes U+FFFD.
    """
    try:
        return to_json(value, inf_nan_mode="null", fallback=_jsonable)
    except ValueError:  # what one pass cannot say, such as bytes that are not UTF-8 or keys that are no text
        data = _mended(_jsonable(value, custom_encoder={bytes: _text_of}))
        return to_json(data, inf_nan_mode="null", fallback=str)


def _text_of(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return b64encode(value).decode()


def _mended(data: Any) -> Any:
    """Return data of JSON's types with all its texts in UTF-8's reach."""
    if isinstance(data, str):
        return data.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(data, dict):
        return {_mended(name): _mended(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_mended(value) for value in data]
    return data


def _refuse(value: Any) -> Any:
    raise TypeError


# Makes the C encoder behind json.dumps, which json.dumps makes anew for each call; None where there is none.
_make_c_encoder: Any = getattr(json_encoder, "c_make_encoder", None)


def plain_encoder(comma: str, colon: str, long_way: Callable[[Any], str]) -> Callable[[Any], bytes]:
    """Return what encodes values as `jsonable_encoder` and `json.dumps` do, with these separators.

    Plain data goes straight through. Everything else, and names that SQLAlchemy uses, takes the long way.
    """
    if _make_c_encoder is None:
        return lambda value: long_way(value).encode()
    dump = _make_c_encoder(
        None, _refuse, json_encoder.encode_basestring, None, colon, comma, False, False, False
    )

    def encode(value: Any) -> bytes:
        try:
            text = "".join(dump(value, 0))
        except (TypeError, ValueError, RecursionError):
            text = '"_sa'
        if '"_sa' in text:
            text = long_way(value)
        return text.encode()

    return encode


_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

encode_fastapi = plain_encoder(",", ":", lambda value: _encoder.encode(_jsonable(value)))
"""Encode a value without a model as `jsonable_encoder` and `JSONResponse` do. Raises ValueError for NaN."""


def is_buffered(response: Response) -> bool:
    """Tell whether a response is complete before it is sent."""
    return not isinstance(response, StreamingResponse | FileResponse)


async def send_body(
    scope: Scope,
    send: Send,
    status: int,
    body: bytes,
    injected: Response,
    *,
    strict: bool = True,
) -> None:
    """Send a complete response; what was set on the injected response wins over `status` and is appended.

    A status that forbids a body leaves the body out, and its headers; the media type only when `strict`.
    Raises ValueError for headers that no server should send.
    """
    check_outgoing(injected.raw_headers, injected=True)
    status = injected.status_code or status
    if not (LOWEST_FINAL if strict else _LOWEST) <= status <= _HIGHEST:
        raise not_final(status)
    headers: list[tuple[bytes, bytes]] = [(b"content-length", b"%d" % len(body)), JSON_TYPE]
    if not has_body(status):
        body = b""
        headers = [*([] if strict else [JSON_TYPE]), *injected.raw_headers]
    else:
        headers += [*injected.raw_headers, *([NOSNIFF] if strict else [])]
    scope[STARTED] = True
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def watched(scope: Scope, send: Send) -> Send:
    """Return a `send` that notes in the scope when a response begins; for code that does not do so itself."""

    async def send_watched(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            scope[STARTED] = True
        await send(message)

    return send_watched


def checked(scope: Scope, send: Send, *, protects: bool = False) -> Send:
    """Return a `send` for what is not ours: applications below a path, raw endpoints, middleware.

    Raises ValueError for headers that no server should send; what is sent instead is up to the boundary.
    `protects` puts nosniff on it, and refuses statuses below 200.
    """

    async def send_checked(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ())]
            try:
                if not (LOWEST_FINAL if protects else _LOWEST) <= message["status"] <= _HIGHEST:
                    raise not_final(message["status"])
                check_outgoing(headers, foreign=True)
            except ValueError:
                scope.pop(STARTED, None)  # nothing of it was sent
                raise
            if PRIVATE in scope:
                keep_private(headers)
            if protects and has_body(message["status"]):
                add_nosniff(headers)
            scope[STARTED] = True
            message = {**message, "headers": headers}
        await send(message)

    return send_checked


def _noting_the_end(scope: Scope, send: Send) -> Send:
    async def send_noted(message: MutableMapping[str, Any]) -> None:
        await send(message)
        if message["type"] != "http.response.start" and not message.get("more_body", False):
            scope[_ENDED] = True

    return send_noted


def _listens(scope: Scope) -> bool:
    """Tell whether Starlette's streams notice by themselves that the client has left.

    Where servers say that they fail to send then, streams leave it to them; one that waits never sends.
    """
    version = scope.get("asgi", {}).get("spec_version", "2.0")
    return tuple(map(int, version.split("."))) < (2, 4)


async def _send_while_client_waits(
    reply: Callable[..., Coroutine[Any, Any, None]], scope: Scope, receive: Receive, send: Send
) -> None:
    with suppress(Disconnected):
        await while_client_waits(reply(scope, receive, send), receive)


async def send_whole(
    reply: Callable[..., Awaitable[None]], scope: Scope, receive: Receive, send: Send
) -> None:
    """Send a response that may be a stream; Disconnected when its client has left before its end."""
    await reply(scope, receive, _noting_the_end(scope, send))
    if STARTED in scope and _ENDED not in scope:
        raise Disconnected


def make_sendable(reply: Response, scope: Scope, *, foreign: bool = False) -> None:
    """Leave out a body that the status forbids, and check the headers; see `check_outgoing`.

    Raises ValueError.
    """
    headers = reply.raw_headers
    if not _LOWEST <= reply.status_code <= _HIGHEST:
        raise not_final(reply.status_code)
    if not has_body(reply.status_code) and getattr(reply, "body", None):
        reply.body = b""
        headers[:] = [pair for pair in headers if pair[0] != b"content-length"]
    body = getattr(reply, "body", None) if scope.get("method") != "HEAD" else None
    check_outgoing(headers, None if body is None else len(body), foreign=foreign)


async def send_protected(
    reply: Response,
    scope: Scope,
    receive: Receive,
    send: Send,
    background: BackgroundTasks | None = None,
    *,
    tell: bool = False,
) -> None:
    """Send a `Response` object with the headers that protect it. Raises ValueError for a status below 200."""
    if reply.status_code < LOWEST_FINAL:
        raise not_final(reply.status_code)
    if has_body(reply.status_code):
        protect(reply.raw_headers)
    await send_reply(reply, scope, receive, send, background, tell=tell)


async def send_reply(
    reply: Response,
    scope: Scope,
    receive: Receive,
    send: Send,
    background: BackgroundTasks | None = None,
    *,
    tell: bool = False,
) -> None:
    """Send a `Response` object; collected background tasks are attached when it brings none.

    With `tell`, Disconnected is raised when the client has left before its end.
    """
    if background is not None and reply.background is None:
        reply.background = background
    make_sendable(reply, scope)
    if isinstance(reply, FileResponse):
        read_quickly(reply)
    if type(reply).__call__ is Response.__call__:  # which begins with its first message
        scope[STARTED] = True
    else:
        send = watched(scope, send)
        call: Any = reply
        if reply.media_type == "text/event-stream":
            from rapide.lifecycle.streams import send_events  # noqa: PLC0415 -- for those who have streams

            call = partial(send_events, reply)
        if isinstance(reply, StreamingResponse) and not _listens(scope):
            call = partial(_send_while_client_waits, call)
        if tell:
            await send_whole(call, scope, receive, send)
        else:
            await call(scope, receive, send)
        return
    await reply(scope, receive, send)
