"""sse-starlette, python-socketio and fastapi-events beside routes."""

import asyncio

import socketio
from fastapi_events.dispatcher import dispatch
from fastapi_events.handlers.local import local_handler
from fastapi_events.middleware import EventHandlerASGIMiddleware
from sse_starlette import EventSourceResponse

from fastapi import FastAPI, Request

app = FastAPI()
app.add_middleware(EventHandlerASGIMiddleware, handlers=[local_handler])
handled: list[tuple[str, dict[str, str]]] = []
closed: list[str] = []


@local_handler.register(event_name="book_*")
async def handle(event):
    handled.append(event)


@app.get("/events")
async def events(request: Request, count: int = 3):
    async def numbers():
        try:
            for number in range(count):
                yield {"event": "number", "id": str(number), "data": str(number)}
                await asyncio.sleep(0.01)
        finally:
            closed.append("numbers")

    return EventSourceResponse(numbers(), ping=1)


@app.post("/books/{title}")
async def add(title: str):
    dispatch("book_added", payload={"title": title})
    dispatch("other", payload={})


@app.get("/seen")
async def seen():
    return {"handled": handled, "closed": closed}


server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins="*")


@server.event
async def shout(sid, text):
    await server.emit("shouted", text.upper(), to=sid)
    return len(text)


app.mount("/", socketio.ASGIApp(server))
