"""What `scripts/soak` serves: one endpoint of each sort, and a page that counts what the process holds."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from queue import Queue
from typing import Annotated, Any

from pydantic import BaseModel

from rapide import BackgroundTasks, Depends, Form, HTTPException, Rapide, UploadFile, WebSocket
from rapide.health import health_router
from rapide.sse import EventSourceResponse

_POOL_SIZE = 5
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Item(BaseModel):
    """What is bought and sold."""

    name: str
    price: float
    tags: list[str] = []


app = Rapide()
app.include_router(health_router())
_open: Counter[str] = Counter()  # what was entered and not yet left, by name
_pool: Queue[sqlite3.Connection] = Queue()
for _ in range(_POOL_SIZE):
    _pool.put(sqlite3.connect(":memory:", check_same_thread=False))


async def _session() -> AsyncIterator[str]:
    _open["session"] += 1
    try:
        yield "session"
    finally:
        await asyncio.sleep(0)
        _open["session"] -= 1


def _connection() -> Iterator[sqlite3.Connection]:
    connection = _pool.get(timeout=30)
    try:
        yield connection
    finally:
        _pool.put(connection)


Session = Annotated[str, Depends(_session)]
Connection = Annotated[sqlite3.Connection, Depends(_connection)]


@app.get("/held")
async def held() -> dict[str, Any]:
    """Count what this process holds; this request and its task are among it."""
    gc.collect()
    threads = threading.enumerate()
    return {
        "tasks": len(asyncio.all_tasks()),
        "descriptors": len(os.listdir("/proc/self/fd")),  # noqa: PTH208 -- nothing here waits for a disk
        "threads": len(threads),
        "open": sum(_open.values()),
        "connections lent": _POOL_SIZE - _pool.qsize(),
        "resident": int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE,  # noqa: ASYNC240 -- no disk either
    }


@app.get("/items/{number}")
async def read(number: int, session: Session, q: str | None = None) -> Item:
    """Answer with a model."""
    if number < 0:
        raise HTTPException(404, "no such item")
    return Item(name=f"item {number}", price=number / 4, tags=[q] if q else [])


@app.post("/items", status_code=201)
async def create(item: Item, session: Session, background: BackgroundTasks) -> Item:
    """Take JSON, and do something after the answer."""
    _open["background"] += 1
    background.add_task(_after)
    return item


async def _after() -> None:
    await asyncio.sleep(0.01)
    _open["background"] -= 1


@app.post("/form")
async def form(name: Annotated[str, Form()], number: Annotated[int, Form()]) -> dict[str, Any]:
    """Take a form."""
    return {"name": name, "number": number}


@app.post("/upload")
async def upload(file: UploadFile, session: Session) -> dict[str, int]:
    """Take a file and count its bytes."""
    size = 0
    while part := await file.read(65_536):
        size += len(part)
    return {"size": size}


@app.get("/pooled/{number}")
def pooled(number: int, connection: Connection) -> int:
    """Work on a thread with one of few connections."""
    time.sleep(0.005)
    found: int = connection.execute("SELECT ? * 2", (number,)).fetchone()[0]
    return found


@app.get("/nap")
def nap() -> None:
    """Hold a thread for a while."""
    time.sleep(0.2)


@app.get("/slow")
async def slow(session: Session) -> str:
    """Wait a little."""
    await asyncio.sleep(0.05)
    return "slow"


@app.get("/fails")
async def fails(session: Session) -> None:
    """Fail, as programs do."""
    raise ValueError("as it was meant to")


@app.get("/events", response_class=EventSourceResponse)
async def events(count: int, session: Session) -> AsyncIterator[int]:
    """Send so many events."""
    _open["events"] += 1
    try:
        for number in range(count):
            yield number
            await asyncio.sleep(0.005)
    finally:
        _open["events"] -= 1


@app.get("/thread-events", response_class=EventSourceResponse)
def thread_events(count: int) -> Iterator[int]:
    """Send so many events from a thread."""
    _open["thread events"] += 1
    try:
        for number in itertools.islice(itertools.count(), count):
            yield number
            time.sleep(0.005)
    finally:
        _open["thread events"] -= 1


@app.websocket("/echo")
async def echo(websocket: WebSocket, session: Session) -> None:
    """Send back what comes."""
    await websocket.accept()
    _open["echo"] += 1
    try:
        async for text in websocket.iter_text():
            await websocket.send_text(text)
    finally:
        _open["echo"] -= 1
