"""The canonical routes whose handlers are kept in tests/golden, one for each thing that shapes a handler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from starlette.responses import PlainTextResponse

from rapide import (
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    Form,
    Header,
    Query,
    Rapide,
    Request,
    Response,
    Security,
    WebSocket,
)
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour


class Item(BaseModel):
    name: str
    price: float = 1.0


class Page(BaseModel):
    limit: int = 10
    tag: list[str] = []


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Window:
    """A class as a dependency."""

    def __init__(self, limit: int = 10) -> None:
        self.limit = limit


async def open_session() -> AsyncIterator[str]:
    """A dependency that is left."""
    yield "session"


def open_file() -> Iterator[str]:
    """A plain dependency that is left."""
    yield "file"


async def read_token(authorization: Annotated[str, Header()]) -> str:
    """A dependency that reads a value."""
    return authorization


async def read_user(
    token: Annotated[str, Depends(read_token)], session: Annotated[str, Depends(open_session)]
) -> str:
    """A dependency with dependencies."""
    return token


def check_user(user: Annotated[str, Depends(read_user)], strict: bool = False) -> None:
    """A plain dependency that is only run."""


async def read_payload(payload: Annotated[dict[str, int], Body()]) -> dict[str, int]:
    """A dependency that reads the body."""
    return payload


def _parameters(app: Rapide) -> None:
    @app.get("/items/{item_id}")
    async def get_path_and_query(item_id: int, q: str | None = None, limit: int = 10):
        return {"id": item_id}

    @app.get("/values")
    async def get_every_place(
        tag: Annotated[list[str], Query()],
        x_token: Annotated[str, Header()],
        session_id: Annotated[int, Cookie()] = 0,
        colors: Annotated[list[str] | None, Query(alias="color")] = None,
    ):
        return tag

    @app.get("/page")
    async def get_parameter_model(page: Annotated[Page, Query()]):
        return page


def _bodies(app: Rapide) -> None:
    @app.post("/items", status_code=201)
    async def post_model(item: Item) -> Item:
        return item

    @app.post("/pair")
    async def post_two_bodies(first: Item, second: Annotated[Item | None, Body()] = None):
        return first

    @app.post("/animals")
    async def post_union(animal: Annotated[Cat | Dog, Field(discriminator="kind")], dry: bool = False):
        return animal

    @app.post("/form")
    async def post_form(name: Annotated[str, Form()], size: Annotated[int, Form()] = 1):
        return name


def _dependencies(app: Rapide) -> None:
    @app.get("/graph", dependencies=[Depends(check_user)])
    async def get_with_graph(
        user: Annotated[str, Security(read_user, scopes=["read"])],
        session: Annotated[str, Depends(open_session)],
    ) -> Item:
        return Item(name=user)

    @app.post("/graph")
    async def post_with_dependency_on_body(
        payload: Annotated[dict[str, int], Depends(read_payload)],
        user: Annotated[str, Depends(read_user)],
        scoped: Annotated[str, Depends(open_session, scope="function")],
    ):
        return payload

    @app.get("/plain/{item_id}")
    def get_plainly(
        item_id: int,
        file: Annotated[str, Depends(open_file)],
        limited: Annotated[str, Depends(read_token, max_concurrency=2)],
    ):
        return item_id

    @app.get("/threads")
    def get_over_threads(
        early: Annotated[str, Depends(open_file, scope="function")],
        late: Annotated[str, Depends(open_file, use_cache=False)],
        session: Annotated[str, Depends(open_session)],
        query: Annotated[Window, Depends()],
        last: Annotated[None, Depends(check_user)],
    ) -> Item:
        return Item(name=early)

    @app.get("/plainly-left")
    def get_and_leave_plainly(
        early: Annotated[str, Depends(open_file, scope="function")],
        late: Annotated[str, Depends(open_file, use_cache=False)],
    ) -> Item:
        return Item(name=early)


def _connection(app: Rapide) -> None:
    @app.delete("/items/{item_id}", status_code=204)
    async def delete_without_content(item_id: int, response: Response, background: BackgroundTasks): ...

    @app.post("/raw", response_class=PlainTextResponse)
    async def post_with_request(request: Request, item: Item):
        return "text"


def _streams(app: Rapide) -> None:
    @app.get("/stream")
    async def get_stream(session: Annotated[str, Depends(open_session)]) -> AsyncIterator[Item]:
        yield Item(name="a")

    @app.websocket("/ws/{room}")
    async def serve_socket(
        websocket: WebSocket, room: int, session: Annotated[str, Depends(open_session)]
    ) -> None: ...

    @app.websocket("/ws")
    async def serve_socket_with_stacks(
        websocket: WebSocket,
        response: Response,
        background: BackgroundTasks,
        session: Annotated[str, Depends(open_session)],
        file: Annotated[str, Depends(open_file, scope="function")],
        user: Annotated[None, Depends(check_user)],
    ) -> None: ...


def routes(behaviour: Behaviour) -> dict[str, Any]:
    """Return the canonical routes of a face by name."""
    app = Rapide(behaviour=behaviour, openapi_url=None)
    for declare in (_parameters, _bodies, _dependencies, _connection, _streams):
        declare(app)
    return {route.name: route for route in app.routes}


# Golden file -> name of the route: handlers that tell telemetry what they do.
OBSERVED: dict[str, str] = {
    f"observed_{name}": name
    for name in (
        "get_path_and_query",
        "get_with_graph",
        "post_model",
        "post_form",
        "post_with_dependency_on_body",
        "get_stream",
        "serve_socket_with_stacks",
    )
}

# Golden file -> (face, name of the route). FastAPI's face is kept where its handlers differ most.
GOLDEN: dict[str, tuple[Behaviour, str]] = {
    **{name: (RAPIDE, name) for name in routes(RAPIDE)},
    **{
        f"fastapi_{name}": (FASTAPI, name)
        for name in ("post_model", "get_with_graph", "get_plainly", "delete_without_content")
    },
}
