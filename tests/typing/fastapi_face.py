"""An application that moved over by changing its imports, as a user's type checker sees it.

Nothing here runs; `application.py` says how to read it.
"""

# pyright: reportUnusedFunction=false

from collections.abc import Awaitable, Callable
from typing import Annotated, assert_type

from rapide.behaviour import RAPIDE
from rapide.fastapi import (
    APIRouter,
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FastAPI,
    File,
    Form,
    Header,
    HTTPException,
    Path,
    Query,
    Request,
    Response,
    Security,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    alias_fastapi,
    status,
)
from rapide.fastapi.encoders import jsonable_encoder
from rapide.fastapi.exceptions import RequestValidationError
from rapide.fastapi.middleware.cors import CORSMiddleware
from rapide.fastapi.responses import JSONResponse
from rapide.fastapi.routing import APIRoute
from rapide.fastapi.security import OAuth2PasswordBearer
from rapide.fastapi.testclient import TestClient

alias_fastapi()
app = FastAPI(title="Shop", docs_url=None)
app.add_middleware(CORSMiddleware, allow_origins=["*"])
FastAPI(behaviour=RAPIDE)
FastAPI(behaviour="rapide")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
FastAPI(titel="Shop")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class OwnRoute(APIRoute):
    """A route class that changes the handler."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        """Return the handler with something around it."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as exc:
                return JSONResponse(jsonable_encoder(exc.errors()), 400)

        return handle


router = APIRouter(prefix="/v1", route_class=OwnRoute)


@router.post("/{number}", status_code=status.HTTP_201_CREATED)
async def endpoint(
    number: Annotated[int, Path()],
    tasks: BackgroundTasks,
    token: Annotated[str, Security(OAuth2PasswordBearer(tokenUrl="token"), scopes=["a"])],
    q: Annotated[str, Query(max_length=3)] = "",
    agent: str | None = Header(None),
    session: str | None = Cookie(None),
    data: dict[str, int] = Body({}),
) -> dict[str, int]:
    """Take parameters."""
    tasks.add_task(print, token, q, agent, session)
    if number > 3:
        raise HTTPException(404)
    return data


@router.post("/form")
def upload(name: str = Form(), file: UploadFile = File(), made: str = Depends(str)) -> str:
    """Take a form."""
    return name + (file.filename or made)


@app.websocket("/socket")
async def socket(websocket: WebSocket) -> None:
    """Serve a WebSocket."""
    try:
        await websocket.accept()
    except WebSocketDisconnect:
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION) from None


app.include_router(router)
assert_type(upload("x"), str)
assert_type(TestClient(app).get("/v1/1").status_code, int)
