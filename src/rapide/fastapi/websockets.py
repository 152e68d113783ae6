"""`fastapi.websockets`."""

from rapide.websockets import WebSocket, WebSocketDisconnect, WebSocketState

__all__ = [
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketState",
]
