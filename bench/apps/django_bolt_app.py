"""django-bolt, on its own server, with msgspec structs as models; compression and request logging are off.

By hand: the dependency graph, because its dependencies know no `yield`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import msgspec
from django_bolt import (
    BoltAPI,
    EventSourceResponse,
    ServerSentEvent,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
)
from django_bolt.param_functions import File, Form, Header
from django_bolt.responses import FileResponse, PlainText

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

__all__ = ["api"]


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


_rows = [msgspec.convert(row_values(number), Row) for number in range(LIST_LENGTH)]
_sessions = Sessions()

api = BoltAPI(enable_logging=False, compression=False)


@api.get("/text")
async def text() -> PlainText:
    """Answer a text."""
    return PlainText(GREETING)


@api.get("/json")
async def json():
    """Answer JSON."""
    return MESSAGE


@api.get("/items/{item_id}")
async def params(item_id: int, q: str | None = None, limit: int = 10):
    """Read path and query parameters."""
    return {"item_id": item_id, "q": q, "limit": limit}


@api.post("/items", status_code=200)
async def create(item: Item) -> Item:
    """Read a body and give it back."""
    return item


@api.get("/list")
async def long_list() -> list[Row]:
    """Answer a long list."""
    return _rows


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


@api.get("/graph")
async def graph(x_token: Annotated[str, Header(alias="x-token")]):
    """Use dependencies by hand."""
    async with _session() as session:
        user = await _user(session, x_token)
        return await _service(user, await _store(session))


@api.get("/def")
def plain():
    """Run in a thread."""
    return {"thread": where()}


def _first() -> int:
    return 1


def _second(value: int) -> int:
    return value + 1


_third = _fourth = _fifth = _second


@api.get("/def-dependencies")
def dependencies():
    """Use dependencies in a thread."""
    return {"thread": where(), "value": _fifth(_fourth(_third(_second(_first()))))}


@api.post("/form", status_code=200)
async def form(
    name: Annotated[str, Form()], age: Annotated[int, Form()], member: Annotated[bool, Form()] = False
):
    """Read a form."""
    return {"name": name, "age": age, "member": member}


@api.post("/upload", status_code=200)
async def upload(file: Annotated[UploadFile, File()]):
    """Read an upload."""
    return {"name": file.filename, "size": file.size}


@api.get("/download")
async def download() -> FileResponse:
    """Send a file."""
    return FileResponse(str(DOWNLOAD), media_type="application/octet-stream")


@api.get("/events", response_class=EventSourceResponse)
async def events() -> AsyncIterator[ServerSentEvent]:
    """Send events."""
    for number in range(EVENTS):
        yield ServerSentEvent(data={"n": number})


@api.get("/boom")
async def boom() -> None:
    """Raise."""
    raise BenchError


@api.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Send every text back."""
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        return
