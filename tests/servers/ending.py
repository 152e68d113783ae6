"""What is running when a server is told to end: streams, sockets, requests, work after the response."""

# ruff: noqa: D103 -- the tests say what these endpoints are for

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from rapide import BackgroundTasks, Depends, Rapide, WebSocket
from rapide.fastapi import FastAPI
from rapide.health import health_router
from rapide.responses import StreamingResponse
from rapide.sse import EventSourceResponse

_JOURNAL = Path(os.environ["JOURNAL"])


def note(text: str) -> None:
    with _JOURNAL.open("a", encoding="utf-8") as journal:
        journal.write(f"{text}\n")


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    note("opened")
    yield
    note("closed")
    if "FAILS" in os.environ:
        raise ValueError("as it was meant to")


Face = FastAPI if os.environ.get("FACE") == "fastapi" else Rapide
app = Face(lifespan=lifespan, shutdown_grace=float(os.environ.get("GRACE", "20")))


app.include_router(health_router())


@app.get("/notes")
async def notes() -> None: ...


async def session() -> AsyncIterator[str]:
    try:
        yield "session"
    finally:
        note("session closed")


@app.get("/events", response_class=EventSourceResponse)
async def events(session: Annotated[str, Depends(session)]) -> AsyncIterator[int]:
    try:
        for number in itertools.count():
            yield number
            await asyncio.sleep(0.01)
    finally:
        note("events ended")


@app.get("/silent", response_class=EventSourceResponse)
async def silent() -> AsyncIterator[int]:
    try:
        yield 0
        await asyncio.sleep(600)
    finally:
        note("silent ended")


@app.get("/by-hand")
async def by_hand() -> StreamingResponse:
    async def chunks() -> AsyncIterator[str]:
        try:
            while True:
                yield "data: x\n\n"
                await asyncio.sleep(0.01)
        finally:
            note("by hand ended")

    return StreamingResponse(chunks(), media_type="text/event-stream")


@app.get("/slow")
async def slow(session: Annotated[str, Depends(session)]) -> str:
    note("slow began")
    await asyncio.sleep(1.5)
    note("slow ended")
    return "done"


@app.get("/after")
async def after(background: BackgroundTasks) -> str:
    async def work() -> None:
        await asyncio.sleep(1.5)
        note("work ended")

    background.add_task(work)
    return "done"


@app.get("/endless")
async def endless() -> None:
    note("endless began")
    try:
        await asyncio.sleep(600)
    except asyncio.CancelledError:
        note("endless cancelled")
        raise


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        async for text in websocket.iter_text():
            await websocket.send_text(text)
    finally:
        note("echo ended")


@app.websocket("/push")
async def push(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text("hello")
    try:
        await asyncio.sleep(600)
    finally:
        note("push ended")
