"""Responses, events, errors and values as a user's type checker sees them.

Nothing here runs; `application.py` says how to read it.
"""

# pyright: reportUnusedFunction=false

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, assert_type

from rapide import HTTPException, Rapide, Request, UploadFile, encoders, requests, websockets
from rapide.background import BackgroundTasks, ChainedBackgroundTasks
from rapide.concurrency import (
    asynccontextmanager,
    contextmanager_in_threadpool,
    iterate_in_threadpool,
    limit_threads,
    run_in_threadpool,
    run_until_first_complete,
    time_left,
)
from rapide.datastructures import (
    URL,
    Address,
    Default,
    DefaultPlaceholder,
    FormData,
    Headers,
    QueryParams,
    State,
)
from rapide.datastructures import UploadFile as SameUploadFile
from rapide.encoders import jsonable_encoder
from rapide.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from rapide.exceptions import (
    DependencyScopeError,
    Disconnected,
    EndpointContext,
    FastAPIDeprecationWarning,
    FastAPIError,
    PydanticV1NotSupportedError,
    RequestErrorModel,
    RequestValidationError,
    ResponseValidationError,
    ValidationException,
    WebSocketErrorModel,
    WebSocketException,
    WebSocketRequestValidationError,
)
from rapide.exceptions import HTTPException as SameHTTPException
from rapide.responses import (
    EventSourceResponse,
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
    attachment,
    is_body_allowed_for_status_code,
    redirect_local,
)
from rapide.sse import KEEPALIVE_COMMENT, ServerSentEvent, format_sse_event
from rapide.sse import EventSourceResponse as SameEventSourceResponse
from rapide.staticfiles import StaticFiles
from rapide.templating import Jinja2Templates
from rapide.types import DecoratedCallable, IncEx

app = Rapide()
app.mount("/static", StaticFiles(directory="static", html=True), name="static")
templates = Jinja2Templates(directory="templates")


@app.get("/page", response_class=HTMLResponse)
def page(request: Request) -> Response:
    """Answer with a page."""
    assert_type(request.url, URL)
    assert_type(request.client, Address | None)
    assert_type(request.headers, Headers)
    assert_type(request.query_params, QueryParams)
    return templates.TemplateResponse(request, "page.html", {"title": "Page"})


@app.get("/any")
async def choose(kind: str, tasks: BackgroundTasks) -> Response:
    """Answer with one of the response classes."""
    assert_type(is_body_allowed_for_status_code(204), bool)
    in_a_row: BackgroundTasks = ChainedBackgroundTasks()
    in_a_row.add_task(print, kind)
    answers: dict[str, Response] = {
        "file": FileResponse("report.pdf", filename="report.pdf"),
        "json": JSONResponse({"a": 1}, status_code=201, background=tasks),
        "text": PlainTextResponse("text", headers={"x-kind": kind}),
        "redirect": RedirectResponse("/", status_code=303),
        "stream": StreamingResponse(iter([b"a"]), media_type="text/plain"),
        "events": EventSourceResponse(iter([format_sse_event(data_str="1"), KEEPALIVE_COMMENT])),
    }
    answers["events"] = SameEventSourceResponse(iter([b""]))
    try:
        return answers[kind]
    except KeyError:
        raise HTTPException(404, "No such kind", {"x-kind": kind}) from None


assert_type(Disconnected().status_code, int)
Disconnected(404)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
HTTPException("404")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
JSONResponse({}, status="201")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@app.get("/events", response_class=EventSourceResponse)
async def events() -> AsyncIterator[ServerSentEvent]:
    """Stream events."""
    yield ServerSentEvent(data={"a": 1}, event="made", id="1", retry=1000)


format_sse_event(data=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@app.exception_handler(RequestValidationError)
async def refuse(request: Request, exc: RequestValidationError) -> JSONResponse:
    """Answer what does not fit."""
    assert_type(len(exc.errors()), int)
    assert_type(exc.body, Any)
    return await request_validation_exception_handler(request, exc)


async def by_hand(request: Request, websocket: websockets.WebSocket) -> list[Response]:
    """Call the handlers that applications start with."""
    answer = await http_exception_handler(request, SameHTTPException(404))
    failure = WebSocketRequestValidationError([{"loc": ("query", "a"), "msg": "Wrong", "type": "wrong"}])
    try:
        await websocket_request_validation_exception_handler(websocket, failure)
    except websockets.WebSocketDisconnect:
        assert_type(websocket.client_state, websockets.WebSocketState)
        raise WebSocketException(1000) from None
    return [answer]


def tell(exc: Exception) -> str:
    """Tell errors apart."""
    assert issubclass(FastAPIDeprecationWarning, Warning)
    models = RequestErrorModel.__name__ + WebSocketErrorModel.__name__
    context: EndpointContext = {"path": "/items"}
    match exc:
        case ResponseValidationError() | ValidationException():
            return f"{len(exc.errors())} {context['path']}"
        case DependencyScopeError() | PydanticV1NotSupportedError() | FastAPIError():
            return str(exc) + models
        case _:
            return ""


async def encode(file: UploadFile, include: IncEx | None = None) -> None:
    """Turn values into plain data."""
    assert_type(jsonable_encoder({"at": dt.datetime.now(dt.UTC)}, include=include, exclude_none=True), Any)
    assert_type(encoders.isoformat(dt.date.today()), str)  # noqa: DTZ011
    assert isinstance(file, SameUploadFile)
    assert_type(await file.read(), bytes)


def values(state: State, form: FormData, given: int = Default(3)) -> list[str]:
    """Use what requests are made of."""
    assert_type(given, int)
    assert_type(state.anything, Any)
    placeholder = DefaultPlaceholder(given)
    return [*form.keys(), str(placeholder.value)]


@contextmanager
def opened() -> Iterator[int]:
    """Hold something."""
    yield 1


@asynccontextmanager
async def awaited() -> AsyncIterator[int]:
    """Hold something asynchronously."""
    yield 1


async def threads(connection: requests.HTTPConnection, request: requests.Request) -> None:
    """Use worker threads."""
    assert_type(await run_in_threadpool(len, "abc"), int)
    assert_type(time_left(), float | None)
    limit_threads(work=100, files=8)
    limit_threads(100)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await run_in_threadpool(len, 3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async with contextmanager_in_threadpool(opened()) as number, awaited() as other:
        assert_type((number, other), tuple[int, int])
    async for item in iterate_in_threadpool([1, 2]):
        assert_type(item, int)
    await run_until_first_complete((request.body, {}), (connection.headers.items, {}))


def decorate(function: DecoratedCallable) -> DecoratedCallable:
    """Write a decorator that keeps types."""
    return function


assert_type(decorate(values)(State(), FormData()), list[str])


@app.get("/next")
def go_on(target: str) -> RedirectResponse:
    """Lead to where a client wants to go on, within this application."""
    return redirect_local(target, 303)


@app.get("/uploads/{name}")
def download(name: str) -> FileResponse:
    """Hand out what somebody has uploaded."""
    return attachment(f"uploads/{name}", filename=name)
