"""BlackSheep, with Pydantic models and orjson as its JSON encoder.

By hand: `yield` in the dependency graph and worker threads for `def` functions, which BlackSheep calls on the
event loop.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from blacksheep import (
    Application,
    Content,
    FromForm,
    FromHeader,
    FromJSON,
    FromQuery,
    Request,
    Response,
    Router,
    WebSocket,
    WebSocketDisconnectError,
    file,
    json,
    text,
)
from blacksheep.server.sse import ServerSentEvent
from blacksheep.settings.json import json_settings
from pydantic import BaseModel, TypeAdapter

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

__all__ = ["app", "make_routes"]


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


class Form(BaseModel):
    """The fields of the form."""

    name: str
    age: int
    member: bool = False


class FromToken(FromHeader[str]):
    """The header of the dependency graph."""

    name = "x-token"


def _encode_model(model: BaseModel) -> orjson.Fragment:
    return orjson.Fragment(model.__pydantic_serializer__.to_json(model))


json_settings.use(loads=orjson.loads, dumps=lambda value: orjson.dumps(value, default=_encode_model).decode())

_write_rows = TypeAdapter(list[Row]).serializer.to_json
_rows = [Row.model_validate(row_values(number)) for number in range(LIST_LENGTH)]
_sessions = Sessions()

app = Application(router=Router())
router = app.router


@router.get("/text")
async def greet() -> Response:
    """Answer a text."""
    return text(GREETING)


@router.get("/json")
async def message() -> Response:
    """Answer JSON."""
    return json(MESSAGE)


@router.get("/items/{int:item_id}")
async def params(item_id: int, q: FromQuery[str | None], limit: FromQuery[int] = FromQuery(10)) -> Response:
    """Read path and query parameters."""
    return json({"item_id": item_id, "q": q.value, "limit": limit.value})


@router.post("/items")
async def create(item: FromJSON[Item]) -> Response:
    """Read a body and give it back."""
    return json(item.value)


@router.get("/list")
async def long_list() -> Response:
    """Answer a long list."""
    return Response(200, None, Content(b"application/json", _write_rows(_rows)))


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


@router.get("/graph")
async def graph(token: FromToken) -> Response:
    """Use dependencies by hand."""
    async with _session() as session:
        user = await _user(session, token.value)
        return json(await _service(user, await _store(session)))


def _plain() -> dict[str, Any]:
    return {"thread": where()}


def _first() -> int:
    return 1


def _second(value: int) -> int:
    return value + 1


_third = _fourth = _fifth = _second


def _dependencies() -> dict[str, Any]:
    return {"thread": where(), "value": _fifth(_fourth(_third(_second(_first()))))}


@router.get("/def")
async def plain() -> Response:
    """Run in a thread."""
    return json(await asyncio.to_thread(_plain))


@router.get("/def-dependencies")
async def dependencies() -> Response:
    """Use dependencies in a thread."""
    return json(await asyncio.to_thread(_dependencies))


@router.post("/form")
async def form(data: FromForm[Form]) -> Response:
    """Read a form."""
    return json(data.value)


@router.post("/upload")
async def upload(request: Request) -> Response:
    """Read an upload."""
    name, size = "", 0
    async for part in request.multipart_stream():
        if part.name == "file":
            name = part.file_name
            async for chunk in part.stream():
                size += len(chunk)
    return json({"name": name, "size": size})


@router.get("/download")
async def download() -> Response:
    """Send a file."""
    return file(str(DOWNLOAD), "application/octet-stream")


@router.get("/events")
async def events() -> AsyncIterator[ServerSentEvent]:
    """Send events."""
    for number in range(EVENTS):
        yield ServerSentEvent({"n": number})


@router.get("/boom")
async def boom() -> Response:
    """Raise."""
    raise BenchError


@router.ws("/echo")
async def echo(socket: WebSocket) -> None:
    """Send every text back."""
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnectError:
        return


def make_routes(count: int) -> Application:
    """Make an application with many routes."""
    many = Application(router=Router())

    for number in range(count):

        async def read(item_id: int) -> Response:
            return json({"item_id": item_id})

        many.router.add_get(f"/r{number}/items/{{int:item_id}}", read)
    return many
