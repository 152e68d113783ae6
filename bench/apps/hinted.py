"""The application for FastAPI and both faces of Rapide, declared by type hints; only the import differs."""

import importlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from pydantic import BaseModel

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

__all__ = ["Item", "make_app", "make_routes"]


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


def make_app(package: str, class_name: str, **options: Any) -> Any:
    """Make the application with the names of one package: `make_app("fastapi", "FastAPI")`."""
    framework = importlib.import_module(package)
    app = getattr(framework, class_name)(**options)
    _add_plain(app, package)
    _add_models(app)
    _add_graph(app, framework)
    _add_threads(app, framework)
    _add_forms(app, framework, package)
    _add_streams(app, framework, package)
    return app


def make_routes(package: str, class_name: str, count: int) -> Any:
    """Make an application with many routes of one kind, to see what their number costs."""
    app = getattr(importlib.import_module(package), class_name)()
    for number in range(count):

        async def read(item_id: int) -> dict[str, int]:
            return {"item_id": item_id}

        app.get(f"/r{number}/items/{{item_id}}")(read)
    return app


def _add_plain(app: Any, package: str) -> None:
    responses = importlib.import_module(f"{package}.responses")

    @app.get("/text", response_class=responses.PlainTextResponse)
    async def text() -> str:
        return GREETING

    @app.get("/json")
    async def json():
        return MESSAGE

    @app.get("/items/{item_id}")
    async def params(item_id: int, q: str | None = None, limit: int = 10):
        return {"item_id": item_id, "q": q, "limit": limit}

    @app.get("/boom")
    async def boom() -> None:
        raise BenchError


def _add_models(app: Any) -> None:
    rows = [Row.model_validate(row_values(number)) for number in range(LIST_LENGTH)]

    @app.post("/items")
    async def create(item: Item) -> Item:
        return item

    @app.get("/list")
    async def long_list() -> list[Row]:
        return rows


def _add_graph(app: Any, framework: Any) -> None:
    depends, header = framework.Depends, framework.Header
    sessions = Sessions()

    async def session() -> AsyncIterator[Sessions]:
        sessions.open += 1
        try:
            yield sessions
        finally:
            sessions.open -= 1

    async def token(x_token: Annotated[str, header()]) -> str:
        return x_token

    async def user(
        session: Annotated[Sessions, depends(session)], token: Annotated[str, depends(token)]
    ) -> str:
        return f"user of {token}"

    async def store(session: Annotated[Sessions, depends(session)]) -> Sessions:
        return session

    async def service(
        user: Annotated[str, depends(user)], store: Annotated[Sessions, depends(store)]
    ) -> dict[str, Any]:
        return {"user": user, "open": store.open}

    @app.get("/graph")
    async def graph(service: Annotated[dict, depends(service)]):
        return service


def _add_threads(app: Any, framework: Any) -> None:
    depends = framework.Depends

    @app.get("/def")
    def plain():
        return {"thread": where()}

    def first() -> int:
        return 1

    def second(value: Annotated[int, depends(first)]) -> int:
        return value + 1

    def third(value: Annotated[int, depends(second)]) -> int:
        return value + 1

    def fourth(value: Annotated[int, depends(third)]) -> int:
        return value + 1

    def fifth(value: Annotated[int, depends(fourth)]) -> int:
        return value + 1

    @app.get("/def-dependencies")
    def dependencies(value: Annotated[int, depends(fifth)]):
        return {"thread": where(), "value": value}


def _add_forms(app: Any, framework: Any, package: str) -> None:
    form = framework.Form
    responses = importlib.import_module(f"{package}.responses")

    @app.post("/form")
    async def read_form(
        name: Annotated[str, form()], age: Annotated[int, form()], member: Annotated[bool, form()] = False
    ):
        return {"name": name, "age": age, "member": member}

    @app.post("/upload")
    async def upload(file: framework.UploadFile):
        return {"name": file.filename, "size": file.size}

    @app.get("/download")
    async def download():
        return responses.FileResponse(DOWNLOAD)


def _add_streams(app: Any, framework: Any, package: str) -> None:
    sse = importlib.import_module(f"{package}.sse")

    @app.get("/events", response_class=sse.EventSourceResponse)
    async def events() -> AsyncIterator[dict[str, int]]:
        for number in range(EVENTS):
            yield {"n": number}

    @app.websocket("/echo")
    async def echo(socket: framework.WebSocket) -> None:
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except framework.WebSocketDisconnect:
            return
