"""WSK: WebSockets whose clients send too much, take nothing, or are refused."""

import asyncio
import contextlib
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from catalogue_asking import scope_of
from catalogue_faces import Face
from starlette.websockets import WebSocketDisconnect

Message = dict[str, Any]


class Client:
    """A WebSocket client, and a server that keeps to what ASGI says."""

    def __init__(self, *messages: Message) -> None:
        self.messages = [{"type": "websocket.connect"}, *messages]
        self.sent: list[Message] = []
        self.taken = 0

    async def receive(self) -> Message:
        self.taken += 1
        return self.messages.pop(0) if self.messages else {"type": "websocket.disconnect", "code": 1000}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    async def talk(self, app: Any, path: str = "/") -> list[Message]:
        """Return what the application sends."""
        scope = scope_of("GET", path, type="websocket", scheme="ws", subprotocols=[])
        del scope["method"]
        with contextlib.suppress(WebSocketDisconnect):
            await asyncio.wait_for(app(scope, self.receive, self.send), 10)
        return self.sent


def _echo(face: Face, **options: Any) -> Any:
    app = face.app(**options)

    @app.websocket("/")
    async def echo(websocket: face.WebSocket):
        await websocket.accept()
        while True:
            await websocket.send_text(await websocket.receive_text())

    return app


def _text(text: str) -> Message:
    return {"type": "websocket.receive", "text": text}


@pytest.mark.row("WSK-04")
@pytest.mark.parametrize("text", ["x" * (1024 * 1024 + 1), "\N{EURO SIGN}" * 400_000])
def test_wsk_04_messages_have_an_end(face: Face, text: str):
    """A message of more than a mebibyte closes the socket with 1009; the endpoint never sees it."""
    face.ours_only("leaves it to the server")
    sent = asyncio.run(Client(_text("a"), _text(text)).talk(_echo(face)))
    assert sent[1] == {"type": "websocket.send", "text": "a"}
    if face.follows_fastapi("leaves it to the server"):
        assert sent[2]["text"] == text
        return
    assert [message.get("code") for message in sent[2:]] == [1009]


@pytest.mark.row("WSK-04")
@pytest.mark.parametrize("message", [_text("x" * 1024 * 1024), _text("\N{EURO SIGN}" * 300_000)])
def test_wsk_04_messages_up_to_the_end_are_taken(face: Face, message: Message):
    """A mebibyte is bytes, not characters, and is still taken."""
    face.ours_only("leaves it to the server")
    sent = asyncio.run(Client(message).talk(_echo(face)))
    assert sent[1]["text"] == message["text"]


@pytest.mark.row("WSK-07")
def test_wsk_07_nothing_is_taken_ahead_of_the_endpoint(face: Face):
    """A client that floods waits in the server: no message is taken before the endpoint asks for it."""
    app = face.app()
    client = Client(*(_text("x") for _ in range(500)))
    ahead: list[int] = []

    @app.websocket("/")
    async def work(websocket: face.WebSocket):
        await websocket.accept()
        for number in range(500):
            await websocket.receive_text()
            await asyncio.sleep(0)
            ahead.append(client.taken - number - 2)
        await websocket.close()

    asyncio.run(client.talk(app))
    assert len(ahead) == 500
    assert max(ahead) <= 1


class _Deaf(Client):
    """A client that takes nothing in after the handshake."""

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if message["type"] == "websocket.send":
            await asyncio.sleep(3600)


@pytest.mark.row("WSK-08", "WSK-10")
def test_wsk_08_client_that_never_reads_is_given_up(face: Face, caplog: pytest.LogCaptureFixture):
    """Its endpoint is cancelled after `message_timeout` seconds, and what it holds is released."""
    face.native_only("FastAPI waits as long as the server does")
    released: list[str] = []

    async def hold() -> Any:
        try:
            yield
        finally:
            released.append("dependency")

    behaviour = replace(face.part("behaviour").RAPIDE, message_timeout=0.05)
    app = face.app(behaviour=behaviour)

    @app.websocket("/", dependencies=[face.Depends(hold)])
    async def tell(websocket: face.WebSocket):
        await websocket.accept()
        try:
            while True:
                await websocket.send_text("x")
        finally:
            released.append("endpoint")

    asyncio.run(_Deaf().talk(app))
    assert released == ["endpoint", "dependency"]
    assert "took nothing in" in caplog.text


@pytest.mark.row("WSK-08")
def test_wsk_08_silence_of_the_endpoint_is_no_fault_of_the_client(face: Face):
    """Only a message that is not taken in counts: between two an endpoint may wait as long as it likes."""
    face.native_only("FastAPI waits as long as the server does")
    app = face.app(behaviour=replace(face.part("behaviour").RAPIDE, message_timeout=0.02))

    @app.websocket("/")
    async def tell(websocket: face.WebSocket):
        await websocket.accept()
        for _ in range(2):
            await websocket.send_text("x")
            await asyncio.sleep(0.1)
        await websocket.close()

    sent = asyncio.run(Client().talk(app))
    assert [message["type"] for message in sent][-1] == "websocket.close"
    assert len(sent) == 4


def _accepting(face: Face, **accepted: Any) -> Any:
    app = face.app()

    @app.websocket("/")
    async def accept(websocket: face.WebSocket):
        await websocket.accept(**accepted)

    return app


def _subprotocol(face: Face) -> Any:
    return _accepting(face, subprotocol="a\r\nset-cookie: x=1")


def _header(face: Face) -> Any:
    return _accepting(face, headers=[(b"x-name", b"a\r\nset-cookie: x=1")])


@pytest.mark.row("HDR-01")
@pytest.mark.parametrize("make", [_subprotocol, _header])
def test_hdr_01_handshakes_stay_in_their_lines(face: Face, make: Callable[[Face], Any]):
    """A line break in a header or in the protocol of a handshake is an error of whoever sets it."""
    face.ours_only("leaves it to the server")
    client = Client()
    with pytest.raises(ValueError, match="line break"):
        asyncio.run(client.talk(make(face)))
    assert client.sent == []


@pytest.mark.row("WSK-13")
def test_wsk_13_idle_sockets_are_small(face: Face):
    """A socket that waits costs less than 20 KB of Python's memory, without what its server holds."""
    app = _echo(face)
    count = 200

    async def idle() -> Any:
        await asyncio.sleep(3600)

    async def measure() -> float:
        async def connect() -> None:
            client = Client()

            async def receive() -> Message:
                return client.messages.pop(0) if client.messages else await idle()

            scope = scope_of("GET", "/", type="websocket", scheme="ws", subprotocols=[])
            del scope["method"]
            await app(scope, receive, client.send)

        first = asyncio.create_task(connect())
        await asyncio.sleep(0.05)
        tracemalloc.start()
        tasks = [asyncio.create_task(connect()) for _ in range(count)]
        for _ in range(20):
            await asyncio.sleep(0)
        held = tracemalloc.get_traced_memory()[0] / count
        tracemalloc.stop()
        for task in (first, *tasks):
            task.cancel()
        await asyncio.gather(first, *tasks, return_exceptions=True)
        return held

    held = asyncio.run(measure())
    assert held < 20_000


def _json_echo(face: Face, mode: str = "text") -> Any:
    app = face.app()

    @app.websocket("/")
    async def echo(websocket: face.WebSocket):
        await websocket.accept()
        await websocket.send_json(await websocket.receive_json(mode))

    return app


@pytest.mark.row("WSK-09", "JSN-01", "JSN-04", "JSN-06", "JSN-09")
@pytest.mark.parametrize(
    "text", ["{", "NaN", '{"a": Infinity}', "[" * 100_000, "9" * 5_000, '"\\ud800"', "\ufeff{}", "1 2", ""]
)
def test_wsk_09_messages_that_are_no_json_are_refused(face: Face, text: str):
    """What is no JSON in a body is none in a message: it closes with 1007, and is no fault."""
    face.native_only("FastAPI leaves it to the endpoint")
    sent = asyncio.run(Client(_text(text)).talk(_json_echo(face)))
    assert [message.get("code") for message in sent[1:]] == [1007]
    assert text[:20] not in str(sent[1].get("reason")) or not text


@pytest.mark.row("WSK-09")
@pytest.mark.parametrize(
    ("message", "mode", "code"),
    [
        ({"type": "websocket.receive", "bytes": b"\xff"}, "text", 1003),
        ({"type": "websocket.receive", "text": None, "bytes": b"1"}, "text", 1003),
        ({"type": "websocket.receive"}, "text", 1003),
        ({"type": "websocket.receive", "text": "1"}, "binary", 1003),
        ({"type": "websocket.receive", "bytes": b'"\xff"'}, "binary", 1007),
    ],
)
def test_wsk_09_messages_of_the_other_kind(face: Face, message: Message, mode: str, code: int):
    """Bytes where text is asked for close with 1003, and bytes that are no UTF-8 with 1007."""
    face.native_only("FastAPI leaves it to the endpoint")
    sent = asyncio.run(Client(message).talk(_json_echo(face, mode)))
    assert [message.get("code") for message in sent[1:]] == [code]


@pytest.mark.row("WSK-09", "JSN-20")
def test_wsk_09_json_is_what_leaves(face: Face):
    """An endpoint may catch what is wrong as a ValueError; NaN leaves as null."""
    face.native_only("FastAPI leaves it to the endpoint")
    app = face.app()

    @app.websocket("/")
    async def tell(websocket: face.WebSocket):
        await websocket.accept()
        try:
            await websocket.receive_json()
        except ValueError:
            await websocket.send_json({"n": float("nan")})
        await websocket.send_json(await websocket.receive_json("binary"), "binary")
        await websocket.close()

    second = {"type": "websocket.receive", "bytes": b'{"a":1}'}
    sent = asyncio.run(Client(_text("{"), second).talk(app))
    assert [message.get("text") or message.get("bytes") for message in sent[1:3]] == [
        '{"n":null}',
        b'{"a":1}',
    ]
