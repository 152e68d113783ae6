"""wireup: injection by annotations, set up after the routes are there, for requests and WebSockets."""

import wireup
import wireup.integration.fastapi
from injected import Session, Settings, closed, open_session
from wireup import Injected

from fastapi import APIRouter, FastAPI, WebSocket

router = APIRouter()


@router.get("/greet/{name}")
async def greet(name: str, session: Injected[Session], again: Injected[Session], loud: bool = False):
    assert session is again
    return session.greet(name.upper() if loud else name)


app = FastAPI()


@app.get("/closed")
async def get_closed():
    return closed


@app.websocket("/live")
async def live(websocket: WebSocket, settings: Injected[Settings]):
    await websocket.accept()
    await websocket.send_text(settings.greeting)
    await websocket.close()


app.include_router(router, prefix="/v1")
container = wireup.create_async_container(
    injectables=[wireup.injectable(Settings), wireup.injectable(lifetime="scoped")(open_session)]
)
wireup.integration.fastapi.setup(container, app)
