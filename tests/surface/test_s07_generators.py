"""Section 7.4 of the surface document: dependencies with `yield`, their scopes, errors and cancellation."""

from contextlib import AsyncExitStack, suppress

import pytest
from surface_target import (
    BackgroundTasks,
    DependencyScopeError,
    Depends,
    FastAPI,
    FastAPIError,
    HTTPException,
    Middleware,
    StreamingResponse,
    TestClient,
    WebSocket,
)

LOG = []


@pytest.fixture(autouse=True)
def empty_log():
    """Give each test an empty log."""
    LOG.clear()


def generator(name, colour="sync"):
    """Return a generator dependency that records its phases."""

    def plain():
        LOG.append(f"enter {name}")
        try:
            yield name
        except BaseException as exc:
            LOG.append(f"{name} saw {type(exc).__name__}")
            raise
        finally:
            LOG.append(f"exit {name}")

    async def coroutine():
        LOG.append(f"enter {name}")
        try:
            yield name
        except BaseException as exc:
            LOG.append(f"{name} saw {type(exc).__name__}")
            raise
        finally:
            LOG.append(f"exit {name}")

    return plain if colour == "sync" else coroutine


class SentLog:
    """Middleware that records what is sent and when the application is done."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """Record each message."""

        async def record(message):
            LOG.append(message["type"].removeprefix("http.response."))
            await send(message)

        await self.app(scope, receive, record)
        LOG.append("done")


def client_for(endpoint, backend="asyncio"):
    """Register `endpoint` for GET behind the recording middleware; a server error is a response."""
    app = FastAPI(middleware=[Middleware(SentLog)])
    app.get("/x")(endpoint)
    return TestClient(app, backend=backend, raise_server_exceptions=False)


def raises_in(client, path="/x"):
    """Return the exception that reaches the server."""
    with pytest.raises(BaseException) as caught:
        TestClient(client.app).get(path)
    return caught.value


COLOURS = pytest.mark.parametrize("colour", ["sync", "async"])
SCOPES = pytest.mark.parametrize("scope", ["function", "request"])


# Order


@COLOURS
@pytest.mark.parametrize("scope", [None, "request"])
def test_request_scope_ends_after_background_tasks(colour, scope, backend):
    """7.4.1 and 7.4.8: enter, endpoint, response, background tasks, exits in reverse order."""

    def with_task(tasks: BackgroundTasks):
        tasks.add_task(LOG.append, "task of dependency")

    def endpoint(
        tasks: BackgroundTasks,
        a=Depends(generator("A", colour), scope=scope),
        b=Depends(generator("B", colour), scope=scope),
        c=Depends(with_task),
    ):
        tasks.add_task(LOG.append, "task of endpoint")
        LOG.append("endpoint")

    assert client_for(endpoint, backend).get("/x").status_code == 200
    assert LOG == [
        "enter A",
        "enter B",
        "endpoint",
        "start",
        "body",
        "task of dependency",
        "task of endpoint",
        "exit B",
        "exit A",
        "done",
    ]


@COLOURS
def test_function_scope_ends_before_the_response(colour, backend):
    """7.4.1: scope "function" ends when the response exists, before it is sent."""

    def endpoint(
        tasks: BackgroundTasks,
        a=Depends(generator("A", colour), scope="function"),
        b=Depends(generator("B", colour), scope="request"),
        c=Depends(generator("C", colour), scope="function"),
    ):
        tasks.add_task(LOG.append, "task")
        LOG.append("endpoint")

    client_for(endpoint, backend).get("/x")
    assert LOG == [
        "enter A",
        "enter B",
        "enter C",
        "endpoint",
        "exit C",
        "exit A",
        "start",
        "body",
        "task",
        "exit B",
        "done",
    ]


@COLOURS
def test_scopes_around_a_stream(colour):
    """7.4.1: function scope ends before streaming starts, request scope after the last chunk."""

    def endpoint(
        a=Depends(generator("request", colour)), b=Depends(generator("function", colour), scope="function")
    ):
        def chunks():
            for number in range(2):
                LOG.append(f"chunk {number}")
                yield str(number)

        return StreamingResponse(chunks())

    assert client_for(endpoint).get("/x").text == "01"
    assert LOG == [
        "enter request",
        "enter function",
        "exit function",
        "start",
        "chunk 0",
        "body",
        "chunk 1",
        "body",
        "body",
        "exit request",
        "done",
    ]


def test_function_scope_ends_after_serialisation():
    """7.4.1: the response object exists before function-scoped exit code runs."""
    from pydantic import BaseModel, field_serializer

    class Result(BaseModel):
        n: int

        @field_serializer("n")
        def dump(self, value):
            LOG.append("serialise")
            return value

    def endpoint(a=Depends(generator("A"), scope="function")) -> Result:
        return Result(n=1)

    client_for(endpoint).get("/x")
    assert LOG[:4] == ["enter A", "serialise", "exit A", "start"]


def test_generators_see_their_sub_dependencies_open():
    """7.4.1: exits run in reverse order of entry, so that sub-dependencies outlive what uses them."""
    database = generator("database")

    def session(db=Depends(database)):
        LOG.append(f"enter session on {db}")
        yield
        LOG.append("exit session")

    def endpoint(s=Depends(session)):
        return None

    client_for(endpoint).get("/x")
    assert LOG == [
        "enter database",
        "enter session on database",
        "start",
        "body",
        "exit session",
        "exit database",
        "done",
    ]


# Scope rules


def test_request_scope_cannot_depend_on_function_scope():
    """7.4.3: a request-scoped generator with a function-scoped dependency is refused when registered."""
    inner = generator("inner")

    def outer(value=Depends(inner, scope="function")):
        yield

    for scope in (None, "request"):
        with pytest.raises(DependencyScopeError, match="outer"):
            FastAPI().get("/x")(lambda value=Depends(outer, scope=scope): None)


def test_other_scope_combinations_are_fine():
    """7.4.3: function on request, function on function, and a plain function on function scope."""
    inner = generator("inner")

    def on_request(value=Depends(inner)):
        LOG.append("enter on request")
        yield
        LOG.append("exit on request")

    def on_function(value=Depends(inner, scope="function")):
        LOG.append("enter on function")
        yield
        LOG.append("exit on function")

    def plain(value=Depends(inner, scope="function")):
        return value

    def endpoint(
        a=Depends(on_request, scope="function"), b=Depends(on_function, scope="function"), c=Depends(plain)
    ):
        return c

    assert client_for(endpoint).get("/x").json() == "inner"
    assert LOG == [
        "enter inner",
        "enter on request",
        "enter inner",
        "enter on function",
        "exit on function",
        "exit inner",
        "exit on request",
        "start",
        "body",
        "exit inner",
        "done",
    ]


def test_scope_of_plain_callables_has_no_meaning_at_run_time():
    """7.4.2: a plain callable may carry any scope."""

    def endpoint(a=Depends(lambda: 1, scope="function"), b=Depends(lambda: 2, scope="request")):
        return [a, b]

    assert client_for(endpoint).get("/x").json() == [1, 2]


@COLOURS
def test_websocket_scopes_end_with_the_endpoint(colour):
    """7.4.4: for websockets both scopes end when the endpoint returns, function first."""
    app = FastAPI()

    @app.websocket("/ws")
    async def talk(
        websocket: WebSocket,
        a=Depends(generator("function", colour), scope="function"),
        b=Depends(generator("request", colour)),
    ):
        await websocket.accept()
        await websocket.send_text("hello")
        LOG.append("endpoint ends")

    with TestClient(app).websocket_connect("/ws") as session:
        assert session.receive_text() == "hello"
    assert LOG == ["enter function", "enter request", "endpoint ends", "exit function", "exit request"]


# Errors


@COLOURS
@SCOPES
def test_http_exceptions_are_seen_before_the_response(colour, scope, backend):
    """7.4.5 and 7.4.8: an HTTPException is thrown into the generators, innermost first, then answered."""

    def endpoint(
        a=Depends(generator("A", colour), scope=scope), b=Depends(generator("B", colour), scope=scope)
    ):
        raise HTTPException(418, "kettle")

    response = client_for(endpoint, backend).get("/x")
    assert (response.status_code, response.json()) == (418, {"detail": "kettle"})
    assert LOG == [
        "enter A",
        "enter B",
        "B saw HTTPException",
        "exit B",
        "A saw HTTPException",
        "exit A",
        "start",
        "body",
        "done",
    ]


@COLOURS
@SCOPES
def test_other_exceptions_are_seen_and_go_on(colour, scope):
    """7.4.5: any other exception is thrown in as well and becomes a 500."""

    def endpoint(a=Depends(generator("A", colour), scope=scope)):
        raise KeyError("x")

    client = client_for(endpoint)
    assert client.get("/x").status_code == 500
    assert LOG == ["enter A", "A saw KeyError", "exit A"]
    assert isinstance(raises_in(client), KeyError)


@COLOURS
def test_exceptions_of_inner_dependencies_are_thrown_in(colour):
    """7.4.5: an exception in a later dependency reaches the generators that were entered."""

    def failing():
        raise HTTPException(403)

    def endpoint(a=Depends(generator("A", colour)), b=Depends(failing), c=Depends(generator("C", colour))):
        LOG.append("endpoint")

    assert client_for(endpoint).get("/x").status_code == 403
    assert LOG[:3] == ["enter A", "A saw HTTPException", "exit A"]


@COLOURS
@SCOPES
def test_generators_may_translate_exceptions(colour, scope):
    """7.4.5: another exception raised in its place becomes the response."""

    def plain():
        try:
            yield
        except KeyError as exc:
            raise HTTPException(404, f"no {exc.args[0]}") from exc

    async def coroutine():
        try:
            yield
        except KeyError as exc:
            raise HTTPException(404, f"no {exc.args[0]}") from exc

    def endpoint(
        outer=Depends(generator("outer", colour), scope=scope),
        a=Depends(plain if colour == "sync" else coroutine, scope=scope),
    ):
        raise KeyError("item")

    response = client_for(endpoint).get("/x")
    assert (response.status_code, response.json()) == (404, {"detail": "no item"})
    assert LOG[:3] == ["enter outer", "outer saw HTTPException", "exit outer"]


@COLOURS
@pytest.mark.parametrize("error", [KeyError("x"), HTTPException(400)], ids=["other", "http"])
def test_swallowed_exceptions_are_a_server_error(colour, error):
    """7.4.5: a generator that swallows the exception leaves no response: FastAPIError, 500."""

    def plain():
        with suppress(Exception):
            yield
        LOG.append("swallowed")

    async def coroutine():
        with suppress(Exception):
            yield
        LOG.append("swallowed")

    def endpoint(a=Depends(plain if colour == "sync" else coroutine)):
        raise error

    client = client_for(endpoint)
    assert (client.get("/x").status_code, LOG) == (500, ["swallowed"])
    exc = raises_in(client)
    assert isinstance(exc, FastAPIError)
    assert "Response not awaited" in str(exc)


@COLOURS
def test_swallowed_exceptions_in_function_scope_are_a_server_error(colour):
    """7.4.5: the same for function scope."""

    def plain():
        with suppress(KeyError):
            yield

    async def coroutine():
        with suppress(KeyError):
            yield

    def endpoint(a=Depends(plain if colour == "sync" else coroutine, scope="function")):
        raise KeyError

    assert client_for(endpoint).get("/x").status_code == 500


def exits_with(error, colour):
    """Return a generator whose exit code raises."""

    def plain():
        yield
        raise error

    async def coroutine():
        yield
        raise error

    return plain if colour == "sync" else coroutine


@COLOURS
@pytest.mark.parametrize(
    ("error", "at_server"),
    [(KeyError("late"), KeyError), (HTTPException(503), RuntimeError)],
    ids=["other", "http"],
)
def test_errors_in_exit_code_after_the_response(colour, error, at_server):
    """7.4.6: in request scope the client has its 200 already; the server sees the error."""

    def endpoint(outer=Depends(generator("outer", colour)), a=Depends(exits_with(error, colour))):
        return "sent"

    client = client_for(endpoint)
    response = client.get("/x")
    assert (response.status_code, response.json()) == (200, "sent")
    assert LOG[-2:] == [f"outer saw {type(error).__name__}", "exit outer"]
    assert isinstance(raises_in(client), at_server)


@COLOURS
@pytest.mark.parametrize(
    ("error", "status", "body"),
    [(HTTPException(503, "late"), 503, '{"detail":"late"}'), (KeyError(), 500, "Internal Server Error")],
    ids=["http", "other"],
)
def test_errors_in_function_scoped_exit_code_are_answered(colour, error, status, body):
    """7.4.6: in function scope they still become the response."""

    def endpoint(a=Depends(exits_with(error, colour), scope="function")):
        return "not sent"

    response = client_for(endpoint).get("/x")
    assert (response.status_code, response.text) == (status, body)


@COLOURS
def test_generators_must_yield_once(colour):
    """7.4: a generator without any yield is an error of the server."""

    def plain():
        if LOG:
            yield

    async def coroutine():
        if LOG:
            yield

    client = client_for(lambda a=Depends(plain if colour == "sync" else coroutine): None)
    assert client.get("/x").status_code == 500
    LOG.clear()
    assert isinstance(raises_in(client), RuntimeError)


@COLOURS
def test_generators_must_not_yield_twice(colour):
    """7.4: a second yield is an error, found when it is too late for the client."""

    def plain():
        yield 1
        yield 2

    async def coroutine():
        yield 1
        yield 2

    client = client_for(lambda a=Depends(plain if colour == "sync" else coroutine): a)
    assert client.get("/x").json() == 1
    assert isinstance(raises_in(client), RuntimeError)


@COLOURS
def test_unused_generators_of_a_failed_request_are_not_entered(colour):
    """7.4 and 6.4: whoever comes after a raising dependency is never entered."""

    def failing():
        raise HTTPException(401)

    client_for(lambda a=Depends(failing), b=Depends(generator("B", colour)): None).get("/x")
    assert "enter B" not in LOG


def test_exit_stacks_in_dependencies():
    """7.4: an exit stack inside a generator is unwound with it."""

    async def dependency():
        async with AsyncExitStack() as stack:
            stack.callback(LOG.append, "callback")
            yield stack

    def endpoint(stack=Depends(dependency)):
        stack.callback(LOG.append, "from endpoint")

    client_for(endpoint).get("/x")
    assert LOG == ["start", "body", "from endpoint", "callback", "done"]


@COLOURS
@pytest.mark.parametrize(
    ("inner_scope", "outer_scope", "status"),
    [("function", "function", 200), ("request", "request", 200), ("function", "request", 500)],
)
def test_exit_that_fails_and_is_swallowed_leaves_the_answer(colour, inner_scope, outer_scope, status):
    """7.4.5: what was made before the exit is sent, unless the failure leaves the scope of the function."""

    def plain_outer():
        with suppress(KeyError):
            yield

    async def coroutine_outer():
        with suppress(KeyError):
            yield

    outer = plain_outer if colour == "sync" else coroutine_outer

    def plain_inner(o=Depends(outer, scope=outer_scope)):
        yield 2
        raise KeyError

    async def coroutine_inner(o=Depends(outer, scope=outer_scope)):
        yield 2
        raise KeyError

    def endpoint(i=Depends(plain_inner if colour == "sync" else coroutine_inner, scope=inner_scope)):
        return i

    assert client_for(endpoint).get("/x").status_code == status
