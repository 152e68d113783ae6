from rapide import Rapide, Request, WebSocket

app = Rapide()


@app.websocket("/news")
async def send_news(websocket: WebSocket, request: Request) -> None:
    await websocket.accept()
