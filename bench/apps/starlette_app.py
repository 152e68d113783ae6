"""Starlette.

What it leaves to the application is done by hand: reading parameters, validation, dependencies.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

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


class Params(BaseModel):
    """Path and query parameters."""

    item_id: int
    q: str | None = None
    limit: int = 10


_write_rows = TypeAdapter(list[Row]).dump_json
_rows = [Row.model_validate(row_values(number)) for number in range(LIST_LENGTH)]
_sessions = Sessions()


def _invalid(error: ValidationError) -> Response:
    return JSONResponse({"detail": error.errors(include_url=False, include_input=False)}, status_code=422)


async def _text(request: Request) -> Response:
    return PlainTextResponse(GREETING)


async def _json(request: Request) -> Response:
    return JSONResponse(MESSAGE)


async def _params(request: Request) -> Response:
    try:
        params = Params.model_validate({**request.query_params, **request.path_params})
    except ValidationError as error:
        return _invalid(error)
    return JSONResponse(params.model_dump())


async def _create(request: Request) -> Response:
    try:
        item = Item.model_validate_json(await request.body())
    except ValidationError as error:
        return _invalid(error)
    return Response(item.model_dump_json(), media_type="application/json")


async def _list(request: Request) -> Response:
    return Response(_write_rows(_rows), media_type="application/json")


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


async def _graph(request: Request) -> Response:
    token = request.headers.get("x-token")
    if token is None:
        return JSONResponse({"detail": "x-token is missing"}, status_code=422)
    async with _session() as session:
        user = await _user(session, token)
        return JSONResponse(await _service(user, await _store(session)))


def _plain(request: Request) -> Response:
    return JSONResponse({"thread": where()})


def _first() -> int:
    return 1


def _second(value: int) -> int:
    return value + 1


_third = _fourth = _fifth = _second


def _dependencies(request: Request) -> Response:
    return JSONResponse({"thread": where(), "value": _fifth(_fourth(_third(_second(_first()))))})


async def _form(request: Request) -> Response:
    async with request.form() as fields:
        form = Form.model_validate(dict(fields))
    return JSONResponse(form.model_dump())


async def _upload(request: Request) -> Response:
    async with request.form() as fields:
        file: Any = fields["file"]
        return JSONResponse({"name": file.filename, "size": file.size})


async def _download(request: Request) -> Response:
    return FileResponse(DOWNLOAD)


async def _events(request: Request) -> Response:
    async def events() -> AsyncIterator[str]:
        for number in range(EVENTS):
            yield f"data: {json.dumps({'n': number})}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream", headers={"cache-control": "no-cache"})


async def _boom(request: Request) -> Response:
    raise BenchError


async def _echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


app = Starlette(
    routes=[
        Route("/text", _text),
        Route("/json", _json),
        Route("/items/{item_id}", _params),
        Route("/items", _create, methods=["POST"]),
        Route("/list", _list),
        Route("/graph", _graph),
        Route("/def", _plain),
        Route("/def-dependencies", _dependencies),
        Route("/form", _form, methods=["POST"]),
        Route("/upload", _upload, methods=["POST"]),
        Route("/download", _download),
        Route("/events", _events),
        Route("/boom", _boom),
        WebSocketRoute("/echo", _echo),
    ]
)


def make_routes(count: int) -> Starlette:
    """Make an application with many routes."""

    async def read(request: Request) -> Response:
        return JSONResponse({"item_id": int(request.path_params["item_id"])})

    return Starlette(routes=[Route(f"/r{number}/items/{{item_id}}", read) for number in range(count)])
