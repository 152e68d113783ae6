"""Functions of `fastapi.routing` that monitoring agents replace, also while serving (13.4.2, 13.4.6)."""

import copy
import functools
import inspect
from typing import Annotated

import pytest
from pydantic import BaseModel
from starlette.datastructures import FormData

from rapide.fastapi import (
    APIRouter,
    BackgroundTasks,
    Cookie,
    Depends,
    FastAPI,
    Form,
    Header,
    HTTPException,
    Request,
    Response,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
    routing,
)
from rapide.fastapi.exceptions import RequestValidationError, ResponseValidationError
from rapide.fastapi.responses import EventSourceResponse, PlainTextResponse, StreamingResponse
from rapide.fastapi.testclient import TestClient

SOLVE, RUN, SERIALIZE = "solve_dependencies", "run_endpoint_function", "serialize_response"
HANDLER, RESPOND = "get_request_handler", "request_response"


class Item(BaseModel):
    """A body and a result."""

    name: str
    price: int = 3


def spy(monkeypatch, *names):
    """Put a recorder around functions of the module; return the list of (name, keyword arguments, result)."""
    calls = []

    def around(name, original):
        @functools.wraps(original)
        async def recorded(**arguments):
            result = await original(**arguments)
            calls.append((name, arguments, result))
            return result

        return recorded

    for name in names:
        monkeypatch.setattr(routing, name, around(name, getattr(routing, name)))
    return calls


@pytest.fixture
def app():
    """Return an application that uses most of what routes can do."""
    app = FastAPI()
    app.state.left = []
    add_operations(app)
    add_dependencies(app, app.state.left)
    add_responses(app)
    add_streams(app)
    router = APIRouter()
    router.get("/included", response_model=Item, response_model_exclude={"price"})(lambda: Item(name="i"))
    app.include_router(router, prefix="/p")
    return app


def add_operations(app):
    """Add operations with all kinds of parameters."""
    left = app.state.left

    @app.get("/sync/{n}")
    def sync(
        n: int, q: str = "q", h: Annotated[str | None, Header()] = None, c: Annotated[int, Cookie()] = 0
    ) -> Item:
        return Item(name=f"{n} {q} {h} {c}")

    @app.post("/body", status_code=201)
    async def body(item: Item, response: Response, tasks: BackgroundTasks):
        response.headers["x-set"] = "yes"
        tasks.add_task(left.append, "task")
        return item

    @app.post("/form")
    async def form(a: int = Form(), f: UploadFile | None = None):
        return [a, f and (await f.read()).decode()]


def add_dependencies(app, left):
    """Add an operation with dependencies of both scopes; they note when they are left."""

    def resource(request: Request):
        yield "resource"
        left.append("resource")

    async def short():
        yield "short"
        left.append("short")

    @app.get("/deps")
    async def deps(
        r: Annotated[str, Depends(resource)],
        s: Annotated[str, Depends(short, scope="function")],
        again: Annotated[str, Depends(resource)],
    ):
        left.append("endpoint")
        return [r, s, r is again]


def add_responses(app):
    """Add operations with responses of other kinds."""

    @app.get("/empty", status_code=204)
    def empty():
        return None

    @app.get("/text", response_class=PlainTextResponse)
    def text():
        return "text"

    @app.get("/ready")
    def ready():
        return PlainTextResponse("ready", 202)

    @app.get("/refuse")
    def refuse():
        raise HTTPException(418, "no")

    @app.get("/wrong")
    def wrong() -> Item:
        return {"name": 3}


def add_streams(app):
    """Add streams of all kinds."""

    @app.get("/lines")
    async def lines():
        yield {"a": 1}
        yield {"a": 2}

    @app.get("/events", response_class=EventSourceResponse)
    async def events():
        yield {"a": 1}

    @app.get("/chunks", response_class=StreamingResponse)
    def chunks():
        yield "a"
        yield "b"


REQUESTS = [
    ("GET", "/sync/1?q=x", {"headers": {"h": "hh", "cookie": "c=4"}}),
    ("GET", "/sync/x", {}),
    ("POST", "/body", {"json": {"name": "n"}}),
    ("POST", "/body", {"content": "{", "headers": {"content-type": "application/json"}}),
    ("POST", "/body", {}),
    ("POST", "/form", {"data": {"a": "3"}, "files": {"f": b"file"}}),
    ("POST", "/form", {"data": {"a": "x"}}),
    ("GET", "/deps", {}),
    ("GET", "/empty", {}),
    ("GET", "/text", {}),
    ("GET", "/ready", {}),
    ("GET", "/lines", {}),
    ("GET", "/events", {}),
    ("GET", "/chunks", {}),
    ("GET", "/refuse", {}),
    ("GET", "/p/included", {}),
    ("DELETE", "/body", {}),
    ("GET", "/nowhere", {}),
]


def answers(client):
    """Return what the application answers to all requests."""
    seen = []
    for method, path, options in REQUESTS:
        response = client.request(method, path, **options)
        headers = sorted((k, v) for k, v in response.headers.items() if k != "content-length")
        seen.append((method, path, response.status_code, headers, response.text))
    return seen


@pytest.mark.parametrize("name", [SOLVE, RUN, SERIALIZE, HANDLER, RESPOND])
def test_answers_are_the_same_when_a_function_is_wrapped(app, monkeypatch, name):
    """A wrapper that only looks on changes nothing, whichever function it wraps."""
    client = TestClient(app)
    plain = answers(client)
    left = list(app.state.left)
    app.state.left.clear()
    original = getattr(routing, name)
    called = []

    @functools.wraps(original)
    def wrapped(*args, **kwargs):
        called.append(name)
        return original(*args, **kwargs)

    monkeypatch.setattr(routing, name, wrapped)
    assert answers(client) == plain
    assert app.state.left == left
    assert called


def test_wrapper_is_gone_when_it_is_taken_away(app, monkeypatch):
    """What was replaced while serving is back with the generated handlers afterwards."""
    client = TestClient(app)
    calls = spy(monkeypatch, RUN)
    client.get("/sync/1")
    assert len(calls) == 1
    monkeypatch.undo()
    client.get("/sync/1")
    assert len(calls) == 1
    route = next(route for route in app.routes if route.path == "/sync/{n}")
    assert route.entry() is route.handler()


def test_routes_run_generated_handlers_when_nothing_is_replaced(app):
    """Unused seams cost nothing: what a row of the table runs is the generated function itself."""
    client = TestClient(app)
    answers(client)
    for route in app.routes:
        if isinstance(route, routing.APIRoute):
            assert route.entry() is route.handler()
            assert str(route.handler().source).startswith("async def")
            assert "_dependant" not in vars(route)


def test_functions_get_fastapis_keyword_arguments(app, monkeypatch):
    """Agents take what they want by name."""
    calls = spy(monkeypatch, SOLVE, RUN, SERIALIZE)
    TestClient(app).post("/body", json={"name": "n"})
    names = [name for name, _, _ in calls]
    arguments = {name: given for name, given, _ in calls}
    assert names == [SOLVE, RUN, SERIALIZE]
    assert arguments[SOLVE].keys() == {
        "request",
        "dependant",
        "body",
        "dependency_overrides_provider",
        "async_exit_stack",
        "embed_body_fields",
    }
    assert arguments[SOLVE]["body"] == {"name": "n"}
    assert arguments[SOLVE]["dependency_overrides_provider"] is app
    assert arguments[SOLVE]["async_exit_stack"] is arguments[SOLVE]["request"].scope["fastapi_inner_astack"]
    assert arguments[RUN].keys() == {"dependant", "values", "is_coroutine"}
    assert arguments[RUN]["is_coroutine"] is True
    assert arguments[RUN]["dependant"].call.__name__ == "body"
    assert arguments[SERIALIZE].keys() == inspect.signature(routing.serialize_response).parameters.keys()
    assert arguments[SERIALIZE]["endpoint_ctx"]["path"] == "POST /body"


def test_form_reaches_the_solver_as_starlettes(app, monkeypatch):
    """`body` is the form that `request.form()` returns."""
    calls = spy(monkeypatch, SOLVE)
    response = TestClient(app).post("/form", data={"a": "3"}, files={"f": b"file"})
    assert response.json() == [3, "file"]
    assert isinstance(calls[0][1]["body"], FormData)
    assert calls[0][1]["body"]["f"].file.closed


def test_values_object_reaches_the_endpoint_function(app, monkeypatch):
    """The very mapping that solving gave, so that an agent may tie data to its identity."""
    calls = spy(monkeypatch, SOLVE, RUN)
    TestClient(app).get("/sync/1")
    (_, _, solved), (_, given, _) = calls
    assert given["values"] is solved.values
    assert solved.values == {"n": 1, "q": "q", "h": None, "c": 0}


def test_result_of_solving_can_be_changed(app, monkeypatch):
    """`values` and `errors` are the agent's to set."""
    original = routing.solve_dependencies

    async def changed(**arguments):
        solved = await original(**arguments)
        if solved.errors:
            solved.errors = []
            solved.values = {**solved.values, "n": -1}
        return solved

    monkeypatch.setattr(routing, SOLVE, changed)
    assert TestClient(app).get("/sync/x").json() == {"name": "-1 q None 0", "price": 3}


def test_errors_of_solving_are_reported(app, monkeypatch):
    """What solving adds to the errors is in the 422."""
    original = routing.solve_dependencies

    async def strict(**arguments):
        solved = await original(**arguments)
        solved.errors.append({"type": "mine", "loc": ("query", "z"), "msg": "m", "input": None})
        return solved

    monkeypatch.setattr(routing, SOLVE, strict)
    seen = []

    @app.exception_handler(RequestValidationError)
    def answer(request, exc):
        seen.append(exc)
        return PlainTextResponse("422")

    assert TestClient(app).post("/body", json={"name": "x"}).text == "422"
    assert [error["type"] for error in seen[0].errors()] == ["mine"]
    assert seen[0].body == {"name": "x"}
    assert seen[0].endpoint_path == "POST /body"


def test_copied_dependant_with_another_call_runs(app, monkeypatch):
    """An agent copies the dependant for each request and wraps its call; the route is not touched."""
    original = routing.run_endpoint_function
    seen = []

    async def traced(**arguments):
        dependant = copy.copy(arguments["dependant"])
        call = dependant.call

        @functools.wraps(call)
        def wrapped(**values):
            seen.append(call.__name__)
            return call(**values)

        dependant.call = wrapped
        return await original(**{**arguments, "dependant": dependant})

    monkeypatch.setattr(routing, RUN, traced)
    client = TestClient(app)
    client.get("/sync/1")
    dispatcher = app.router.dispatcher
    assert client.get("/sync/2").json()["name"] == "2 q None 0"
    assert client.get("/text").text == "text"
    assert seen == ["sync", "sync", "text"]
    assert app.router.dispatcher is dispatcher


def test_handler_factory_may_wrap_the_call_of_the_dependant(app, monkeypatch):
    """An agent's `get_request_handler` changes `dependant.call`; it is asked once for each route."""
    original = routing.get_request_handler
    built, ran = [], []

    def patched(*args, **kwargs):
        dependant = kwargs["dependant"]
        built.append(dependant.path)
        call = dependant.call

        @functools.wraps(call)
        def wrapped(**values):
            ran.append(dependant.path)
            return call(**values)

        dependant.call = wrapped
        handler = original(*args, **kwargs)

        async def traced(request):
            response = await handler(request)
            response.headers["x-traced"] = request.scope["route"].path
            return response

        return traced

    monkeypatch.setattr(routing, HANDLER, patched)
    client = TestClient(app)
    for _ in range(3):
        assert client.get("/sync/1").headers["x-traced"] == "/sync/{n}"
        assert client.get("/p/included").headers["x-traced"] == "/p/included"
    assert built == ["/sync/{n}", "/p/included"]
    assert ran == ["/sync/{n}", "/p/included"] * 3


def test_two_agents_can_wrap_each_other(app, monkeypatch):
    """The second wraps what the first has put there."""
    client = TestClient(app)
    first = spy(monkeypatch, SERIALIZE)
    client.get("/sync/1")
    second = spy(monkeypatch, SERIALIZE)
    client.get("/sync/1")
    assert (len(first), len(second)) == (2, 1)


def test_serializer_may_be_replaced(app, monkeypatch):
    """What it returns is what is sent."""

    async def other(*, response_content, dump_json, **rest):
        return b'"bytes"' if dump_json else ["data", type(response_content).__name__]

    monkeypatch.setattr(routing, SERIALIZE, other)
    client = TestClient(app)
    assert client.get("/sync/1").json() == "bytes"
    assert client.post("/body", json={"name": "x"}).json() == ["data", "Item"]


def test_wrong_result_is_an_error_of_the_server(app, monkeypatch):
    """Validation of results happens inside `serialize_response`."""
    calls = spy(monkeypatch, SERIALIZE)
    with pytest.raises(ResponseValidationError) as caught:
        TestClient(app).get("/wrong")
    assert caught.value.endpoint_path == "GET /wrong"
    assert calls == []


def test_function_can_raise(app, monkeypatch):
    """An HTTPException out of a replaced function is answered like one of the endpoint."""

    async def refuse(**arguments):
        raise HTTPException(403, "agent")

    monkeypatch.setattr(routing, RUN, refuse)
    response = TestClient(app).get("/deps")
    assert (response.status_code, response.json()) == (403, {"detail": "agent"})
    assert app.state.left == []


def test_generators_are_left_in_order(app, monkeypatch):
    """Function-scoped dependencies end before the response, the others after it."""
    spy(monkeypatch, SOLVE)
    assert TestClient(app).get("/deps").json() == ["resource", "short", True]
    assert app.state.left == ["endpoint", "short", "resource"]


def test_overrides_hold(app, monkeypatch):
    """`dependency_overrides` is read for each request."""
    inner = APIRouter()

    def original():
        return "original"

    inner.get("/o")(lambda d=Depends(original): d)
    app.include_router(inner)
    spy(monkeypatch, SOLVE)
    client = TestClient(app)
    assert client.get("/o").json() == "original"
    app.dependency_overrides[original] = lambda: "fake"
    assert client.get("/o").json() == "fake"


def test_body_limits_hold(monkeypatch):
    """A limit of the route is kept, whoever runs it."""
    app = FastAPI()
    app.post("/a", max_body_size=10)(lambda item=Depends(lambda b=Form(""): b): item)
    app.post("/b", max_body_size=10)(read)
    client = TestClient(app)
    spy(monkeypatch, SOLVE)
    assert client.post("/b", json={"name": "much too long"}).status_code == 413
    assert client.post("/a", data={"b": "x" * 20}).status_code == 413
    assert client.post("/a", data={"b": "x"}).json() == "x"


async def read(item: Item):
    """Return the name of a body."""
    return item.name


def test_sockets_are_solved_through_the_module(monkeypatch):
    """WebSockets, too, run through a replaced `solve_dependencies`."""
    app, left = FastAPI(), []

    def resource():
        yield "r"
        left.append("r")

    @app.websocket("/ws/{n}")
    async def talk(websocket: WebSocket, n: int, r: Annotated[str, Depends(resource)]):
        await websocket.accept()
        await websocket.send_json([n, r])
        await websocket.close()

    client = TestClient(app)
    calls = spy(monkeypatch, SOLVE)
    with client.websocket_connect("/ws/3") as session:
        assert session.receive_json() == [3, "r"]
    assert left == ["r"]
    assert calls[0][1]["request"].url.path == "/ws/3"
    with pytest.raises(WebSocketDisconnect) as caught, client.websocket_connect("/ws/x"):
        pass
    assert caught.value.code == 1008


@pytest.mark.parametrize("name", ["get_websocket_app", "websocket_session"])
def test_functions_for_sockets_can_be_replaced(monkeypatch, name):
    """The two functions that make the application of a WebSocket route are looked up late."""
    app = FastAPI()

    @app.websocket("/ws")
    async def talk(websocket: WebSocket):
        await websocket.accept()
        await websocket.close()

    client, seen = TestClient(app), []
    original = getattr(routing, name)

    def wrapped(*args, **kwargs):
        seen.append(name)
        return original(*args, **kwargs)

    with client.websocket_connect("/ws"):
        pass
    monkeypatch.setattr(routing, name, wrapped)
    for _ in range(2):
        with client.websocket_connect("/ws"):
            pass
    assert seen == [name]


def test_mounted_applications_are_reached(monkeypatch):
    """One replacement concerns all applications of the process."""
    outer, inner = FastAPI(), FastAPI()
    inner.get("/a")(lambda: "inner")
    outer.mount("/m", inner)
    client = TestClient(outer)
    client.get("/m/a")
    calls = spy(monkeypatch, RUN)
    assert client.get("/m/a").json() == "inner"
    assert len(calls) == 1


def test_ping_interval_reaches_the_streams(monkeypatch):
    """Tests set `fastapi.routing._PING_INTERVAL`."""
    from rapide import sse

    monkeypatch.setattr(routing, "_PING_INTERVAL", 0.25)
    assert sse._PING_INTERVAL == 0.25
    monkeypatch.undo()
    assert sse._PING_INTERVAL == 15.0


def test_other_names_of_the_module_are_plain():
    """Setting anything else makes no router look at its routes again."""
    app = FastAPI()
    app.get("/a")(lambda: 1)
    TestClient(app).get("/a")
    dispatcher = app.router.dispatcher
    routing.mine = 1
    del routing.mine
    assert app.router.dispatcher is dispatcher
