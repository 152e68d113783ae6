"""WebSockets when the server ends, and when their endpoint fails."""

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from rapide import Rapide, WebSocket, WebSocketDisconnect
from rapide.fastapi import FastAPI
from rapide.lifecycle import begin_drain, wait_for_drain
from rapide.lifecycle.sockets import serve_socket

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    """Both backends."""
    return request.param


class _Connection:
    """A client that connects, says what it was given, and then nothing."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.scope: dict[str, Any] = {"type": "websocket", "path": "/", "headers": [], "query_string": b""}
        self.scope |= {"root_path": "", "subprotocols": [], "scheme": "ws", "state": {}}
        self.sent: list[dict[str, Any]] = []
        self._messages = [{"type": "websocket.connect"}, *messages]

    async def receive(self) -> dict[str, Any]:
        if not self._messages:
            await anyio.sleep_forever()
        return self._messages.pop(0)

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def closes(self) -> list[int]:
        return [message["code"] for message in self.sent if message["type"] == "websocket.close"]

    async def drained(self, app: Any, *, before: bool = False) -> None:
        """Serve it, and begin the drain when all are waiting, or before it connects."""
        if before:
            await begin_drain()
        with anyio.fail_after(30):
            async with anyio.create_task_group() as group:
                group.start_soon(app, self.scope, self.receive, self.send)
                await anyio.wait_all_tasks_blocked()
                await begin_drain()


def _app(face: Any, endpoint: Callable[[WebSocket], Awaitable[None]]) -> Any:
    app = face()
    app.websocket("/")(endpoint)
    return app


@pytest.mark.parametrize("before", [False, True], ids=["open", "new"])
@pytest.mark.parametrize("face", [Rapide, FastAPI])
async def test_endpoint_that_receives_is_told(face, before):
    """The client gets 1012, once, and the endpoint a disconnect with the same code."""
    seen: list[int] = []

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as left:
            seen.append(left.code)

    connection = _Connection()
    await connection.drained(_app(face, endpoint), before=before)
    assert (connection.closes, seen) == ([1012], [1012])
    assert connection.sent[-1]["reason"] == "The server is restarting"


async def test_endpoint_that_sends_is_told():
    """What it sends after the close raises what sending to a client that left raises."""
    seen: list[int] = []

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        await wait_for_drain()
        try:
            await websocket.send_text("x")
        except WebSocketDisconnect as left:
            seen.append(left.code)

    connection = _Connection()
    await connection.drained(_app(Rapide, endpoint))
    assert (connection.closes, seen) == ([1012], [1012])


async def test_endpoint_that_does_neither_is_cancelled(monkeypatch):
    """Its clean-up runs, and the client was told at once."""
    monkeypatch.setattr("rapide.lifecycle.sockets._PATIENCE_SECONDS", 0.01)
    ended: list[str] = []

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("ended")

    connection = _Connection()
    await connection.drained(_app(Rapide, endpoint))
    assert (connection.closes, ended) == ([1012], ["ended"])


async def test_application_in_another_closes_once():
    """Only the outermost layer speaks with the client."""
    inner = _app(Rapide, _listen)
    outer = Rapide()
    outer.mount("/", inner)
    connection = _Connection()
    await connection.drained(outer)
    assert connection.closes == [1012]


async def test_disconnect_that_nobody_catches_is_no_fault_of_the_endpoints():
    """The log of a restart shows no exceptions."""
    connection = _Connection()
    await connection.drained(_app(Rapide, _listen))
    assert connection.closes == [1012]


async def _listen(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.receive_text()


async def test_fault_closes_with_1011():
    """WSK-03: the exception goes to the server, and the client gets a code and no text."""

    async def endpoint(websocket: WebSocket) -> None:
        await websocket.accept()
        raise ValueError("secret")

    connection = _Connection()
    with pytest.raises(ValueError, match="secret"):
        await _app(Rapide, endpoint)(connection.scope, connection.receive, connection.send)
    assert connection.closes == [1011]
    assert connection.sent[-1]["reason"] == ""


@pytest.mark.parametrize(
    "messages", [[{"type": "websocket.disconnect", "code": 1000}], []], ids=["client", "endpoint"]
)
async def test_fault_after_the_close_is_not_closed_again(messages):
    """A second close frame is a fault of its own for some servers."""

    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        if messages:
            await receive()
        else:
            await send({"type": "websocket.close", "code": 4000})
        raise ValueError("late")

    connection = _Connection(*messages)
    with pytest.raises(ValueError, match="late"):
        await serve_socket(endpoint, connection.scope, connection.receive, connection.send)
    assert connection.closes == ([] if messages else [4000])


async def test_fault_before_the_handshake_stays_with_the_server():
    """A close before accepting would be a refusal; servers answer 500."""

    async def endpoint(websocket: WebSocket) -> None:
        raise ValueError("early")

    connection = _Connection()
    with pytest.raises(ValueError, match="early"):
        await _app(Rapide, endpoint)(connection.scope, connection.receive, connection.send)
    assert connection.sent == []


async def test_client_that_is_gone_hides_no_exception():
    """The endpoint's own fault is what the log shows."""

    async def endpoint(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        raise ValueError("first")

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            raise OSError("gone")

    connection = _Connection()
    with pytest.raises(ValueError, match="first"):
        await serve_socket(endpoint, connection.scope, connection.receive, send)
