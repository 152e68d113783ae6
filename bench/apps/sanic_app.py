"""Sanic, on its own server, with msgspec as its JSON encoder.

By hand: validation, by msgspec's decoders; the dependency graph; worker threads for `def` functions, which
Sanic calls on the event loop.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from sanic import Request, Sanic, Websocket, response
from sanic.exceptions import BadRequest, SanicException
from sanic.response import HTTPResponse

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

__all__ = ["app"]


class Address(msgspec.Struct):
    """A model inside another."""

    street: str
    number: int


class Item(msgspec.Struct):
    """What the body case receives and gives back."""

    name: str
    price: float
    address: Address
    tags: list[str] = []


class Row(msgspec.Struct):
    """What the long list consists of."""

    id: int
    name: str
    category: str
    price: float
    in_stock: bool


class FormFields(msgspec.Struct):
    """The fields of the form."""

    name: str
    age: int
    member: bool = False


class Unprocessable(SanicException):
    """What the client sent does not fit."""

    status_code = 422
    quiet = True  # as Sanic's own exceptions for requests are: no traceback in the log


_encode = msgspec.json.Encoder().encode
_decode_item = msgspec.json.Decoder(Item).decode
_rows = [msgspec.convert(row_values(number), Row) for number in range(LIST_LENGTH)]
_sessions = Sessions()

app = Sanic("bench", dumps=_encode)
app.config.FALLBACK_ERROR_FORMAT = "json"


@app.get("/text")
async def text(request: Request) -> HTTPResponse:
    """Answer a text."""
    return response.text(GREETING)


@app.get("/json")
async def json(request: Request) -> HTTPResponse:
    """Answer JSON."""
    return response.json(MESSAGE)


@app.get("/items/<item_id:int>")
async def params(request: Request, item_id: int) -> HTTPResponse:
    """Read path and query parameters."""
    try:
        limit = int(request.args.get("limit", 10))
    except ValueError as error:
        raise Unprocessable("limit is not a number") from error
    return response.json({"item_id": item_id, "q": request.args.get("q"), "limit": limit})


@app.post("/items")
async def create(request: Request) -> HTTPResponse:
    """Read a body and give it back."""
    try:
        item = _decode_item(request.body)
    except msgspec.ValidationError as error:
        raise Unprocessable(str(error)) from error
    return response.json(item)


@app.get("/list")
async def long_list(request: Request) -> HTTPResponse:
    """Answer a long list."""
    return response.json(_rows)


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


@app.get("/graph")
async def graph(request: Request) -> HTTPResponse:
    """Use dependencies by hand."""
    token = request.headers.get("x-token")
    if token is None:
        raise BadRequest("x-token is missing")
    async with _session() as session:
        user = await _user(session, token)
        return response.json(await _service(user, await _store(session)))


def _plain() -> dict[str, Any]:
    return {"thread": where()}


def _first() -> int:
    return 1


def _second(value: int) -> int:
    return value + 1


_third = _fourth = _fifth = _second


def _dependencies() -> dict[str, Any]:
    return {"thread": where(), "value": _fifth(_fourth(_third(_second(_first()))))}


@app.get("/def")
async def plain(request: Request) -> HTTPResponse:
    """Run in a thread."""
    return response.json(await asyncio.to_thread(_plain))


@app.get("/def-dependencies")
async def dependencies(request: Request) -> HTTPResponse:
    """Use dependencies in a thread."""
    return response.json(await asyncio.to_thread(_dependencies))


@app.post("/form")
async def form(request: Request) -> HTTPResponse:
    """Read a form."""
    fields = {name: values[0] for name, values in request.form.items()}
    return response.json(msgspec.convert(fields, FormFields, strict=False))


@app.post("/upload")
async def upload(request: Request) -> HTTPResponse:
    """Read an upload; Sanic has the whole of it in memory."""
    file = request.files.get("file")
    return response.json({"name": file.name, "size": len(file.body)})


@app.get("/download")
async def download(request: Request) -> Any:
    """Send a file in pieces."""
    return await response.file_stream(DOWNLOAD, chunk_size=64 * 1024, mime_type="application/octet-stream")


@app.get("/events")
async def events(request: Request) -> None:
    """Send events."""
    stream = await request.respond(content_type="text/event-stream", headers={"cache-control": "no-cache"})
    for number in range(EVENTS):
        await stream.send(b"data: " + _encode({"n": number}) + b"\n\n")
    await stream.eof()


@app.get("/boom")
async def boom(request: Request) -> HTTPResponse:
    """Raise."""
    raise BenchError


@app.websocket("/echo")
async def echo(request: Request, socket: Websocket) -> None:
    """Send every text back."""
    async for message in socket:
        await socket.send(message)
