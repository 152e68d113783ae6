"""that-depends: resources of a context, by a route class and as dependencies."""

from typing import Annotated

from injected import Session, Settings, closed, open_session
from that_depends import BaseContainer, providers
from that_depends.integrations.fastapi import create_fastapi_route_class
from that_depends.providers.context_resources import ContextScopes

from fastapi import APIRouter, Depends, FastAPI, WebSocket


class Container(BaseContainer):
    settings = providers.Singleton(Settings)
    session = providers.ContextResource(open_session, settings=settings.cast).with_config(
        scope=ContextScopes.REQUEST
    )


router = APIRouter(route_class=create_fastapi_route_class(scope=ContextScopes.REQUEST))


@router.get("/greet/{name}")
async def greet(
    name: str,
    session: Session = Container.session,
    loud: bool = False,
):
    return session.greet(name.upper() if loud else name)


app = FastAPI()
app.include_router(router, prefix="/v1")


@app.get("/closed")
async def get_closed():
    return closed


@app.websocket("/live")
async def live(websocket: WebSocket, settings: Annotated[Settings, Depends(Container.settings)]):
    await websocket.accept()
    await websocket.send_text(settings.greeting)
    await websocket.close()
