"""modern-di-fastapi: containers for the application, for requests and for WebSockets."""

from typing import Annotated

import modern_di
from injected import Session, Settings, closed
from modern_di import Group, Scope, providers
from modern_di_fastapi import FromDI, setup_di

from fastapi import APIRouter, FastAPI, WebSocket


class Dependencies(Group):
    settings = providers.Factory(scope=Scope.APP, creator=Settings)
    session = providers.Factory(
        scope=Scope.REQUEST,
        creator=Session,
        kwargs={"settings": settings},
        cache=providers.CacheSettings(finalizer=lambda session: closed.append(session.number)),
    )


router = APIRouter()


@router.get("/greet/{name}")
async def greet(
    name: str,
    session: Annotated[Session, FromDI(Dependencies.session)],
    loud: bool = False,
):
    return session.greet(name.upper() if loud else name)


app = FastAPI()
app.include_router(router, prefix="/v1")


@app.get("/closed")
async def get_closed():
    return closed


@app.websocket("/live")
async def live(websocket: WebSocket, settings: Annotated[Settings, FromDI(Dependencies.settings)]):
    await websocket.accept()
    await websocket.send_text(settings.greeting)
    await websocket.close()


setup_di(app, modern_di.Container(scope=Scope.APP, groups=[Dependencies]))
