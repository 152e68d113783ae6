"""svcs: services from a registry that lives as long as the application."""

from typing import Annotated

import svcs
from injected import Session, Settings, closed, open_session

from fastapi import APIRouter, Depends, FastAPI, WebSocket


@svcs.fastapi.lifespan
async def lifespan(app: FastAPI, registry: svcs.Registry):
    registry.register_value(Settings, Settings())

    async def make_session(container: svcs.Container):
        async for session in open_session(await container.aget(Settings)):
            yield session

    registry.register_factory(Session, make_session)
    yield


router = APIRouter()


@router.get("/greet/{name}")
async def greet(name: str, services: svcs.fastapi.DepContainer, loud: bool = False):
    session = await services.aget(Session)
    assert session is await services.aget(Session)
    return session.greet(name.upper() if loud else name)


app = FastAPI(lifespan=lifespan)
app.include_router(router, prefix="/v1")


@app.get("/closed")
async def get_closed():
    return closed


async def get_settings(websocket: WebSocket) -> Settings:
    async with svcs.Container(websocket.state.svcs_registry) as container:
        return await container.aget(Settings)


@app.websocket("/live")
async def live(websocket: WebSocket, settings: Annotated[Settings, Depends(get_settings)]):
    await websocket.accept()
    await websocket.send_text(settings.greeting)
    await websocket.close()
