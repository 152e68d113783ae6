"""fastapi-limiter: limits as dependencies, of routes and of WebSocket messages."""

from typing import Annotated

from fastapi_limiter.depends import RateLimiter, WebSocketRateLimiter
from pyrate_limiter import Duration, Limiter, Rate

from fastapi import APIRouter, Depends, FastAPI, HTTPException, WebSocket

app = FastAPI()
router = APIRouter(prefix="/v1")


@router.get("/twice", dependencies=[Depends(RateLimiter(limiter=Limiter(Rate(2, Duration.HOUR))))])
async def twice() -> str:
    return "one of two"


@app.get("/once")
def once(limit: Annotated[None, Depends(RateLimiter(limiter=Limiter(Rate(1, Duration.HOUR))))]) -> str:
    return "the one"


app.include_router(router)


@app.websocket("/ws")
async def live(websocket: WebSocket):
    await websocket.accept()
    limit = WebSocketRateLimiter(limiter=Limiter(Rate(1, Duration.HOUR)))
    while True:
        text = await websocket.receive_text()
        try:
            await limit(websocket, context_key=text)
            await websocket.send_text("taken")
        except HTTPException:
            await websocket.send_text("too many")
