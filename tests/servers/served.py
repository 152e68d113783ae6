"""What the servers of this folder serve: streams and sockets that write down how they ended."""

# ruff: noqa: D103 -- the tests say what these endpoints are for

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from pydantic import BaseModel

from rapide import (
    BackgroundTasks,
    Depends,
    Header,
    Query,
    Rapide,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    sse,
)
from rapide.sse import EventSourceResponse, ServerSentEvent

sse._PING_INTERVAL = 0.1  # the name that FastAPI's users replace; nobody wants to wait for 15 seconds here

app = Rapide()
_notes: list[str] = []


class Book(BaseModel):
    title: str


@app.get("/notes")
async def notes() -> list[str]:
    return _notes


async def _session() -> AsyncIterator[str]:
    try:
        yield "session"
        _notes.append("session: normal end")
    except BaseException as error:
        _notes.append(f"session: {type(error).__name__}")
        raise
    finally:
        _notes.append("session closed")


Session = Annotated[str, Depends(_session)]


@app.post("/books")
async def add_book(book: Book) -> Book:
    return book


_released = asyncio.Event()


@app.get("/background")
async def background(tasks: BackgroundTasks) -> str:
    async def wait() -> None:
        await _released.wait()
        _notes.append("background ended")

    tasks.add_task(wait)
    return "begun"


@app.get("/release")
async def release() -> str:
    _released.set()
    return "released"


@app.get("/events", response_class=EventSourceResponse)
async def events(last_event_id: Annotated[int, Header()] = 0) -> AsyncIterator[ServerSentEvent]:
    for number in range(last_event_id + 1, last_event_id + 4):
        yield ServerSentEvent(data={"number": number}, event="count", id=str(number), retry=50)


@app.get("/silent", response_class=EventSourceResponse)
async def silent(session: Session) -> AsyncIterator[str]:
    try:
        yield "first"
        await asyncio.sleep(600)
    finally:
        _notes.append("silent ended")


@app.get("/silent-thread", response_class=EventSourceResponse)
def silent_thread(session: Session) -> Iterator[int]:
    number = 0
    try:
        while True:
            yield number
            number += 1
    finally:
        _notes.append("thread ended")


@app.get("/lines")
async def lines(count: int = 3) -> AsyncIterator[Book]:
    try:
        for number in range(count):
            yield Book(title=f"Momo {number}")
    finally:
        _notes.append("lines ended")


@app.get("/broken-lines")
async def broken_lines() -> AsyncIterator[Book]:
    yield Book(title="Momo")
    raise ValueError("the shelf fell down")


async def _reader(card: Annotated[str | None, Query()] = None) -> str:
    if card != "ada":
        raise WebSocketException(4403, "no such card")
    return "Ada"


@app.websocket("/rooms/{room}")
async def talk(
    websocket: WebSocket,
    room: int,
    session: Session,
    reader: Annotated[str, Depends(_reader)],
    volume: Annotated[int, Query(ge=0)] = 5,
) -> None:
    await websocket.accept(subprotocol="talk" if websocket.scope["subprotocols"] else None)
    try:
        async for message in websocket.iter_json():
            await _answer(websocket, message, {"room": room, "from": reader, "volume": volume})
    finally:
        _notes.append("talk ended")


async def _answer(websocket: WebSocket, message: Any, place: dict[str, Any]) -> None:
    match message:
        case {"close": code}:
            await websocket.close(code, "as you wish")
        case {"raise": True}:
            raise ValueError("a secret of the server's")
        case {"bytes": count}:
            await websocket.send_bytes(bytes(count))
        case _:
            await websocket.send_json({**place, "text": message})


@app.websocket("/listen")
async def listen(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        await websocket.receive_text()
    except WebSocketDisconnect as left:
        _notes.append(f"listen: {left.code}")
