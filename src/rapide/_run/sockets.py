"""What endpoints get of WebSockets where messages are read strictly."""

from __future__ import annotations

from typing import Any

from starlette.websockets import WebSocket, WebSocketState

from rapide._run.json_body import load_strictly
from rapide._run.respond import encode_exact
from rapide.exceptions import HTTPException, RequestValidationError, WebSocketException

__all__ = ["CheckedWebSocket", "UnexpectedMessageError"]

# RFC 6455, section 7.4.1.
_UNSUPPORTED_DATA = 1003
_INVALID_PAYLOAD = 1007

_MAX_DEPTH = 64


class UnexpectedMessageError(WebSocketException, ValueError):
    """A message is not what the endpoint asked for; left to itself it closes the socket, and is no fault."""


class CheckedWebSocket(WebSocket):
    """A WebSocket whose client sends what the endpoint asks for, or is refused.

    A message of the other kind closes with 1003; one that is no JSON by RFC 8259 with 1007, like a body that
    is none is a 422. JSON leaves as in responses: without NaN.
    """

    async def _content(self, kind: str) -> Any:
        if self.application_state != WebSocketState.CONNECTED:
            raise RuntimeError('WebSocket is not connected. Need to call "accept" first.')
        message = await self.receive()
        if message["type"] == "websocket.disconnect":
            self._raise_on_disconnect(message)
        content = message.get(kind)
        if content is None:
            raise UnexpectedMessageError(_UNSUPPORTED_DATA, f"Only messages of {kind} are read here")
        return content

    async def receive_text(self) -> str:
        """Return the next message, which is text. Raises UnexpectedMessageError for bytes."""
        text: str = await self._content("text")
        return text

    async def receive_bytes(self) -> bytes:
        """Return the next message, which is bytes. Raises UnexpectedMessageError for text."""
        content: bytes = await self._content("bytes")
        return content

    async def receive_json(self, mode: str = "text") -> Any:
        """Return the next message, which is JSON in `text`, or in bytes of UTF-8 with the mode "binary".

        Raises UnexpectedMessageError, which is a ValueError, for what is none.
        """
        if mode not in ("text", "binary"):
            raise RuntimeError('The "mode" argument should be "text" or "binary".')
        content = await self._content("text" if mode == "text" else "bytes")
        try:
            return load_strictly(content.encode() if mode == "text" else content, _MAX_DEPTH)
        except (RequestValidationError, HTTPException, ValueError) as exc:
            raise UnexpectedMessageError(_INVALID_PAYLOAD, "The message is not JSON") from exc

    async def send_json(self, data: Any, mode: str = "text") -> None:
        """Send data as JSON, as responses do: NaN is null, models and dates are said as models say them."""
        if mode not in ("text", "binary"):
            raise RuntimeError('The "mode" argument should be "text" or "binary".')
        content = encode_exact(data)
        if mode == "text":
            await self.send({"type": "websocket.send", "text": content.decode()})
        else:
            await self.send({"type": "websocket.send", "bytes": content})
