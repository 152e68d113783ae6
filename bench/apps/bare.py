"""Bare ASGI: the floor of the comparison, the same answers in straight-line Python without a framework.

Only what each case needs is done: no errors in common, no documents, no limits.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, TypeAdapter, ValidationError
from python_multipart import MultipartParser
from python_multipart.multipart import parse_options_header

from bench.apps import growing
from bench.contract import (
    DOWNLOAD,
    EVENTS,
    GREETING,
    LIST_LENGTH,
    MESSAGE,
    BenchError,
    Sessions,
    row_values,
    where,
)

__all__ = ["app", "make_growth", "make_routes"]


class Address(BaseModel):
    """A model inside another."""

    street: str
    number: int


class Item(BaseModel):
    """What the body case receives and gives back."""

    name: str
    price: float
    tags: list[str] = []
    address: Address


class Row(BaseModel):
    """What the long list consists of."""

    id: int
    name: str
    category: str
    price: float
    in_stock: bool


_read_item = Item.__pydantic_validator__.validate_json
_write_item = Item.__pydantic_serializer__.to_json
_read_int = TypeAdapter(int).validator.validate_python
_read_bool = TypeAdapter(bool).validator.validate_python
_write_rows = TypeAdapter(list[Row]).serializer.to_json
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_rows = [Row.model_validate(row_values(number)) for number in range(LIST_LENGTH)]
_sessions = Sessions()


async def _reply(
    send: Any, body: bytes, *, status: int = 200, media_type: bytes = b"application/json"
) -> None:
    headers = [(b"content-length", str(len(body)).encode()), (b"content-type", media_type)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _read(receive: Any) -> bytes:
    message = await receive()
    if not message.get("more_body"):
        return message["body"]
    chunks = [message["body"]]
    while message["more_body"]:
        message = await receive()
        chunks.append(message["body"])
    return b"".join(chunks)


async def _text(scope: Any, receive: Any, send: Any) -> None:
    await _reply(send, GREETING.encode(), media_type=b"text/plain; charset=utf-8")


async def _json(scope: Any, receive: Any, send: Any) -> None:
    await _reply(send, _encode(MESSAGE).encode())


async def _params(scope: Any, receive: Any, send: Any) -> None:
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    try:
        item_id = _read_int(scope["path"].rpartition("/")[2])
        limit = _read_int(query.get("limit", 10))
    except ValidationError as error:
        await _reply(send, error.json(include_url=False, include_input=False).encode(), status=422)
        return
    await _reply(send, _encode({"item_id": item_id, "q": query.get("q"), "limit": limit}).encode())


async def _body(scope: Any, receive: Any, send: Any) -> None:
    try:
        item = _read_item(await _read(receive))
    except ValidationError as error:
        await _reply(send, error.json(include_url=False, include_input=False).encode(), status=422)
        return
    await _reply(send, _write_item(item))


async def _list(scope: Any, receive: Any, send: Any) -> None:
    await _reply(send, _write_rows(_rows))


@asynccontextmanager
async def _session() -> AsyncIterator[Sessions]:
    _sessions.open += 1
    try:
        yield _sessions
    finally:
        _sessions.open -= 1


async def _user(session: Sessions, token: str) -> str:
    return f"user of {token}"


async def _store(session: Sessions) -> Sessions:
    return session


async def _service(user: str, store: Sessions) -> dict[str, Any]:
    return {"user": user, "open": store.open}


async def _graph(scope: Any, receive: Any, send: Any) -> None:
    token = next((value for name, value in scope["headers"] if name == b"x-token"), None)
    if token is None:
        await _reply(send, b'{"detail":"x-token is missing"}', status=422)
        return
    async with _session() as session:
        user = await _user(session, token.decode("latin-1"))
        result = await _service(user, await _store(session))
    await _reply(send, _encode(result).encode())


def _plain() -> dict[str, Any]:
    return {"thread": where()}


def _dependencies() -> dict[str, Any]:
    return {"thread": where(), "value": _fifth(_fourth(_third(_second(_first()))))}


def _first() -> int:
    return 1


def _second(value: int) -> int:
    return value + 1


_third = _fourth = _fifth = _second


def _threaded(function: Callable[[], Any]) -> Any:
    async def handle(scope: Any, receive: Any, send: Any) -> None:
        await _reply(send, _encode(await asyncio.to_thread(function)).encode())

    return handle


async def _form(scope: Any, receive: Any, send: Any) -> None:
    fields = dict(parse_qsl((await _read(receive)).decode(), keep_blank_values=True))
    result = {"name": fields["name"], "age": _read_int(fields["age"]), "member": _read_bool(fields["member"])}
    await _reply(send, _encode(result).encode())


async def _upload(scope: Any, receive: Any, send: Any) -> None:
    content_type = next(value for name, value in scope["headers"] if name == b"content-type")
    size, header = 0, b""

    def on_part_data(data: bytes, start: int, end: int) -> None:
        nonlocal size
        size += end - start

    def on_header_value(data: bytes, start: int, end: int) -> None:
        nonlocal header
        header = header or data[start:end]

    callbacks: Any = {"on_part_data": on_part_data, "on_header_value": on_header_value}
    parser = MultipartParser(parse_options_header(content_type)[1][b"boundary"], callbacks)
    more = True
    while more:
        message = await receive()
        parser.write(message["body"])
        more = message.get("more_body", False)
    name = parse_options_header(header)[1][b"filename"].decode()
    await _reply(send, _encode({"name": name, "size": size}).encode())


async def _download(scope: Any, receive: Any, send: Any) -> None:
    file = await asyncio.to_thread(DOWNLOAD.open, "rb")
    try:
        headers = [
            (b"content-length", str(DOWNLOAD.stat().st_size).encode()),
            (b"content-type", b"application/octet-stream"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while chunk := await asyncio.to_thread(file.read, 64 * 1024):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        file.close()


async def _events(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-cache")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for number in range(EVENTS):
        event = f"data: {_encode({'n': number})}\n\n".encode()
        await send({"type": "http.response.body", "body": event, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _fail() -> None:
    raise BenchError


async def _boom(scope: Any, receive: Any, send: Any) -> None:
    try:
        await _fail()
    except Exception:
        await _reply(send, b"Internal Server Error", status=500, media_type=b"text/plain")
        raise


async def _not_found(scope: Any, receive: Any, send: Any) -> None:
    await _reply(send, b'{"detail":"Not Found"}', status=404)


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    if scope["path"] != "/echo":
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


async def _lifespan(scope: Any, receive: Any, send: Any) -> None:
    for phase in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{phase}.complete"})


_ROUTES = {
    ("GET", "/text"): _text,
    ("GET", "/json"): _json,
    ("POST", "/items"): _body,
    ("GET", "/list"): _list,
    ("GET", "/graph"): _graph,
    ("GET", "/def"): _threaded(_plain),
    ("GET", "/def-dependencies"): _threaded(_dependencies),
    ("POST", "/form"): _form,
    ("POST", "/upload"): _upload,
    ("GET", "/download"): _download,
    ("GET", "/events"): _events,
    ("GET", "/boom"): _boom,
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The application."""
    if scope["type"] == "http":
        path, method = scope["path"], scope["method"]
        handler = _ROUTES.get((method, path))
        if handler is None:
            handler = _params if method == "GET" and path.startswith("/items/") else _not_found
        await handler(scope, receive, send)
    elif scope["type"] == "websocket":
        await _echo(scope, receive, send)
    else:
        await _lifespan(scope, receive, send)


def make_routes(count: int) -> Any:
    """Make an application with many routes."""
    routes = {f"r{number}": number for number in range(count)}

    async def many(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await _lifespan(scope, receive, send)
            return
        parts = scope["path"].split("/")
        if len(parts) == 4 and parts[1] in routes and parts[2] == "items":
            await _reply(send, _encode({"item_id": _read_int(parts[3])}).encode())
        else:
            await _not_found(scope, receive, send)

    return many


def make_growth(kind: str, size: int) -> Any:
    """Make an application with one route that grows."""
    return growing.make_bare(kind, size)
