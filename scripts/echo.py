"""What `scripts/autobahn` talks to: an endpoint that sends back each message as it came."""

from __future__ import annotations

from rapide import Rapide, WebSocket

app = Rapide()


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    """Send back texts as texts and bytes as bytes."""
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        text = message.get("text")
        if text is not None:
            await websocket.send_text(text)
        else:
            await websocket.send_bytes(message["bytes"])
