"""SSE and WSK: streams, server-sent events, WebSockets."""

import asyncio
import contextlib
from collections.abc import AsyncIterable, Iterator
from typing import Any

import pytest
from catalogue_asking import ask, exchange, scope_of
from catalogue_faces import Face


def _events(face: Face, make: Any) -> Any:
    app = face.app()
    ServerSentEvent = face.part("sse").ServerSentEvent  # noqa: N806 -- a class

    @app.get("/", response_class=face.part("sse").EventSourceResponse)
    async def read() -> AsyncIterable[Any]:
        yield make(ServerSentEvent)

    return ask(app, "GET", "/")


@pytest.mark.row("SSE-01")
@pytest.mark.parametrize(
    "options",
    [
        {"event": "a\ndata: x"},
        {"id": "a\0"},
        {"id": "a\nb"},
        {"retry": "x\n"},
        {"retry": -1},
        {"event": "a\rb"},
    ],
)
def test_sse_01_fields_stay_in_their_line(face: Face, options: dict[str, Any]):
    """A field of an event with a line break is an error where it is made."""
    with pytest.raises(ValueError, match=next(iter(options))):
        face.part("sse").ServerSentEvent(data=1, **options)


@pytest.mark.row("SSE-02")
@pytest.mark.parametrize("text", ["a\rb", "a\r\nb", "a\nb", "a\n\nid: 7", "\n"])
def test_sse_02_data_of_several_lines(face: Face, text: str):
    """Each line of the data is a line of data: nothing of it becomes another field."""
    answer = _events(face, lambda event: event(raw_data=text))
    lines = answer.text.replace("\r\n", "\n").split("\n")
    assert {line.partition(":")[0] for line in lines if line} == {"data"}


def _leaving(face: Face, stream: Any) -> list[str]:
    """What has run after the client left a stream at its second piece."""
    ran: list[str] = []
    app = face.app()

    async def depend() -> Any:
        try:
            yield
        except BaseException as exc:
            ran.append(f"told {type(exc).__name__}")
            raise
        finally:
            ran.append("dependency")

    app.get(
        "/", dependencies=[face.Depends(depend)], response_class=face.part("responses").StreamingResponse
    )(stream(ran))
    left = asyncio.Event()
    first = [True]

    async def receive() -> dict[str, Any]:
        if first:
            first.pop()
            return {"type": "http.request", "body": b"", "more_body": False}
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message.get("body"):
            left.set()
        await asyncio.sleep(0)

    async def run() -> None:
        scope = scope_of("GET", "/")
        scope["asgi"]["spec_version"] = "2.3"
        with contextlib.suppress(Exception):
            await asyncio.wait_for(app(scope, receive, send), 5)

    asyncio.run(run())
    return ran


@pytest.mark.row("SSE-03")
def test_sse_03_client_leaves_an_async_stream(face: Face):
    """The generator is closed at once, and so are the dependencies."""

    def stream(ran: list[str]) -> Any:
        async def read() -> AsyncIterable[bytes]:
            try:
                while True:
                    yield b"x"
                    await asyncio.sleep(0.001)
            finally:
                ran.append("generator")

        return read

    ran = _leaving(face, stream)
    assert ran.index("generator") < ran.index("dependency")


@pytest.mark.row("SSE-04")
def test_sse_04_client_leaves_a_plain_stream(face: Face):
    """A generator without `async` is closed as well, and not left to the garbage collector."""

    def stream(ran: list[str]) -> Any:
        def read() -> Iterator[bytes]:
            try:
                while True:
                    yield b"x"
            finally:
                ran.append("generator")

        return read

    assert "generator" in _leaving(face, stream)


@pytest.mark.row("SSE-06")
def test_sse_06_fault_amid_a_stream(face: Face):
    """After its first byte a stream that fails is cut off: its last piece is never sent."""
    app = face.app()

    @app.get("/", response_class=face.part("responses").StreamingResponse)
    async def read() -> AsyncIterable[bytes]:
        yield b"x"
        raise RuntimeError("secret")

    answer = ask(app, "GET", "/")
    assert (answer.status, answer.complete) == (200, False)
    assert answer.error is not None
    assert b"secret" not in answer.body


@pytest.mark.row("SSE-07")
def test_sse_07_slow_readers_hold_back_writers(face: Face):
    """No piece is made before the one before it was taken: a slow client costs no memory."""
    app = face.app()
    made: list[int] = []
    ahead: list[int] = []

    @app.get("/", response_class=face.part("responses").StreamingResponse)
    async def read() -> AsyncIterable[bytes]:
        for number in range(50):
            made.append(number)
            yield b"x"

    taken = 0

    async def take(message: dict[str, Any]) -> None:
        nonlocal taken
        if message.get("body"):
            await asyncio.sleep(0)
            ahead.append(len(made) - taken)
            taken += 1

    asyncio.run(exchange(app, scope_of("GET", "/"), on_send=take))
    assert taken == 50
    assert max(ahead) <= 2


@pytest.mark.row("SSE-08")
@pytest.mark.parametrize("value", [b"\x01\x02", b"x" * 65_536, b"a\xff"])
def test_sse_08_last_event_id(face: Face, value: bytes):
    """`Last-Event-ID` is a header like others: what is in it is text, and no server error."""
    app = face.app()

    @app.get("/")
    def read(last_event_id: str = face.Header(default="")):
        return len(last_event_id)

    assert ask(app, "GET", "/", headers=[(b"last-event-id", value)]).status == 200


@pytest.mark.row("SSE-09")
def test_sse_09_items_that_cannot_be_encoded(face: Face):
    """An item that is no JSON cuts the stream off, and is an error for the log."""
    app = face.app()

    @app.get("/", response_class=face.part("sse").EventSourceResponse)
    async def read() -> AsyncIterable[Any]:
        yield {"a": 1}
        circle: list[Any] = []
        circle.append(circle)
        yield circle

    answer = ask(app, "GET", "/")
    assert answer.complete is False
    assert answer.error is not None


class _Socket:
    """A WebSocket as a server would drive it."""

    def __init__(self, app: Any, path: str, headers: Any = (), texts: tuple[str, ...] = ()) -> None:
        self.sent: list[dict[str, Any]] = []
        self.error: BaseException | None = None
        messages = [
            {"type": "websocket.connect"},
            *({"type": "websocket.receive", "text": text} for text in texts),
        ]
        scope = scope_of("GET", path, headers, type="websocket", scheme="ws", subprotocols=[])
        del scope["method"]
        scope["extensions"] = {"websocket.http.response": {}}

        async def receive() -> Any:
            return messages.pop(0) if messages else {"type": "websocket.disconnect", "code": 1000}

        async def send(message: Any) -> None:
            self.sent.append(message)

        try:
            asyncio.run(app(scope, receive, send))
        except Exception as exc:  # noqa: BLE001 -- what a server would log
            self.error = exc

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.sent]

    @property
    def text(self) -> str:
        return repr(self.sent)


def _sockets(face: Face) -> Any:
    app = face.app()
    WebSocket = face.WebSocket  # noqa: N806 -- a class

    def refuse() -> None:
        raise face.HTTPException(401, "no")

    @app.websocket("/closed")
    async def closed(websocket: WebSocket, user: None = face.Depends(refuse)):
        await websocket.accept()

    @app.websocket("/fails")
    async def fails(websocket: WebSocket):
        await websocket.accept()
        raise RuntimeError("hunter2")

    @app.websocket("/number")
    async def number(websocket: WebSocket, n: int):
        await websocket.accept()

    @app.websocket("/json")
    async def read(websocket: WebSocket):
        await websocket.accept()
        await websocket.receive_json()

    return app


@pytest.mark.row("WSK-02")
def test_wsk_02_refused_before_it_is_accepted(face: Face):
    """A dependency that refuses answers with its status, and the socket is never accepted."""
    socket = _Socket(_sockets(face), "/closed")
    assert "websocket.accept" not in socket.types
    starts = [message for message in socket.sent if message["type"] == "websocket.http.response.start"]
    assert [start["status"] for start in starts] == [401]


@pytest.mark.row("WSK-02")
def test_wsk_02_bad_query(face: Face):
    """A value that does not fit closes the socket before it is accepted, and tells no value."""
    socket = _Socket(_sockets(face), "/number?n=hunter2")
    assert "websocket.accept" not in socket.types
    assert "hunter2" not in socket.text


@pytest.mark.row("WSK-03")
def test_wsk_03_fault_of_a_socket(face: Face):
    """A fault after the handshake reaches the server, which closes with 1011; nothing of it is sent."""
    socket = _Socket(_sockets(face), "/fails")
    assert socket.types[0] == "websocket.accept"
    assert isinstance(socket.error, RuntimeError)
    assert "hunter2" not in socket.text


@pytest.mark.row("WSK-09")
@pytest.mark.parametrize("text", ["{", "NaN", "[" * 100_000])
def test_wsk_09_messages_that_are_no_json(face: Face, text: str):
    """A message that is no JSON is an error for the endpoint; nothing of it is echoed."""
    socket = _Socket(_sockets(face), "/json", texts=(text,))
    assert socket.types[0] == "websocket.accept"
    assert "Traceback" not in socket.text


@pytest.mark.row("WSK-01", "HST-01")
def test_wsk_01_hosts_of_sockets(face: Face):
    """A WebSocket to a Host that is none is refused before its endpoint."""
    app = _sockets(face)
    scope = scope_of("GET", "/fails", (), type="websocket", scheme="ws", subprotocols=[], host=b"a/?")
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    with contextlib.suppress(RuntimeError):
        asyncio.run(app(scope, receive, send))
    if face.follows_fastapi("does not look at Host"):
        assert sent[0]["type"] == "websocket.accept"
        return
    assert [message["type"] for message in sent] == ["websocket.close"]
