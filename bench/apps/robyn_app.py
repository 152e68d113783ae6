"""Robyn, on its own server; the port comes from ROBYN_PORT.

By hand: validation, by msgspec's decoders, which is faster than Robyn's own; the dependency graph; the form.
"""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from robyn import (
    Request,
    Response,
    Robyn,
    SSEMessage,
    SSEResponse,
    WebSocketAdapter,
    WebSocketDisconnect,
    serve_file,
)

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


_encode = msgspec.json.Encoder().encode
_decode_item = msgspec.json.Decoder(Item).decode
_rows = [msgspec.convert(row_values(number), Row) for number in range(LIST_LENGTH)]
_sessions = Sessions()
_JSON = {"content-type": "application/json"}

app = Robyn(__file__)


def _invalid(problem: object) -> Response:
    return Response(status_code=422, headers=_JSON, description=_encode({"detail": str(problem)}))


@app.get("/text")
async def text() -> str:
    """Answer a text."""
    return GREETING


@app.get("/json")
async def json() -> dict[str, str]:
    """Answer JSON."""
    return MESSAGE


@app.get("/items/:item_id")
async def params(request: Request) -> Any:
    """Read path and query parameters."""
    query = request.query_params
    try:
        item_id, limit = int(request.path_params["item_id"]), int(query.get("limit", "10"))
    except ValueError as error:
        return _invalid(error)
    return {"item_id": item_id, "q": query.get("q", None), "limit": limit}


@app.post("/items")
async def create(request: Request) -> Response:
    """Read a body and give it back."""
    try:
        item = _decode_item(request.body)
    except msgspec.ValidationError as error:
        return _invalid(error)
    return Response(status_code=200, headers=_JSON, description=_encode(item))


@app.get("/list")
async def long_list() -> Response:
    """Answer a long list."""
    return Response(status_code=200, headers=_JSON, description=_encode(_rows))


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
async def graph(request: Request) -> Any:
    """Use dependencies by hand."""
    token = request.headers.get("x-token")
    if token is None:
        return _invalid("x-token is missing")
    async with _session() as session:
        user = await _user(session, token)
        return await _service(user, await _store(session))


@app.get("/def")
def plain() -> dict[str, Any]:
    """Run in a thread."""
    return {"thread": where()}


def _first() -> int:
    return 1


def _second(value: int) -> int:
    return value + 1


_third = _fourth = _fifth = _second


@app.get("/def-dependencies")
def dependencies() -> dict[str, Any]:
    """Use dependencies in a thread."""
    return {"thread": where(), "value": _fifth(_fourth(_third(_second(_first()))))}


@app.post("/form")
async def form(request: Request) -> Response:
    """Read a form by hand: Robyn reads multipart forms only."""
    fields = msgspec.convert(dict(parse_qsl(request.body, keep_blank_values=True)), FormFields, strict=False)
    return Response(status_code=200, headers=_JSON, description=_encode(fields))


@app.post("/upload")
async def upload(request: Request) -> dict[str, Any]:
    """Read an upload; Robyn has the whole of it in memory."""
    ((name, content),) = request.files.items()
    return {"name": name, "size": len(content)}


@app.get("/download")
async def download() -> Any:
    """Send a file."""
    return serve_file(str(DOWNLOAD))


@app.get("/events")
async def events() -> Any:
    """Send events."""

    async def numbers() -> AsyncGenerator[str, None]:
        for number in range(EVENTS):
            yield SSEMessage(f'{{"n": {number}}}')

    return SSEResponse(numbers())


@app.get("/boom")
async def boom() -> str:
    """Raise."""
    raise BenchError


@app.websocket("/echo")
async def echo(websocket: WebSocketAdapter) -> None:
    """Send every text back."""
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return


if __name__ == "__main__":
    app.start(host="127.0.0.1", _check_port=False)
