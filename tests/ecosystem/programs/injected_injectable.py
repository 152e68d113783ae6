"""fastapi-injectable: the application's dependencies, outside of requests too."""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi_injectable import cleanup_exit_stack_of_func, injectable, register_app
from injected import Session, Settings, closed, open_session

from fastapi import APIRouter, Depends, FastAPI, WebSocket


def get_settings() -> Settings:
    return Settings()


async def get_session(settings: Annotated[Settings, Depends(get_settings)]):
    async for session in open_session(settings):
        yield session


@injectable(use_cache=False)
async def greet_from_outside(name: str, session: Annotated[Session, Depends(get_session)]):
    return session.greet(name)


@asynccontextmanager
async def lifespan(app: FastAPI):
    await register_app(app)
    yield


router = APIRouter()


@router.get("/greet/{name}")
async def greet(name: str, loud: bool = False):
    greeted = await greet_from_outside(name.upper() if loud else name)
    await cleanup_exit_stack_of_func(greet_from_outside)
    return greeted


app = FastAPI(lifespan=lifespan)
app.include_router(router, prefix="/v1")


@app.get("/closed")
async def get_closed():
    return closed


@app.websocket("/live")
async def live(websocket: WebSocket, settings: Annotated[Settings, Depends(get_settings)]):
    await websocket.accept()
    await websocket.send_text(settings.greeting)
    await websocket.close()
