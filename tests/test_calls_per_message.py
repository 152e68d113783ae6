"""How much Python runs for one event, message, megabyte or trip to a thread: counted, not timed.

What is counted is what one more of them adds, so that the beginning and the end of a request do not matter.
The ceilings are the counts when they were written down.
"""

import asyncio
import math
import sys
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import pytest

from rapide import Depends, Form, Rapide, UploadFile, WebSocket
from rapide._run import threads
from rapide.behaviour import FASTAPI, RAPIDE
from rapide.responses import FileResponse, PlainTextResponse
from rapide.sse import EventSourceResponse, ServerSentEvent
from rapide.streaming import responses as streams

_MEGABYTE = 1024 * 1024
_CHUNK = 64 * 1024
_BOUNDARY = b"boundary"

Message = MutableMapping[str, Any]


def _make_app(behaviour: Any, file: Path) -> Rapide:
    app = Rapide(behaviour=behaviour)
    _add_events(app)
    _add_files(app, file)
    _add_single(app)

    @app.websocket("/echo")
    async def echo(socket: WebSocket):
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(text)

    return app


def _add_events(app: Rapide) -> None:
    @app.get("/events/{count}", response_class=EventSourceResponse)
    async def events(count: int) -> AsyncIterator[dict[str, int]]:
        for number in range(count):
            yield {"n": number}

    @app.get("/plain-events/{count}", response_class=EventSourceResponse)
    async def plain_events(count: int):
        for number in range(count):
            yield {"n": number}

    @app.get("/named-events/{count}", response_class=EventSourceResponse)
    async def named_events(count: int):
        for number in range(count):
            yield ServerSentEvent(raw_data="x", event="named", id=str(number))

    @app.get("/lines/{count}")
    async def lines(count: int) -> AsyncIterator[dict[str, int]]:
        for number in range(count):
            yield {"n": number}


def _add_files(app: Rapide, file: Path) -> None:
    @app.post("/upload")
    async def upload(file: UploadFile):
        return file.size

    @app.get("/download/{count}")
    async def download(count: int):
        path = file.with_name(f"{count}.bin")
        path.write_bytes(b"x" * count * _MEGABYTE)
        return FileResponse(path)


def _add_single(app: Rapide) -> None:
    @app.get("/text", response_class=PlainTextResponse)
    async def text() -> str:
        return "text"

    @app.post("/form")
    async def form(
        name: Annotated[str, Form()], age: Annotated[int, Form()], member: Annotated[bool, Form()]
    ):
        return [name, age, member]

    @app.get("/boom")
    async def boom():
        raise ZeroDivisionError

    def first() -> int:
        return 1

    def second(value: Annotated[int, Depends(first)]) -> Iterator[int]:
        yield value

    @app.get("/threads")
    def on_thread(value: Annotated[int, Depends(second)]) -> int:
        return value


@pytest.fixture(scope="module", params=[RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rapide:
    """An application of each face, compiled."""
    app = _make_app(request.param, tmp_path_factory.mktemp("files") / "file")
    app.prepare()
    return app


@pytest.fixture(autouse=True)
def _no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """How often the event loop gets a turn depends on the machine: never here."""
    monkeypatch.setattr(streams, "_LONGEST_TURN", math.inf)


def _scope(method: str, path: str, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http" if method != "WS" else "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "subprotocols": [],
    }


def _http_messages(body: bytes) -> Iterator[Message]:
    chunks = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)] or [b""]
    for position, chunk in enumerate(chunks):
        yield {"type": "http.request", "body": chunk, "more_body": position + 1 < len(chunks)}


def _socket_messages(count: int) -> Iterator[Message]:
    yield {"type": "websocket.connect"}
    for _ in range(count):
        yield {"type": "websocket.receive", "text": "x"}
    yield {"type": "websocket.disconnect", "code": 1000}


async def _ask(app: Rapide, scope: dict[str, Any], messages: Iterator[Message]) -> list[Message]:
    sent: list[Message] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await app(scope, receive, send)
    except ZeroDivisionError:
        assert scope["path"] == "/boom"
    return sent


def _request(kind: str, count: int) -> tuple[dict[str, Any], Iterator[Message]]:
    """Return the scope and the messages of a request with so many events, messages or megabytes."""
    if kind == "echo":
        return _scope("WS", "/echo", []), _socket_messages(count)
    if kind == "upload":
        head = b'--boundary\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n'
        body = head + b"x" * (count * _MEGABYTE) + b"\r\n--boundary--\r\n"
        content_type = b"multipart/form-data; boundary=" + _BOUNDARY
        return _scope("POST", "/upload", [(b"content-type", content_type)]), _http_messages(body)
    if kind == "form":
        content_type = b"application/x-www-form-urlencoded"
        messages = _http_messages(b"name=Ada&age=36&member=true")
        return _scope("POST", "/form", [(b"content-type", content_type)]), messages
    path = f"/{kind}/{count}" if count else f"/{kind}"
    return _scope("GET", path, []), _http_messages(b"")


def _calls(
    app: Rapide, kind: str, count: int = 0, packages: tuple[str, ...] = ("rapide", "starlette")
) -> int:
    """Count the calls of packages on the event loop's thread, after a request that warms up."""
    calls = 0

    def look(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        module = frame.f_globals.get("__name__", "")
        calls += event == "call" and module.partition(".")[0] in packages

    async def run() -> None:
        assert len(await _ask(app, *_request(kind, count))) >= 2
        sys.setprofile(look)
        try:
            await _ask(app, *_request(kind, count))
        finally:
            sys.setprofile(None)

    asyncio.run(run())
    return calls


@pytest.mark.parametrize(
    ("kind", "fewer", "more", "most"),
    [
        ("events", 20, 120, 5),
        ("plain-events", 20, 120, 5),
        ("named-events", 20, 120, 16),
        ("lines", 20, 120, 4),
        ("echo", 20, 120, 9),
        ("upload", 4, 14, 150),
        ("download", 4, 14, 64),
    ],
)
def test_one_more_takes_no_more_calls_than_recorded(
    app: Rapide, kind: str, fewer: int, more: int, most: float
) -> None:
    """One more event, line, message or megabyte adds no more calls than it did."""
    assert (_calls(app, kind, more) - _calls(app, kind, fewer)) / (more - fewer) <= most


def test_message_of_a_socket_makes_no_scope_of_its_own(app: Rapide) -> None:
    """A server that ends wakes whoever waits for a message; no message pays for that, AnyIO included."""
    packages = ("rapide", "starlette", "anyio")
    assert (_calls(app, "echo", 120, packages) - _calls(app, "echo", 20, packages)) / 100 <= 9


@pytest.mark.parametrize(("kind", "most"), [("text", 7), ("form", 56), ("boom", 38)])
def test_request_takes_no_more_calls_than_recorded(app: Rapide, kind: str, most: int) -> None:
    """Text, a form of three fields and an endpoint that fails take no more calls than they did."""
    assert _calls(app, kind) <= most


@pytest.mark.parametrize("face", [RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
def test_limit_of_the_application_costs_requests_without_a_body_little(face: Any) -> None:
    """Two looks at the headers, and two functions that count what should not come."""
    limited = Rapide(behaviour=face, max_body_size=1000)
    _add_single(limited)
    assert _calls(limited, "text") <= 11


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every trip to a worker thread."""
    made: list[Any] = []
    submit: Callable[..., None] = threads._Threads.submit

    def counted(pool: Any, job: Any, limit: float) -> None:
        made.append(job)
        submit(pool, job, limit)

    monkeypatch.setattr(threads._Threads, "submit", counted)
    return made


@pytest.mark.parametrize(
    ("kind", "count", "most"),
    [
        ("text", 0, 0),
        ("form", 0, 0),
        ("boom", 0, 0),
        ("events", 50, 0),
        ("echo", 50, 0),
        ("threads", 0, 2),
        ("upload", 8, 10),
        ("download", 8, 35),
    ],
)
def test_request_takes_no_more_trips_to_threads_than_recorded(
    app: Rapide, trips: list[Any], kind: str, count: int, most: int
) -> None:
    """All plain functions of a request share a trip; files take one for each large piece."""
    asyncio.run(_ask(app, *_request(kind, count)))
    assert len(trips) <= most


def test_requests_one_after_the_other_use_one_thread(app: Rapide, trips: list[Any]) -> None:
    """A pool grows when no thread is idle, and not before."""

    async def run() -> int:
        await _ask(app, *_request("threads", 0))
        before = threads._state.threads._count
        for _ in range(20):
            await _ask(app, *_request("threads", 0))
        return threads._state.threads._count - before

    assert asyncio.run(run()) == 0
    assert trips
