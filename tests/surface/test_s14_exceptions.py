"""Section 14 of the surface document: exceptions, their handlers, and the layers that call them."""

import http
import threading

import anyio
import pytest
from raw_asgi import Exchange, exchange, http_scope
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.testclient import WebSocketDenialResponse
from surface_target import (
    APIRouter,
    BackgroundTasks,
    Depends,
    FastAPI,
    FileResponse,
    HTTPException,
    JSONResponse,
    PlainTextResponse,
    Query,
    RequestValidationError,
    StreamingResponse,
    TestClient,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
    load,
)


class Base(Exception):  # noqa: N818 - a name as short as the tests
    """An exception of the application."""


class Derived(Base):
    """One that derives from it."""


def raising(error, **options):
    """Return an application whose GET /x raises `error`."""
    app = FastAPI(**options)

    @app.get("/x")
    def endpoint():
        raise error

    @app.get("/number")
    def number(n: int):
        return n

    return app


def quiet(app):
    """Return a client for which server errors are responses."""
    return TestClient(app, raise_server_exceptions=False)


def handler(name, colour="sync"):
    """Return a handler that says who it is and what it got."""

    def plain(request, exc):
        return PlainTextResponse(f"{name} {type(exc).__name__} {request.url.path}", 299)

    async def coroutine(request, exc):
        return plain(request, exc)

    return plain if colour == "sync" else coroutine


# 14.1 default handlers


@pytest.mark.parametrize("class_", [HTTPException, StarletteHTTPException])
@pytest.mark.parametrize(
    ("status", "detail", "body"),
    [
        (418, "kettle", b'{"detail":"kettle"}'),
        (404, None, b'{"detail":"Not Found"}'),
        (499, None, b'{"detail":""}'),
        (400, "", b'{"detail":""}'),
        (500, "own", b'{"detail":"own"}'),
        (http.HTTPStatus.CONFLICT, None, b'{"detail":"Conflict"}'),
    ],
)
def test_http_exceptions_are_answered_as_detail(class_, status, detail, body):
    """14.1: status, detail (the phrase of the status by default) and JSON."""
    done = exchange(raising(class_(status, detail)), "GET", "/x")
    assert (done.status, done.body) == (status, body)
    assert (b"content-type", b"application/json") in done.headers


def test_detail_may_be_any_json():
    """14.1: FastAPI's HTTPException takes any JSON-able detail."""
    response = TestClient(raising(HTTPException(400, {"a": [1, None]}))).get("/x")
    assert response.json() == {"detail": {"a": [1, None]}}


def test_headers_of_the_exception_are_sent():
    """14.1: the exception's headers come with the answer."""
    done = exchange(raising(HTTPException(401, "no", {"WWW-Authenticate": "Basic", "X-Y": "z"})), "GET", "/x")
    assert {(b"www-authenticate", b"Basic"), (b"x-y", b"z")} <= {(n.lower(), v) for n, v in done.headers}


@pytest.mark.parametrize("status", [199, 204, 304])
def test_bodyless_statuses_are_empty(status):
    """14.1: no body, no content type, but the headers of the exception."""
    done = exchange(raising(HTTPException(status, "detail", {"x-y": "z"})), "GET", "/x")
    assert (done.status, done.body, done.headers) == (status, b"", [(b"x-y", b"z")])


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [("GET", "/none", 404, "Not Found"), ("POST", "/x", 405, "Method Not Allowed")],
)
def test_routing_errors_use_the_same_handler(method, path, status, detail):
    """14.1: 404 and 405 are HTTPExceptions of Starlette."""
    done = exchange(raising(KeyError()), method, path)
    assert (done.status, done.body) == (status, f'{{"detail":"{detail}"}}'.encode())


def test_http_exception_class():
    """14.2: FastAPI's is a subclass of Starlette's, with detail and headers."""
    exc = HTTPException(404, "x", headers={"a": "b"})
    assert issubclass(HTTPException, StarletteHTTPException)
    assert (exc.status_code, exc.detail, exc.headers) == (404, "x", {"a": "b"})
    assert (str(exc), repr(exc)) == ("404: x", "HTTPException(status_code=404, detail='x')")
    assert (HTTPException(404).detail, HTTPException(404).headers) == ("Not Found", None)


# 14.2 registration and lookup


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("how", ["argument", "decorator", "call"])
def test_handlers_of_both_colours(how, colour):
    """14.2 and 3.1 exception_handlers: by constructor argument, decorator or call; sync or async."""
    function = handler("mine", colour)
    app = raising(Base(), exception_handlers={Base: function} if how == "argument" else None)
    if how == "decorator":
        assert app.exception_handler(Base)(function) is function
    if how == "call":
        app.add_exception_handler(Base, function)
    response = TestClient(app).get("/x")
    assert (response.status_code, response.text) == (299, "mine Base /x")


def test_sync_handlers_run_in_a_worker_thread(backend):
    """14.2: a plain function as handler does not block the event loop."""
    threads = []

    def on_base(request, exc):
        threads.append(threading.current_thread())
        return PlainTextResponse("x")

    app = raising(Base(), exception_handlers={Base: on_base})

    async def run():
        await Exchange(http_scope("GET", "/x")).run(app)
        return threading.current_thread()

    assert anyio.run(run, backend=backend) is not threads[0]


@pytest.mark.parametrize(
    ("error", "registered", "expected"),
    [
        (Derived(), [Base], "Base"),
        (Derived(), [Base, Derived], "Derived"),
        (Base(), [Base, Derived], "Base"),
        (HTTPException(418), [418], "418"),
        (HTTPException(418), [418, StarletteHTTPException, HTTPException], "418"),
        (HTTPException(418), [StarletteHTTPException, HTTPException], "HTTPException"),
        (HTTPException(418), [404, StarletteHTTPException], "StarletteHTTPException"),
        (StarletteHTTPException(418), [HTTPException], None),
        (StarletteHTTPException(418), [418], "418"),
        (HTTPException(418), [404], None),
        (HTTPException(418), [Exception], None),
    ],
)
def test_most_specific_handler_is_called(error, registered, expected):
    """14.2: for HTTP exceptions the status first; then the exception's classes, the nearest first."""
    names = {HTTPException: "HTTPException", StarletteHTTPException: "StarletteHTTPException"}
    handlers = {key: handler(names.get(key) or getattr(key, "__name__", str(key))) for key in registered}
    response = quiet(raising(error, exception_handlers=handlers)).get("/x")
    if expected is None:
        assert (response.status_code, response.json()) == (418, {"detail": "I'm a Teapot"})
    else:
        assert response.text == f"{expected} {type(error).__name__} /x"


@pytest.mark.parametrize(
    ("key", "path", "called"),
    [
        (404, "/none", True),
        (StarletteHTTPException, "/none", True),
        (HTTPException, "/none", False),
        (RequestValidationError, "/number", True),
        (422, "/number", False),
        (load("exceptions").ValidationException, "/number", False),
        (Exception, "/number", False),
        (Exception, "/none", False),
    ],
    ids=str,
)
def test_framework_errors_can_be_handled(key, path, called):
    """14.2: 404 by status or Starlette's class, 422 by RequestValidationError alone."""
    response = quiet(raising(Base(), exception_handlers={key: handler("mine")})).get(path)
    assert (response.status_code == 299) is called


def test_default_handlers_can_be_reused():
    """14.1 and 2.9: own handlers may call the default ones."""
    defaults, log = load("exception_handlers"), []
    app = raising(HTTPException(418, "kettle"))

    @app.exception_handler(StarletteHTTPException)
    async def on_http(request, exc):
        log.append(exc.status_code)
        return await defaults.http_exception_handler(request, exc)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(request, exc):
        log.append(exc.errors()[0]["loc"])
        return await defaults.request_validation_exception_handler(request, exc)

    client = TestClient(app)
    assert client.get("/x").json() == {"detail": "kettle"}
    assert client.get("/number").json()["detail"][0]["loc"] == ["query", "n"]
    assert log == [418, ("query", "n")]


def test_handlers_of_the_app_serve_included_routers_but_not_mounts():
    """14.2: handlers belong to the application."""
    app, router, sub = FastAPI(exception_handlers={Base: handler("app")}), APIRouter(), FastAPI()

    def endpoint():
        raise Base

    router.get("/router")(endpoint)
    sub.get("/x")(endpoint)
    app.include_router(router)
    app.mount("/sub", sub)
    client = quiet(app)
    assert client.get("/router").text == "app Base /router"
    assert client.get("/sub/x").status_code == 500
    sub_with_handler = FastAPI(exception_handlers={Base: handler("sub")})
    sub_with_handler.get("/x")(endpoint)
    other = FastAPI(exception_handlers={Base: handler("app")})
    other.mount("/sub", sub_with_handler)
    assert quiet(other).get("/sub/x").text == "sub Base /sub/x"


def test_handlers_see_errors_of_dependencies_after_their_exit():
    """14.2 and 7.4: generators are left before the handler runs."""
    log = []

    def dependency():
        try:
            yield
        finally:
            log.append("exit")

    app = FastAPI()

    @app.exception_handler(Base)
    def on_base(request, exc):
        log.append("handler")
        return PlainTextResponse("handled")

    @app.get("/x")
    def endpoint(a=Depends(dependency)):
        raise Base

    assert TestClient(app).get("/x").text == "handled"
    assert log == ["exit", "handler"]


def test_handler_may_raise_an_http_exception():
    """14.2: what a handler raises is answered like any other HTTPException."""
    app = raising(Base())

    @app.exception_handler(Base)
    async def on_base(request, exc):
        raise HTTPException(409, "from handler")

    response = TestClient(app).get("/x")
    assert (response.status_code, response.json()) == (409, {"detail": "from handler"})


def test_handlers_are_fixed_with_the_first_request():
    """14.2 and 3.4: a handler added later has no effect."""
    app = raising(Base())
    client = quiet(app)
    assert client.get("/x").status_code == 500
    app.add_exception_handler(Base, handler("late"))
    assert client.get("/x").status_code == 500


def test_handlers_answer_with_any_response():
    """14.2: the response of a handler is sent as it is."""
    app = raising(
        Base("why"),
        exception_handlers={Base: lambda request, exc: JSONResponse([str(exc)], 418, {"x-y": "z"})},
    )
    response = TestClient(app).get("/x")
    assert (response.status_code, response.json(), response.headers["x-y"]) == (418, ["why"], "z")


# 14.3 server errors


def test_unhandled_exception_is_a_500_and_raised():
    """14.3: the client gets a plain text 500, the server the exception."""
    response = quiet(raising(Base())).get("/x")
    assert (response.status_code, response.text) == (500, "Internal Server Error")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    with pytest.raises(Base):
        TestClient(raising(Base())).get("/x")


def test_500_is_sent_before_the_exception_goes_on():
    """14.3: the answer is complete when the exception leaves the application."""
    app, done = raising(Base()), Exchange(http_scope("GET", "/x"))
    with pytest.raises(Base):
        anyio.run(done.run, app)
    assert (done.status, done.body) == (500, b"Internal Server Error")


@pytest.mark.parametrize("key", [Exception, 500])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_handler_for_everything_answers_and_the_exception_goes_on(key, colour):
    """14.3: a handler for Exception or 500 makes the answer; the exception is raised all the same."""
    app = raising(Base(), exception_handlers={key: handler("all", colour)})
    assert quiet(app).get("/x").text == "all Base /x"
    with pytest.raises(Base):
        TestClient(app).get("/x")


@pytest.mark.parametrize("key", [Exception, 500])
def test_handler_for_everything_is_not_for_http_exceptions(key):
    """14.3: an HTTPException with status 500 is an HTTPException."""
    app = raising(HTTPException(500, "own"), exception_handlers={key: handler("all")})
    assert TestClient(app).get("/x").json() == {"detail": "own"}


def test_handler_for_everything_is_outside_user_middleware():
    """14.3: user middleware sees the exception pass, not the answer."""
    app, seen = raising(Base(), exception_handlers={Exception: handler("all")}), []

    @app.middleware("http")
    async def watch(request, call_next):
        try:
            return await call_next(request)
        except Base:
            seen.append("passed")
            raise

    response = quiet(app).get("/x")
    assert (response.text, seen) == ("all Base /x", ["passed"])


@pytest.mark.parametrize(
    ("accept", "content_type", "text"),
    [("*/*", "text/plain; charset=utf-8", "Traceback"), ("text/html", "text/html; charset=utf-8", "<html")],
)
def test_debug_shows_a_traceback(accept, content_type, text):
    """14.3 and 3.1 debug: text or HTML by Accept."""
    response = quiet(raising(Base("told only here"), debug=True)).get("/x", headers={"accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (500, content_type)
    assert text in response.text
    assert "told only here" in response.text


def test_nothing_is_told_without_debug():
    """14.3: without debug neither the text nor the kind of the exception is sent."""
    assert "told" not in quiet(raising(Base("not told"))).get("/x").text


# 14.4 middleware


def test_http_exception_in_middleware_is_a_server_error():
    """14.4: user middleware stands outside the handlers."""
    app = raising(Base())

    @app.middleware("http")
    async def refuse(request, call_next):
        raise HTTPException(418)

    # quirk: section 24.10, kept: middleware answers with a response, it does not raise
    assert quiet(app).get("/x").status_code == 500


# 14.5 after the response has started


@pytest.mark.parametrize("handled", [True, False])
def test_errors_in_a_started_stream_cannot_be_handled(handled):
    """14.5: with a handler Starlette raises a RuntimeError from it, without one the exception itself."""

    def chunks():
        yield b"a"
        raise Base

    app = FastAPI(exception_handlers={Base: handler("late")} if handled else None)
    app.get("/x")(lambda: StreamingResponse(chunks()))
    with pytest.raises(RuntimeError if handled else Base) as caught:
        TestClient(app).get("/x")
    if handled:
        assert isinstance(caught.value.__cause__, Base)


@pytest.mark.parametrize("handled", [True, False])
def test_errors_in_background_tasks_cannot_be_handled(handled):
    """14.5 and 12: the response was sent; a failing task stops the rest and reaches the server."""
    log = []

    def fail():
        raise Base

    app = FastAPI(exception_handlers={Base: handler("late")} if handled else None)

    @app.get("/x")
    def endpoint(tasks: BackgroundTasks):
        tasks.add_task(fail)
        tasks.add_task(log.append, "never")
        return "sent"

    assert quiet(app).get("/x").json() == "sent"
    with pytest.raises(RuntimeError if handled else Base):
        TestClient(app).get("/x")
    assert log == []


# 14.1 websockets


@pytest.fixture
def sockets():
    """Return an application whose websockets fail in several ways."""
    app = FastAPI()

    @app.websocket("/http")
    async def http_error(websocket: WebSocket):
        raise HTTPException(403, "no", {"x-y": "z"})

    @app.websocket("/before")
    async def before(websocket: WebSocket):
        raise WebSocketException(4001, "why")

    @app.websocket("/after")
    async def after(websocket: WebSocket):
        await websocket.accept()
        raise WebSocketException(4002, "later")

    @app.websocket("/own")
    async def own(websocket: WebSocket):
        raise Base

    @app.websocket("/invalid")
    async def invalid(websocket: WebSocket, n: int = Query()):
        return None

    @app.exception_handler(Base)
    async def on_base(websocket, exc):
        await websocket.close(4003, type(websocket).__name__)

    return app


@pytest.mark.parametrize(
    ("path", "code", "reason"), [("/before", 4001, "why"), ("/own", 4003, "WebSocket"), ("/none", 1000, "")]
)
def test_websocket_is_closed_by_its_exception(sockets, path, code, reason):
    """14.1 and 11: WebSocketException, own handlers, unknown paths."""
    with pytest.raises(WebSocketDisconnect) as caught, TestClient(sockets).websocket_connect(path):
        pass
    assert (caught.value.code, caught.value.reason) == (code, reason)


def test_websocket_is_closed_after_it_was_accepted(sockets):
    """14.1 and 11: a WebSocketException after accept closes with its code."""
    with (
        TestClient(sockets).websocket_connect("/after") as session,
        pytest.raises(WebSocketDisconnect) as caught,
    ):
        session.receive_text()
    assert (caught.value.code, caught.value.reason) == (4002, "later")


def test_http_exception_denies_a_websocket(sockets):
    """14.1 and 11: an HTTPException before accept is an HTTP answer."""
    with pytest.raises(WebSocketDenialResponse) as caught, TestClient(sockets).websocket_connect("/http"):
        pass
    response = caught.value
    assert (response.status_code, response.json(), response.headers["x-y"]) == (403, {"detail": "no"}, "z")


def test_invalid_websocket_is_closed_with_1008(sockets):
    """14.1: WebSocketRequestValidationError closes with 1008."""
    with pytest.raises(WebSocketDisconnect) as caught, TestClient(sockets).websocket_connect("/invalid"):
        pass
    assert caught.value.code == 1008


class Failing(PlainTextResponse):
    """A response that fails before its first message."""

    error: Exception

    async def __call__(self, scope, receive, send):
        """Send nothing."""
        raise self.error


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(
    ("error", "status", "text"),
    [
        (Base(), 299, "handled Base /x"),
        (ValueError(), 500, "Internal Server Error"),
        (HTTPException(418), 418, '{"detail":"I\'m a Teapot"}'),
    ],
)
def test_error_before_a_response_begins_is_answered(declared, error, status, text):
    """14.5: what a response raises before its first message is like what an endpoint raises."""
    made = type("Made", (Failing,), {"error": error})
    app = FastAPI(exception_handlers={Base: handler("handled")})
    app.get("/x", **({"response_class": made} if declared else {}))(lambda: "text" if declared else made())
    answer = quiet(app).get("/x")
    assert (answer.status_code, answer.text) == (status, text)


def test_missing_file_is_a_server_error(tmp_path):
    """14.5: a file response looks for its file before it begins."""
    app = FastAPI()
    app.get("/x")(lambda: FileResponse(tmp_path / "nothing"))
    answer = quiet(app).get("/x")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


def test_error_before_the_answer_of_a_handler_begins_is_a_server_error():
    """14.5: the answer of a handler may fail like that of an endpoint."""
    app = raising(Base())
    app.exception_handler(Base)(lambda request, exc: type("Made", (Failing,), {"error": ValueError()})())
    answer = quiet(app).get("/x")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


@pytest.mark.parametrize("last", [True, False])
def test_what_handlers_raise_is_handled_once_more(last):
    """14.2: what a handler raises meets the handlers once more; what is left then is a server error."""
    calls = []

    def raise_derived(request, exc):
        calls.append(type(exc).__name__)
        raise KeyError("derived")

    def raise_other(request, exc):
        calls.append(type(exc).__name__)
        raise ValueError("other")

    app = raising(Base(), exception_handlers={Base: raise_derived, KeyError: raise_other})
    if last:
        app.exception_handler(Exception)(handler("server"))
    answer = quiet(app).get("/x")
    expected = (299, "server ValueError /x") if last else (500, "Internal Server Error")
    assert (answer.status_code, answer.text) == expected
    assert calls == ["Base", "KeyError"]
    with pytest.raises(ValueError, match="other"):
        TestClient(app).get("/x")


def test_exception_that_its_handler_raises_again_is_a_server_error():
    """14.3: a handler may look at an exception and let it go."""

    def look(request, exc):
        raise exc

    answer = quiet(raising(Base(), exception_handlers={Base: look})).get("/x")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
