"""dishka: injection by a route class and by a decorator, for requests and WebSockets."""

from dishka import Provider, Scope, make_async_container
from dishka.integrations.fastapi import DishkaRoute, FromDishka, inject, setup_dishka
from injected import Session, Settings, closed, open_session

from fastapi import APIRouter, FastAPI, WebSocket

provider = Provider()
provider.provide(Settings, scope=Scope.APP)
provider.provide(open_session, scope=Scope.REQUEST)

router = APIRouter(route_class=DishkaRoute)


@router.get("/greet/{name}")
async def greet(name: str, session: FromDishka[Session], again: FromDishka[Session], loud: bool = False):
    assert session is again
    return session.greet(name.upper() if loud else name)


app = FastAPI()


@app.get("/closed")
async def get_closed():
    return closed


@app.websocket("/live")
@inject
async def live(websocket: WebSocket, settings: FromDishka[Settings]):
    await websocket.accept()
    await websocket.send_text(settings.greeting)
    await websocket.close()


app.include_router(router, prefix="/v1")
setup_dishka(make_async_container(provider), app)
