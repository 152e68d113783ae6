"""How much Python runs for one request: counted, not timed, so that the commit that adds a hop fails.

A call is counted when the interpreter enters a function of Rapide (generated handlers are such) or Starlette,
on the thread of the event loop. The ceilings are the counts when they were written down; a change that needs
more must be worth it, and one that needs less lowers them.
"""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from rapide import Cookie, Depends, Header, Rapide, Request, Response
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour

# What the whole project promises for the canonical GET.
_PROMISED_CALLS = 25
_PROMISED_FRAMES = 6

_stacks: list[list[str]] = []


class Item(BaseModel):
    name: str
    price: float = 1.0


@dataclass(frozen=True)
class Case:
    """A request and the most calls that it may take on each face."""

    method: str
    path: str
    rapide: int
    fastapi: int
    status: int = 200
    query: bytes = b""
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()


_JSON = ((b"content-type", b"application/json"),)

CASES = {
    "get": Case("GET", "/items/3", 8, 7, query=b"q=x"),
    "literal": Case("GET", "/health", 6, 5),
    "json result": Case("GET", "/large", 6, 5),
    "model result": Case("GET", "/item", 5, 4),
    "body and model": Case("POST", "/items", 10, 6, body=b'{"name": "a"}', headers=_JSON),
    "two bodies": Case(
        "POST", "/two", 12, 9, body=b'{"a": {"name": "a"}, "b": {"name": "b"}}', headers=_JSON
    ),
    "header and cookie": Case("GET", "/headers", 13, 12, headers=((b"x-one", b"1"), (b"cookie", b"two=2"))),
    "request and response": Case("GET", "/connection", 23, 19),
    "graph with yield": Case("GET", "/graph/3", 12, 10),
    "def": Case("GET", "/def/3", 19, 29, query=b"q=x"),
    "not found": Case("GET", "/nowhere", 8, 7, 404),
    "wrong method": Case("DELETE", "/health", 49, 45, 405),
    "invalid": Case("GET", "/items/x", 67, 70, 422),
    "invalid body": Case("POST", "/items", 67, 80, 422, body=b'{"price": "x"}', headers=_JSON),
}


def _note_stack() -> None:
    frame: FrameType | None = sys._getframe(1)
    names = []
    while frame is not None:
        names.append(frame.f_globals.get("__name__", ""))
        frame = frame.f_back
    _stacks.append(names)


def _make_app(behaviour: Behaviour) -> Rapide:
    app = Rapide(behaviour=behaviour)

    @app.get("/items/{item_id}")
    async def read_item(item_id: int, q: str | None = None):
        _note_stack()
        return {"id": item_id, "q": q}

    @app.get("/health")
    async def read_health():
        return {"ok": True}

    @app.get("/large")
    async def read_large():
        return [{"id": number, "name": "x"} for number in range(50)]

    @app.get("/item")
    async def read_model() -> Item:
        return Item(name="a")

    @app.post("/items")
    async def make_item(item: Item) -> Item:
        return item

    @app.post("/two")
    async def make_two(a: Item, b: Item):
        return {"a": a.name, "b": b.name}

    @app.get("/headers")
    async def read_headers(x_one: Annotated[int, Header()], two: Annotated[str, Cookie()]):
        return x_one

    @app.get("/connection")
    async def read_connection(request: Request, response: Response):
        response.headers["x-path"] = request.scope["path"]

    _add_graph(app)
    return app


def _add_graph(app: Rapide) -> None:
    async def open_session() -> AsyncIterator[str]:
        yield "session"

    async def read_user(session: Annotated[str, Depends(open_session)]) -> str:
        return session

    async def check_user(user: Annotated[str, Depends(read_user)]) -> None: ...

    @app.get("/graph/{item_id}", dependencies=[Depends(check_user)])
    async def read_graph(
        item_id: int, session: Annotated[str, Depends(open_session)], user: Annotated[str, Depends(read_user)]
    ):
        return [item_id, session, user]

    def open_plainly() -> Iterator[int]:
        yield 1

    @app.get("/def/{item_id}")
    def read_def(item_id: int, opened: Annotated[int, Depends(open_plainly)], q: str = ""):
        return [item_id, opened, q]


@pytest.fixture(scope="module", params=[RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
def app(request: pytest.FixtureRequest) -> Rapide:
    """An application of each face, compiled."""
    app = _make_app(request.param)
    app.prepare()
    return app


def _scope(case: Case) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": case.method,
        "scheme": "http",
        "path": case.path,
        "raw_path": case.path.encode(),
        "root_path": "",
        "query_string": case.query,
        "headers": [(b"host", b"localhost"), *case.headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }


async def _serve(app: Rapide, case: Case) -> int:
    """Send the request; return the status."""
    statuses = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": case.body}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await app(_scope(case), receive, send)
    return int(statuses[0])


def _counted(calls: list[str]) -> Callable[[FrameType, str, object], None]:
    def look(frame: FrameType, event: str, argument: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.partition(".")[0] in ("rapide", "starlette"):
            calls.append(f"{module}.{frame.f_code.co_name}")

    return look


def _calls_of(app: Rapide, case: Case) -> list[str]:
    """Return the calls of one request, after others have warmed everything up."""
    calls: list[str] = []

    async def run() -> None:
        for _ in range(3):
            assert await _serve(app, case) == case.status
        sys.setprofile(_counted(calls))
        try:
            await _serve(app, case)
        finally:
            sys.setprofile(None)

    asyncio.run(run())
    return calls


@pytest.mark.parametrize("name", CASES)
def test_request_takes_no_more_calls_than_recorded(app: Rapide, name: str) -> None:
    """No request takes more calls of Rapide and Starlette than it did."""
    case = CASES[name]
    most = case.rapide if app.behaviour is RAPIDE else case.fastapi
    calls = _calls_of(app, case)
    assert len(calls) <= most, "\n".join(calls)


def test_canonical_get_keeps_the_promise(app: Rapide) -> None:
    """A GET with path and query parameter and a JSON result takes few calls and few frames."""
    calls = _calls_of(app, CASES["get"])
    above = [module for module in _stacks[-1][1:] if module.partition(".")[0] in ("rapide", "starlette")]
    assert len(calls) <= _PROMISED_CALLS
    assert len(above) <= _PROMISED_FRAMES


def test_counter_sees_every_call() -> None:
    """The counter is no empty promise: a middleware of Starlette's is seen."""
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    bare, wrapped = _make_app(RAPIDE), _make_app(RAPIDE)
    wrapped.add_middleware(TrustedHostMiddleware)
    assert len(_calls_of(wrapped, CASES["get"])) > len(_calls_of(bare, CASES["get"]))


@pytest.mark.parametrize("name", ["get", "body and model", "graph with yield", "invalid", "not found"])
def test_requests_leave_nothing_behind(app: Rapide, name: str) -> None:
    """After two hundred requests as many blocks of memory are in use as before, up to a handful.

    The smallest of three rounds counts: what leaks does so in each, what the process does beside it does not.
    """
    case = CASES[name]

    async def round_of_requests() -> int:
        _stacks.clear()
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(200):
            await _serve(app, case)
        _stacks.clear()
        gc.collect()
        return sys.getallocatedblocks() - before

    async def run() -> int:
        for _ in range(50):
            await _serve(app, case)
        return min([await round_of_requests() for _ in range(3)])

    assert asyncio.run(run()) < 100
