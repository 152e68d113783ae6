"""One WebSocket connection, as the server between client and application sees it (ASGI 3)."""

from __future__ import annotations

import json
import math
from typing import Any, Literal

from anyio import (
    BrokenResourceError,
    ClosedResourceError,
    EndOfStream,
    create_memory_object_stream,
    fail_after,
)
from starlette.testclient import WebSocketDenialResponse
from starlette.types import ASGIApp, Message, Scope
from starlette.websockets import WebSocketDisconnect

from rapide.testing.task import AppTask

__all__ = ["AsyncWebSocketTestSession"]

# As many messages of the application may wait for the client to read them; then `send` waits.
_UNREAD_MESSAGES = 64

_NORMAL_CLOSURE = 1000  # RFC 6455, section 7.4.1
_INTERNAL_ERROR = 1011

_ANSWERS = frozenset({"websocket.accept", "websocket.close", "websocket.http.response.start"})
_MESSAGES = frozenset({"websocket.send", "websocket.close"})


class _ClientLeftError(OSError):
    """What `send` raises when the client has left, as servers do since ASGI's version 2.4 of WebSockets."""


class AsyncWebSocketTestSession:
    """A connection to an application; `AsyncTestClient.websocket_connect` makes it.

    `accepted_subprotocol` and `extra_headers` are what the application accepted it with. All that waits for
    the application raises TimeoutError when that takes longer than the client's time limit, and what the
    application raises, unless that is turned off.
    """

    def __init__(
        self, app: ASGIApp, scope: Scope, *, limit: float | None, raise_server_exceptions: bool
    ) -> None:
        self.scope = scope
        self.accepted_subprotocol: str | None = None
        self.extra_headers: list[tuple[bytes, bytes]] = []
        self._app = app
        self._limit = limit
        self._raise = raise_server_exceptions
        self._allowed = _ANSWERS
        self._left = False
        self._goodbye: Message = {"type": "websocket.disconnect", "code": 1006, "reason": ""}
        self._to_app, self._in_app = create_memory_object_stream[Message](math.inf)
        self._from_app, self._in_client = create_memory_object_stream[Message](_UNREAD_MESSAGES)
        self._to_app.send_nowait({"type": "websocket.connect"})
        self._task = AppTask(self._run, f"WebSocket {scope['path']}")

    async def _run(self) -> None:
        try:
            await self._app(self.scope, self._receive_in_app, self._send_from_app)
        finally:
            self._from_app.close()

    # ------------------------------------------------------------------------------- the application's side

    async def _receive_in_app(self) -> Message:
        try:
            return await self._in_app.receive()
        except EndOfStream:
            return self._goodbye

    async def _send_from_app(self, message: Message) -> None:
        kind = message["type"]
        if self._left:
            raise _ClientLeftError("The client has closed the connection")
        if kind not in self._allowed:
            raise RuntimeError(f"An application cannot send {kind!r} now")
        if kind == "websocket.accept":
            self._allowed = _MESSAGES
        elif kind.startswith("websocket.http.response."):
            more = kind.endswith(".start") or message.get("more_body", False)
            self._allowed = frozenset({"websocket.http.response.body"}) if more else frozenset()
        elif kind == "websocket.close":
            self._allowed = frozenset()
        try:
            await self._from_app.send(message)
        except (BrokenResourceError, ClosedResourceError):
            raise _ClientLeftError("The client has closed the connection") from None

    # ---------------------------------------------------------------------------------- the client's side

    async def receive(self) -> Message:
        """Return the next message as ASGI has it: "websocket.send" or "websocket.close"."""
        try:
            with fail_after(self._limit):
                return await self._in_client.receive()
        except EndOfStream:
            return self._ending()
        except TimeoutError:
            raise TimeoutError(f"The application sent nothing for {self._limit} seconds") from None

    def _ending(self) -> Message:
        """Return what a server does in place of an application that ended without closing the connection."""
        error = self._task.error
        if error is not None and self._raise and not isinstance(error, WebSocketDisconnect):
            raise error
        return {
            "type": "websocket.close",
            "code": _NORMAL_CLOSURE if error is None else _INTERNAL_ERROR,
            "reason": "",
        }

    async def _receive_data(self) -> Message:
        message = await self.receive()
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message.get("code", _NORMAL_CLOSURE), message.get("reason") or "")
        return message

    async def receive_text(self) -> str:
        """Return the next message, which must be text.

        Raises WebSocketDisconnect when the application closes the connection, TypeError for a binary message.
        """
        text = (await self._receive_data()).get("text")
        if text is None:
            raise TypeError("The application sent a binary message: use receive_bytes()")
        return str(text)

    async def receive_bytes(self) -> bytes:
        """Return the next message, which must be binary. Raises as `receive_text` does."""
        data = (await self._receive_data()).get("bytes")
        if data is None:
            raise TypeError("The application sent a text message: use receive_text()")
        return bytes(data)

    async def receive_json(self, mode: Literal["text", "binary"] = "text") -> Any:
        """Return the value of the next message, which must be JSON.

        Raises as `receive_text` does, and ValueError.
        """
        return json.loads(await (self.receive_text() if mode == "text" else self.receive_bytes()))

    async def send(self, message: Message) -> None:
        """Send a message as ASGI has it. Raises RuntimeError after `close`."""
        if self._left:
            raise RuntimeError("The connection is closed")
        try:
            await self._to_app.send(message)
        except (BrokenResourceError, ClosedResourceError):
            return

    async def send_text(self, data: str) -> None:
        """Send a text message."""
        await self.send({"type": "websocket.receive", "text": data})

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""
        await self.send({"type": "websocket.receive", "bytes": data})

    async def send_json(self, data: Any, mode: Literal["text", "binary"] = "text") -> None:
        """Send a value as JSON."""
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
        await (self.send_text(text) if mode == "text" else self.send_bytes(text.encode()))

    async def close(self, code: int = _NORMAL_CLOSURE, reason: str | None = None) -> None:
        """Close the connection; the application is told after all that was sent before."""
        if not self._left:
            self._left = True
            self._goodbye = {"type": "websocket.disconnect", "code": code, "reason": reason or ""}
            self._to_app.close()

    # ---------------------------------------------------------------------------------- begin and end

    async def begin(self) -> None:
        """Wait for the application's answer.

        Raises WebSocketDisconnect when it refuses the connection, WebSocketDenialResponse when it does so
        with a response.
        """
        message = await self.receive()
        if message["type"] == "websocket.accept":
            self.accepted_subprotocol = message.get("subprotocol")
            self.extra_headers = list(message.get("headers") or ())
            return
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message.get("code", _NORMAL_CLOSURE), message.get("reason") or "")
        body = b""
        more = True
        while more:
            part = await self.receive()
            body += part.get("body", b"")
            more = part.get("more_body", False)
        raise WebSocketDenialResponse(status_code=message["status"], headers=message["headers"], content=body)

    async def end(self, grace: float) -> None:
        """Leave; the application has `grace` seconds to end before it is cancelled. Raises what it raises."""
        await self.close()
        self._in_client.close()
        await self._task.stop(grace)
        self._in_app.close()
        error = self._task.error
        if error is not None and self._raise and not isinstance(error, WebSocketDisconnect):
            raise error
