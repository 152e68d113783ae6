from typing import Annotated

from rapide import (
    Depends,
    Query,
    Rapide,
    WebSocket,
    WebSocketException,
    status,
)

app = Rapide(title="Library")


async def current_reader(card: Annotated[str | None, Query()] = None) -> str:
    if card != "ada-1815":
        raise WebSocketException(
            status.WS_1008_POLICY_VIOLATION, "Nobody has this card."
        )
    return "Ada"


@app.websocket("/rooms/{room}")
async def talk(
    websocket: WebSocket,
    room: int,
    reader: Annotated[str, Depends(current_reader)],
    volume: Annotated[int, Query(ge=0, le=10)] = 5,
) -> None:
    await websocket.accept()
    async for message in websocket.iter_json():
        text = message["text"]
        await websocket.send_json(
            {"room": room, "from": reader, "volume": volume, "text": text}
        )
