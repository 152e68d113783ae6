"""fastapi-injector: injector's bindings as dependencies, with a scope for each request."""

from fastapi_injector import (
    Injected,
    InjectorMiddleware,
    RequestScopeOptions,
    attach_injector,
    request_scope,
)
from injected import Session, Settings, closed
from injector import Injector, Module, provider, singleton

from fastapi import APIRouter, FastAPI, WebSocket


class ClosingSession(Session):
    def __enter__(self):
        return self

    def __exit__(self, *error: object) -> None:
        closed.append(self.number)


class Bindings(Module):
    @singleton
    @provider
    def settings(self) -> Settings:
        return Settings()

    @request_scope
    @provider
    def session(self, settings: Settings) -> ClosingSession:
        return ClosingSession(settings)


router = APIRouter()


@router.get("/greet/{name}")
def greet(
    name: str,
    session: ClosingSession = Injected(ClosingSession),
    again: ClosingSession = Injected(ClosingSession),
    loud: bool = False,
):
    assert session is again
    return session.greet(name.upper() if loud else name)


app = FastAPI()


@app.get("/closed")
async def get_closed():
    return closed


@app.websocket("/live")
async def live(websocket: WebSocket, settings: Settings = Injected(Settings)):
    await websocket.accept()
    await websocket.send_text(settings.greeting)
    await websocket.close()


app.include_router(router, prefix="/v1")
injector = Injector([Bindings()])
app.add_middleware(InjectorMiddleware, injector=injector)
attach_injector(app, injector, options=RequestScopeOptions(enable_cleanup=True))
