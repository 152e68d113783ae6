"""Litestar, with msgspec structs as models: its own and fastest kind.

Without OpenAPI routes, which no case asks for.
"""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

from litestar import Litestar, MediaType, WebSocket, get, post, websocket
from litestar.datastructures import UploadFile
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.exceptions import WebSocketDisconnect
from litestar.params import Body, Parameter
from litestar.response import File, ServerSentEvent
from msgspec import Struct

from bench.contract import (
    DOWNLOAD,
    EVENTS,
    GREETING,
    LIST_LENGTH,
    MESSAGE,
    UPLOAD_SIZE,
    BenchError,
    Sessions,
    row_values,
    where,
)

__all__ = ["app", "make_routes"]


class Address(Struct):
    """A model inside another."""

    street: str
    number: int


class Item(Struct):
    """What the body case receives and gives back."""

    name: str
    price: float
    address: Address
    tags: list[str] = []


class Row(Struct):
    """What the long list consists of."""

    id: int
    name: str
    category: str
    price: float
    in_stock: bool


class Form(Struct):
    """The fields of the form."""

    name: str
    age: int
    member: bool = False


_rows = [Row(**row_values(number)) for number in range(LIST_LENGTH)]
_sessions = Sessions()


@get("/text", media_type=MediaType.TEXT)
async def text() -> str:
    """Answer a text."""
    return GREETING


@get("/json")
async def json() -> dict[str, str]:
    """Answer JSON."""
    return MESSAGE


@get("/items/{item_id:int}")
async def params(item_id: int, q: str | None = None, limit: int = 10) -> dict[str, Any]:
    """Read path and query parameters."""
    return {"item_id": item_id, "q": q, "limit": limit}


@post("/items", status_code=200)
async def create(data: Item) -> Item:
    """Read a body and give it back."""
    return data


@get("/list")
async def long_list() -> list[Row]:
    """Answer a long list."""
    return _rows


async def _session() -> AsyncGenerator[Sessions, None]:
    _sessions.open += 1
    try:
        yield _sessions
    finally:
        _sessions.open -= 1


async def _token(x_token: Annotated[str, Parameter(header="x-token")]) -> str:
    return x_token


async def _user(session: Sessions, token: str) -> str:
    return f"user of {token}"


async def _store(session: Sessions) -> Sessions:
    return session


async def _service(user: str, store: Sessions) -> dict[str, Any]:
    return {"user": user, "open": store.open}


@get(
    "/graph",
    dependencies={
        "session": Provide(_session),
        "token": Provide(_token),
        "user": Provide(_user),
        "store": Provide(_store),
        "service": Provide(_service),
    },
)
async def graph(service: dict[str, Any]) -> dict[str, Any]:
    """Use the dependencies."""
    return service


@get("/def", sync_to_thread=True)
def plain() -> dict[str, str]:
    """Run in a thread."""
    return {"thread": where()}


def _first() -> int:
    return 1


def _second(first: int) -> int:
    return first + 1


def _third(second: int) -> int:
    return second + 1


def _fourth(third: int) -> int:
    return third + 1


def _fifth(fourth: int) -> int:
    return fourth + 1


@get(
    "/def-dependencies",
    sync_to_thread=True,
    dependencies={
        "first": Provide(_first, sync_to_thread=True),
        "second": Provide(_second, sync_to_thread=True),
        "third": Provide(_third, sync_to_thread=True),
        "fourth": Provide(_fourth, sync_to_thread=True),
        "fifth": Provide(_fifth, sync_to_thread=True),
    },
)
def dependencies(fifth: int) -> dict[str, Any]:
    """Use the dependencies in a thread."""
    return {"thread": where(), "value": fifth}


@post("/form", status_code=200)
async def form(data: Annotated[Form, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> Form:
    """Read a form."""
    return data


@post("/upload", status_code=200, request_max_body_size=2 * UPLOAD_SIZE)
async def upload(
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> dict[str, Any]:
    """Read an upload."""
    file = data["file"]
    size = file.file.seek(0, 2)
    return {"name": file.filename, "size": size}


@get("/download")
async def download() -> File:
    """Send a file."""
    return File(DOWNLOAD, media_type="application/octet-stream")


@get("/events")
async def events() -> ServerSentEvent:
    """Send events."""

    async def numbers() -> AsyncGenerator[str, None]:
        for number in range(EVENTS):
            yield f'{{"n": {number}}}'

    return ServerSentEvent(numbers())


@get("/boom")
async def boom() -> None:
    """Raise."""
    raise BenchError


@websocket("/echo")
async def echo(socket: WebSocket[Any, Any, Any]) -> None:
    """Send every text back."""
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


app = Litestar(
    [
        text,
        json,
        params,
        create,
        long_list,
        graph,
        plain,
        dependencies,
        form,
        upload,
        download,
        events,
        boom,
        echo,
    ],
    openapi_config=None,
)


def make_routes(count: int) -> Litestar:
    """Make an application with many routes."""

    async def read(item_id: int) -> dict[str, int]:
        return {"item_id": item_id}

    return Litestar(
        [get(f"/r{number}/items/{{item_id:int}}")(read) for number in range(count)], openapi_config=None
    )
