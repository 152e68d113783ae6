"""An application as a user's type checker sees it: decorators, options, routers, behaviour.

Nothing here runs: mypy and pyright read it. A line with both kinds of ignore is an error that each of them
must report; one that does not is an error in itself.
"""

# pyright: reportUnusedFunction=false

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, assert_type

from pydantic import BaseModel
from starlette.responses import StreamingResponse

from rapide import (
    FASTAPI,
    RAPIDE,
    APIRouter,
    BackgroundTasks,
    Behaviour,
    Depends,
    HTTPException,
    Rapide,
    Request,
    Response,
    Security,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    __version__,
    status,
)
from rapide.errors import (
    CODES,
    DeclarationError,
    FrontendError,
    InvalidValueError,
    MarkerError,
    RouteError,
    RouterError,
    UnresolvedAnnotationError,
    UnsupportedTypeError,
    explain_code,
)
from rapide.middleware import Middleware
from rapide.middleware.asyncexitstack import AsyncExitStackMiddleware
from rapide.middleware.cors import CORSMiddleware
from rapide.middleware.gzip import GZipMiddleware
from rapide.middleware.httpsredirect import HTTPSRedirectMiddleware
from rapide.middleware.trustedhost import TrustedHostMiddleware
from rapide.middleware.wsgi import WSGIMiddleware
from rapide.routing import (
    APIRoute,
    APIWebSocketRoute,
    BaseRoute,
    Host,
    Match,
    Mount,
    NoMatchFound,
    Route,
    RouteContext,
    Router,
    WebSocketRoute,
    iter_route_contexts,
)
from rapide.routing import APIRouter as SameAPIRouter
from rapide.telemetry import TelemetryConfig, TelemetryData, get_telemetry_data


class Item(BaseModel):
    """What the endpoints take and give."""

    name: str


@asynccontextmanager
async def lifespan(app: Rapide) -> AsyncIterator[dict[str, int]]:
    """Run around the application's life."""
    assert_type(app.state.anything, Any)
    yield {"started": 1}


telemetry: TelemetryConfig = {"tracing": True, "exclude": lambda scope: scope["path"] == "/health"}
app = Rapide(
    title="Shop",
    debug=True,
    behaviour=RAPIDE,
    lifespan=lifespan,
    dependencies=[Depends(lambda: 1)],
    middleware=[Middleware(GZipMiddleware, minimum_size=10), Middleware(TrustedHostMiddleware)],
    responses={404: {"description": "Not here."}},
    max_body_size=1_000,
    form_limits={"max_files": 1},
    telemetry=telemetry,
)
Rapide(titel="Shop")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Rapide(title=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Rapide(form_limits={"max_filez": 1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Rapide(telemetry={"trace": True})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

assert_type(app.behaviour, Behaviour)
assert_type(app.openapi(), dict[str, Any])
assert_type(app.openapi("3.0"), dict[str, Any])
assert_type(app.explain("GET", "/items/1"), str)
assert_type(app.title, str)
assert_type(app.description, str)
assert_type(app.openapi_tags, list[dict[str, Any]] | None)
assert_type(app.webhooks, SameAPIRouter)
app.version = "2.0"
app.openapi("2.0")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
relaxed = Rapide(behaviour=FASTAPI)
assert_type(FASTAPI, Behaviour)
version: str = __version__


# Decorators give back the function that they were given.


@app.get("/items/{item_id}", status_code=status.HTTP_200_OK, tags=["items"], response_model=Item)
async def read_item(item_id: int, q: str | None = None) -> Item:
    """Read an item."""
    return Item(name=f"{item_id}{q}")


@app.post("/items", status_code=201)
@app.put("/items", deprecated=True)
def write_item(item: Item, tasks: BackgroundTasks) -> Item:
    """Write an item."""
    tasks.add_task(print, item.name)
    return item


async def use_functions() -> None:
    """What was decorated is called like any function."""
    assert_type(await read_item(1, q="x"), Item)
    assert_type(write_item(Item(name="x"), BackgroundTasks()), Item)
    await read_item("1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


app.get("/x", statuscode=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
app.get("/x", status_code="1")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.get(1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.delete("/x", summary="Delete.")(write_item)
app.patch("/x", operation_id="patch")(write_item)
app.head("/x", include_in_schema=False)(write_item)
app.options("/x", name="options")(write_item)
app.trace("/x", openapi_extra={"x-internal": True})(write_item)
app.api_route("/x", methods=["GET", "POST"])(write_item)
app.add_api_route("/x", write_item, response_model_exclude_none=True, max_body_size=10)
app.add_api_route("/x", write_item, exclude_none=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@app.websocket("/socket", dependencies=[Depends(lambda: 1)])
async def socket(websocket: WebSocket) -> None:
    """Serve a WebSocket."""
    await websocket.accept()
    try:
        assert_type(await websocket.receive_text(), str)
        assert_type(await websocket.receive_json(), Any)
    except WebSocketDisconnect as exc:
        assert_type(exc.code, int)
        raise WebSocketException(status.WS_1008_POLICY_VIOLATION, reason="no") from exc


@app.middleware("http")
async def observe(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Stand around every request."""
    response = await call_next(request)
    response.headers["x-path"] = request.url.path
    return response


@app.exception_handler(HTTPException)
@app.exception_handler(404)
async def answer(request: Request, exc: HTTPException) -> Response:
    """Answer an exception."""
    data: TelemetryData | None = get_telemetry_data()
    return Response(str(exc.detail), exc.status_code, headers={"x-traced": str(data is not None)})


async def answer_again(request: Request) -> None:
    """A decorated handler is called like any function."""
    assert_type(await answer(request, HTTPException(404)), Response)


app.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"])
app.add_middleware(HTTPSRedirectMiddleware)
app.add_middleware(AsyncExitStackMiddleware)
app.mount("/old", WSGIMiddleware(lambda environ, start_response: [b""]))

router = APIRouter(prefix="/v1", tags=["v1"], dependencies=[Security(lambda: 1, scopes=["read"])])
assert_type(router, SameAPIRouter)
APIRouter(prefx="/v1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@router.get("/stream", response_class=StreamingResponse)
async def stream() -> AsyncIterator[str]:
    """Stream text."""
    yield "x"


assert_type(stream(), AsyncIterator[str])
router.frontend("/", directory="dist", fallback="index.html", check_dir=False)
router.frontend("/", directory="dist", fallback="main.html")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
app.include_router(router, prefix="/api", deprecated=True)
app.include_router(router, prefixes="/api")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
app.include_router("router")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

with app.override({write_item: lambda: 1}):
    pass
app.override(write_item)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def look_at_routes(routes: Sequence[BaseRoute]) -> list[str]:
    """Tell what a list of routes holds."""
    found = []
    for route in routes:
        match route:
            case APIRoute():
                assert_type(route.methods, set[str])
                found.append(route.path)
            case APIWebSocketRoute() | WebSocketRoute() | Route() | Mount():
                found.append(route.path)
            case Host():
                found.append(route.host)
            case _:
                found.append(str(route.matches({})[0] is Match.FULL))
    return found


def look_at_contexts(plain: Router) -> list[str]:
    """Tell where routes of a tree are."""
    contexts: list[RouteContext] = list(iter_route_contexts(plain.routes))
    try:
        return [str(plain.url_path_for("index")), *map(str, contexts)]
    except NoMatchFound:
        return []


def explain(exc: DeclarationError) -> str:
    """Tell what is wrong with a declaration."""
    assert_type(exc.code, str)
    assert_type(exc.file, str | None)
    assert_type(exc.line, int | None)
    assert_type(exc.parameter, str | None)
    kinds: tuple[type[DeclarationError], ...] = (
        FrontendError,
        InvalidValueError,
        MarkerError,
        RouteError,
        RouterError,
        UnresolvedAnnotationError,
        UnsupportedTypeError,
    )
    return explain_code(exc.code) if exc.code in CODES and isinstance(exc, kinds) else exc.remedy
