"""Falcon, with msgspec as its JSON handler.

By hand: validation, by msgspec's decoders, and the dependency graph, because Falcon has neither.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import falcon
import msgspec
from falcon import media
from falcon.asgi import App, Request, Response, SSEvent, WebSocket

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


class Text:
    """The text."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Answer it."""
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = GREETING


class Message:
    """The JSON answer."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Answer it."""
        resp.media = MESSAGE


class Params:
    """Path and query parameters."""

    async def on_get(self, req: Request, resp: Response, item_id: int) -> None:
        """Read them; Falcon answers 400 when `limit` is not a number."""
        resp.media = {
            "item_id": item_id,
            "q": req.get_param("q"),
            "limit": req.get_param_as_int("limit", default=10),
        }


class Items:
    """The nested body."""

    async def on_post(self, req: Request, resp: Response) -> None:
        """Read it and give it back."""
        try:
            resp.media = _decode_item(await req.stream.read())
        except msgspec.ValidationError as error:
            raise falcon.HTTPUnprocessableEntity(description=str(error)) from error


class LongList:
    """The long list."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Answer it."""
        resp.media = _rows


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


class Graph:
    """The dependency graph."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Call one after the other."""
        token = req.get_header("X-Token", required=True)
        async with _session() as session:
            user = await _user(session, token)
            resp.media = await _service(user, await _store(session))


def _plain() -> dict[str, Any]:
    return {"thread": where()}


def _first() -> int:
    return 1


def _second(value: int) -> int:
    return value + 1


_third = _fourth = _fifth = _second


def _dependencies() -> dict[str, Any]:
    return {"thread": where(), "value": _fifth(_fourth(_third(_second(_first()))))}


class Plain:
    """The `def` function."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Run it in a thread."""
        resp.media = await falcon.sync_to_async(_plain)


class Dependencies:
    """The `def` dependencies."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Run them in a thread."""
        resp.media = await falcon.sync_to_async(_dependencies)


class Form:
    """The form."""

    async def on_post(self, req: Request, resp: Response) -> None:
        """Read it."""
        resp.media = msgspec.convert(await req.get_media(), FormFields, strict=False)


class Upload:
    """The upload."""

    async def on_post(self, req: Request, resp: Response) -> None:
        """Count its bytes."""
        form = await req.get_media()
        async for part in form:
            size = 0
            async for chunk in part.stream:
                size += len(chunk)
            resp.media = {"name": part.filename, "size": size}


class Download:
    """The file."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Send it."""
        resp.content_type = "application/octet-stream"
        size = DOWNLOAD.stat().st_size
        resp.set_stream(_Chunks(await falcon.sync_to_async(DOWNLOAD.open, "rb")), size)


class _Chunks:
    """A file, read in a thread, in the form that Falcon's streams have."""

    def __init__(self, file: Any) -> None:
        self._file = file

    async def read(self, size: int) -> bytes:
        """Read the next piece."""
        return await falcon.sync_to_async(self._file.read, 64 * 1024)

    async def close(self) -> None:
        """Close the file."""
        self._file.close()


class Events:
    """The events."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Send them."""
        resp.sse = self._numbers()

    async def _numbers(self) -> AsyncIterator[SSEvent]:
        for number in range(EVENTS):
            yield SSEvent(data=_encode({"n": number}))


class Boom:
    """The exception."""

    async def on_get(self, req: Request, resp: Response) -> None:
        """Raise it."""
        raise BenchError


class Echo:
    """The WebSocket."""

    async def on_websocket(self, req: Request, socket: WebSocket) -> None:
        """Send every text back."""
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except falcon.WebSocketDisconnected:
            return


def _make_app() -> App:
    app = App()
    handler = media.JSONHandler(dumps=_encode, loads=msgspec.json.Decoder().decode)
    app.req_options.media_handlers[falcon.MEDIA_JSON] = handler
    app.resp_options.media_handlers[falcon.MEDIA_JSON] = handler
    app.req_options.media_handlers[falcon.MEDIA_MULTIPART].parse_options.max_body_part_buffer_size = 64 * 1024
    return app


app = _make_app()
app.add_route("/text", Text())
app.add_route("/json", Message())
app.add_route("/items/{item_id:int}", Params())
app.add_route("/items", Items())
app.add_route("/list", LongList())
app.add_route("/graph", Graph())
app.add_route("/def", Plain())
app.add_route("/def-dependencies", Dependencies())
app.add_route("/form", Form())
app.add_route("/upload", Upload())
app.add_route("/download", Download())
app.add_route("/events", Events())
app.add_route("/boom", Boom())
app.add_route("/echo", Echo())


class _Many:
    async def on_get(self, req: Request, resp: Response, item_id: int) -> None:
        resp.media = {"item_id": item_id}


def make_routes(count: int) -> App:
    """Make an application with many routes."""
    many = _make_app()
    for number in range(count):
        many.add_route(f"/r{number}/items/{{item_id:int}}", _Many())
    return many
