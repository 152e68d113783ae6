"""The application: rooms over HTTP, talk over WebSockets, presence over server-sent events."""

import asyncio
import os
import time
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.requests import HTTPConnection
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.security import APIKeyQuery, HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ValidationError
from redis.asyncio import Redis

from fastapi import (
    APIRouter,
    BackgroundTasks,
    Cookie,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
    Security,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    status,
)

from .bus import PREFIX, Bus
from .models import Room, RoomName, Said, commands

PEOPLE = {
    "token-ada": ("ada", {"read", "write"}),
    "token-ben": ("ben", {"read"}),
    "token-eve": ("eve", set()),
}
bearer = HTTPBearer(auto_error=False)
token_in_query = APIKeyQuery(name="token", auto_error=False)


@asynccontextmanager
async def lifespan(app: FastAPI):
    redis = Redis.from_url(os.environ.get("CHAT_REDIS", "redis://127.0.0.1:6379/0"), decode_responses=True)
    keys = [key async for key in redis.scan_iter(f"{PREFIX}:*")]
    if keys:
        await redis.delete(*keys)
    bus = Bus(redis)
    await bus.start()
    yield {"bus": bus, "audit": []}
    await bus.stop()
    await redis.aclose()


class NoSuchRoom(Exception):
    def __init__(self, name: str) -> None:
        self.name = name


class Problem(BaseModel):
    """An error."""

    error: str
    where: list[str | int] = []


def get_bus(connection: HTTPConnection) -> Bus:
    return connection.state.bus


BusDep = Annotated[Bus, Depends(get_bus)]


async def get_person(
    scopes: SecurityScopes,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    session: Annotated[str | None, Cookie()] = None,
) -> str:
    token = credentials.credentials if credentials else session
    challenge = {"WWW-Authenticate": f'Bearer scope="{scopes.scope_str}"' if scopes.scopes else "Bearer"}
    if token not in PEOPLE:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Who are you?", challenge)
    name, has = PEOPLE[token]
    if missing := set(scopes.scopes) - has:
        raise HTTPException(403, {"missing": sorted(missing)}, challenge)
    return name


Reader = Annotated[str, Security(get_person, scopes=["read"])]
Writer = Annotated[str, Security(get_person, scopes=["read", "write"])]


async def get_room(
    name: Annotated[RoomName, Path(title="The room's name", examples=["lunch"])], bus: BusDep
) -> Room:
    text = await bus.redis.hget(f"{PREFIX}:rooms", name)
    if text is None:
        raise NoSuchRoom(name)
    return Room.model_validate_json(text)


RoomDep = Annotated[Room, Depends(get_room)]
rooms = APIRouter(
    prefix="/rooms",
    tags=["rooms"],
    responses={401: {"model": Problem, "description": "Not signed in"}, 404: {"model": Problem}},
)


@rooms.get("", response_model_exclude_defaults=True)
async def list_rooms(bus: BusDep, reader: Reader, private: bool | None = None) -> list[Room]:
    found = [Room.model_validate_json(text) for text in (await bus.redis.hgetall(f"{PREFIX}:rooms")).values()]
    return sorted((room for room in found if private in (None, room.private)), key=lambda room: room.name)


@rooms.post("", status_code=status.HTTP_201_CREATED, responses={409: {"model": Problem}})
async def open_room(
    room: Room, bus: BusDep, writer: Writer, request: Request, response: Response, tasks: BackgroundTasks
) -> Room:
    """Open a room.

    Its name must be free.
    \f
    Not in the document.
    """
    if not await bus.redis.hsetnx(f"{PREFIX}:rooms", room.name, room.model_dump_json()):
        raise HTTPException(409, f"There is a room {room.name}")
    tasks.add_task(request.state.audit.append, f"{writer} opened {room.name}")
    response.headers["location"] = str(request.url_for("read_room", name=room.name))
    response.set_cookie("last-room", room.name, httponly=True, samesite="strict")
    return room


@rooms.get("/{name}", name="read_room")
async def read_room(room: RoomDep, reader: Reader) -> Room:
    return room


@rooms.delete("/{name}", status_code=204)
async def close_room(room: RoomDep, bus: BusDep, writer: Writer) -> None:
    await bus.redis.hdel(f"{PREFIX}:rooms", room.name)


class Span(BaseModel):
    after: int = 0
    limit: Annotated[int, Query(ge=1, le=50)] = 10


@rooms.get("/{name}/history", response_model=list[Said], response_model_exclude={"at"})
async def read_history(room: RoomDep, bus: BusDep, reader: Reader, span: Annotated[Span, Query()]):
    return await bus.history(room.name, span.after, span.limit)


@rooms.post("/{name}/history", deprecated=True)
async def say_over_http(
    room: RoomDep, bus: BusDep, writer: Writer, text: Annotated[str, Query(min_length=1)]
) -> Said:
    return await bus.say(room.name, writer, text)


@rooms.get("/{name}/presence", response_class=EventSourceResponse)
async def presence(
    room: RoomDep, bus: BusDep, reader: Reader, last_event_id: Annotated[int | None, Header()] = None
):
    start = 0 if last_event_id is None else last_event_id + 1
    for number in range(start, start + 3):
        yield ServerSentEvent(
            data={"room": room.name, "people": len(bus.sockets[room.name])},
            event="presence",
            id=str(number),
            retry=500,
        )
        await asyncio.sleep(0)


async def get_talker(socket: WebSocket, token: Annotated[str | None, Depends(token_in_query)]) -> str:
    if token not in PEOPLE:
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION, "Who are you?")
    return PEOPLE[token][0]


@rooms.websocket("/{name}/talk")
async def talk(
    socket: WebSocket,
    name: RoomName,
    bus: BusDep,
    talker: Annotated[str, Depends(get_talker)],
    replay: Annotated[int, Query(ge=0, le=50)] = 0,
    x_client: Annotated[str | None, Header()] = None,
):
    await socket.accept(subprotocol="chat.v1" if "chat.v1" in socket.scope["subprotocols"] else None)
    await socket.send_json({"kind": "welcome", "you": talker, "client": x_client})
    for said in (await bus.history(name, 0, 50))[-replay:] if replay else []:
        await socket.send_text(said.model_dump_json())
    bus.sockets[name].add(socket)
    try:
        await bus.announce(name, kind="joined", who=talker)
        while True:
            text = await socket.receive_text()
            try:
                command = commands.validate_json(text)
            except ValidationError as error:
                await socket.send_json(
                    {"kind": "error", "errors": jsonable_encoder(error.errors(include_url=False))}
                )
                continue
            match command.kind:
                case "say":
                    await bus.say(name, talker, command.text)
                case "typing":
                    await bus.announce(name, kind="typing", who=talker)
                case "ping":
                    await socket.send_json({"kind": "pong", "n": command.n})
                    if command.n < 0:
                        raise WebSocketException(4001, "Negative")
    except WebSocketDisconnect as gone:
        socket.state.audit.append(f"{talker} left with {gone.code}")
    finally:
        bus.sockets[name].discard(socket)


app = FastAPI(
    title="Chat",
    version="2.1.0",
    summary="Rooms",
    description="Talk in **rooms**.",
    contact={"name": "Chat", "url": "https://chat.example/", "email": "chat@example.com"},
    license_info={"name": "MIT", "identifier": "MIT"},
    openapi_tags=[{"name": "rooms", "description": "Where people talk"}],
    servers=[{"url": "/"}, {"url": "https://chat.example/", "description": "Ours"}],
    swagger_ui_parameters={"docExpansion": "none", "syntaxHighlight": {"theme": "obsidian"}},
    lifespan=lifespan,
)
app.include_router(rooms)
app.include_router(rooms, prefix="/v0", deprecated=True, include_in_schema=False)


@app.exception_handler(NoSuchRoom)
async def no_such_room(request: Request, error: NoSuchRoom):
    return JSONResponse({"error": f"No room {error.name}"}, 404)


@app.exception_handler(RequestValidationError)
async def not_valid(request: Request, error: RequestValidationError):
    first = error.errors()[0]
    return JSONResponse({"error": first["msg"], "where": first["loc"], "count": len(error.errors())}, 422)


@app.exception_handler(WebSocketRequestValidationError)
async def not_valid_socket(socket: WebSocket, error: WebSocketRequestValidationError):
    await socket.close(4422, str(error.errors()[0]["loc"]))


@app.middleware("http")
async def add_timing(request: Request, call_next):
    started = time.perf_counter()
    response = await call_next(request)
    response.headers["x-process-time"] = str(time.perf_counter() - started)
    return response


@app.get("/", response_class=HTMLResponse, include_in_schema=False)
async def page() -> str:
    return "<!doctype html><title>Chat</title><script>new WebSocket('/rooms/lunch/talk')</script>"


@app.get("/audit", tags=["admin"])
async def audit(request: Request, writer: Writer) -> list[str]:
    return request.state.audit


@app.get("/old-rooms/{name}")
async def old(name: str, request: Request):
    return RedirectResponse(request.url_for("read_room", name=name), status_code=301)


@app.post("/login", status_code=204)
async def login(token: Annotated[str, Header(alias="X-Token")], response: Response):
    response.set_cookie("session", token, max_age=3600)


@app.webhooks.post("said")
def said_hook(body: Said):
    """Somebody said something."""


@app.api_route("/echo", methods=["PUT", "PATCH"], operation_id="echo")
async def echo(request: Request):
    return {"method": request.method, "body": (await request.body()).decode()}


@app.get("/broken")
def broken():
    raise RuntimeError("broken")
