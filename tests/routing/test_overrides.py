"""Replacing dependencies: for an application, and for the code inside a block."""

import copy
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import anyio
import pytest

import rapide.fastapi
from rapide import APIRouter, Body, Depends, Rapide, Request, Security, WebSocket
from rapide.errors import UnsupportedTypeError
from rapide.routing import APIRoute
from rapide.routing.overrides import UnknownDependencyError
from rapide.testing import AsyncTestClient, TestClient


def real():
    """Return what is replaced."""
    return "real"


def other():
    """Return what is replaced, too."""
    return "other"


def middle(value=Depends(real)):
    """Return what it depends on, marked."""
    return ["middle", value]


def _fill(app):
    """Add a route of each sort that ends in `real`."""

    @app.get("/plain")
    def plain(value=Depends(real)):
        return value

    @app.get("/async")
    async def asynchronous(value=Depends(real)):
        return value

    @app.get("/deep")
    async def deep(value=Depends(middle), second=Depends(other)):
        return [value, second]

    @app.websocket("/socket")
    async def socket(websocket: WebSocket, value=Depends(real)):
        await websocket.accept()
        await websocket.send_json(value)
        await websocket.close()

    router = APIRouter(prefix="/included")
    router.get("/plain")(plain)
    app.include_router(router)
    return app


@pytest.fixture(params=[Rapide, rapide.fastapi.FastAPI], ids=["native", "fastapi"])
def app(request):
    """An application of either face."""
    return _fill(request.param())


_PATHS = ("/plain", "/async", "/included/plain")


def _answers(client):
    """Return what all routes answer."""
    answers = [client.get(path).json() for path in _PATHS]
    with client.websocket_connect("/socket") as session:
        answers.append(session.receive_json())
    return answers


# ------------------------------------------------------------------------------------------- the block


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("entered", [True, False])
def test_a_block_reaches_the_application_on_its_thread(app, backend, entered):
    """TestClient runs the application on another thread; the replacements of the calling code hold there."""
    client = TestClient(app, backend=backend)
    if entered:
        client.__enter__()
    with app.override({real: lambda: "fake"}):
        assert _answers(client) == ["fake"] * 4
    assert _answers(client) == ["real"] * 4
    if entered:
        client.__exit__(None, None, None)


@pytest.mark.anyio
async def test_a_block_reaches_the_application_in_the_tests_event_loop(app):
    """AsyncTestClient gives each request the context of the code that makes it."""
    async with AsyncTestClient(app) as client:
        with app.override({real: lambda: "fake"}):
            answers = [(await client.get(path)).json() for path in _PATHS]
            async with client.websocket_connect("/socket") as session:
                answers.append(await session.receive_json())
        assert answers == ["fake"] * 4
        assert (await client.get("/plain")).json() == "real"


def test_blocks_nest_and_the_inner_one_wins(app):
    """What the inner block does not replace stays as the outer one has it."""
    client = TestClient(app)
    with app.override({real: lambda: "outer", other: lambda: "outer too"}):
        with app.override({real: lambda: "inner"}):
            assert client.get("/deep").json() == [["middle", "inner"], "outer too"]
        assert client.get("/deep").json() == [["middle", "outer"], "outer too"]
    assert client.get("/deep").json() == [["middle", "real"], "other"]


def test_a_block_wins_over_the_applications_dictionary(app):
    """`dependency_overrides` holds for everybody, a block for the code inside; both count."""
    client = TestClient(app)
    app.dependency_overrides = {real: lambda: "general", other: lambda: "general too"}
    with app.override({real: lambda: "scoped"}):
        assert client.get("/deep").json() == [["middle", "scoped"], "general too"]
    assert client.get("/deep").json() == [["middle", "general"], "general too"]


def test_a_block_ends_when_it_is_left_by_an_exception(app):
    """A failing test leaves nothing behind."""
    with pytest.raises(LookupError), app.override({real: lambda: "fake"}):
        raise LookupError
    assert TestClient(app).get("/plain").json() == "real"


def test_a_block_holds_for_its_application_only():
    """Another application with the same dependency is not concerned."""
    first, second = _fill(Rapide()), _fill(Rapide())
    with first.override({real: lambda: "fake"}):
        assert TestClient(first).get("/plain").json() == "fake"
        assert TestClient(second).get("/plain").json() == "real"


def test_a_block_cannot_be_entered_twice_at_once(app):
    """An object that is entered already says so."""
    block = app.override({real: lambda: "fake"})
    with block, pytest.raises(RuntimeError, match="entered already"):
        block.__enter__()
    assert TestClient(app).get("/plain").json() == "real"


def test_a_block_is_no_decorator(app):
    """Around a coroutine function a decorator would end before the function runs, so there is none."""
    with pytest.raises(TypeError):
        app.override({real: lambda: "fake"})(real)


def test_threads_with_blocks_of_their_own_do_not_mix(app):
    """Each of many threads sees its own replacement, all through, on one client and one application."""
    start = threading.Barrier(8)

    def work(number):
        start.wait()
        seen = set()
        with app.override({real: lambda: number}):
            for path in _PATHS * 5:
                seen.add(client.get(path).json())
        seen.add(client.get("/plain").json())
        return seen

    with TestClient(app) as client, ThreadPoolExecutor(8) as threads:
        assert list(threads.map(work, range(8))) == [{number, "real"} for number in range(8)]


@pytest.mark.anyio
async def test_tasks_with_blocks_of_their_own_do_not_mix(app):
    """Each of many tasks sees its own replacement while the others' are in force."""
    seen = {}

    async def work(number):
        with app.override({real: lambda: number}):
            answers = set()
            for path in _PATHS * 3:
                answers.add((await client.get(path)).json())
                await anyio.lowlevel.checkpoint()
        seen[number] = answers

    async with AsyncTestClient(app) as client:
        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(work, number)
        assert (await client.get("/plain")).json() == "real"
    assert seen == {number: {number} for number in range(8)}


@pytest.mark.anyio
async def test_a_block_is_over_for_tasks_that_were_started_inside(app):
    """What a task inherited ends with the block, so that nothing leaks into a later test."""
    go_on = anyio.Event()
    seen = []

    async def ask():
        seen.append((await client.get("/plain")).json())
        await go_on.wait()
        seen.append((await client.get("/plain")).json())

    async with AsyncTestClient(app) as client, anyio.create_task_group() as group:
        with app.override({real: lambda: "fake"}):
            group.start_soon(ask)
            await anyio.wait_all_tasks_blocked()
        go_on.set()
    assert seen == ["fake", "real"]


@pytest.mark.anyio
async def test_a_block_may_be_left_in_another_context_than_it_was_entered_in(app):
    """Test frameworks run the two ends of a fixture in different tasks."""
    block = app.override({real: lambda: "fake"})

    async def enter():
        block.__enter__()

    async def leave():
        block.__exit__(None, None, None)

    async with AsyncTestClient(app) as client:
        for step in (enter, leave):
            async with anyio.create_task_group() as group:
                group.start_soon(step)
        assert (await client.get("/plain")).json() == "real"


@pytest.fixture
def overridden(app):
    """An application inside a block."""
    with app.override({real: lambda: "fixture"}):
        yield app


def test_a_fixture_can_hold_a_block(overridden):
    """A block in a plain fixture holds for the test that uses it."""
    assert TestClient(overridden).get("/plain").json() == "fixture"


@pytest.fixture
async def overridden_in_a_coroutine(anyio_backend, app):
    """An application inside a block of the event loop's fixture."""
    with app.override({real: lambda: "fixture"}):
        yield app


@pytest.mark.anyio
async def test_a_fixture_that_is_a_coroutine_can_hold_a_block(overridden_in_a_coroutine):
    """A block in a fixture of the event loop holds for the test that uses it."""
    async with AsyncTestClient(overridden_in_a_coroutine) as client:
        assert (await client.get("/plain")).json() == "fixture"


# ------------------------------------------------------------------------------------------- replacements


def test_a_replacement_brings_parameters_and_dependencies_of_its_own(app):
    """It is analysed as what it replaces would be, on the route where it stands."""

    def inner(token: str):
        return f"token {token}"

    def fake(number: int, value=Depends(inner)):
        return [number, value]

    client = TestClient(app)
    with app.override({real: fake}):
        assert client.get("/plain?number=3&token=x").json() == [3, "token x"]
        assert client.get("/plain?number=three&token=x").status_code == 422
        assert client.get("/plain?number=3").status_code == 422


def test_dependencies_of_a_replacement_can_be_replaced_too(app):
    """In the same block, or in one inside."""

    def inner():
        return "inner"

    def fake(value=Depends(inner)):
        return ["fake", value]

    client = TestClient(app)
    with app.override({real: fake, inner: lambda: "both"}):
        assert client.get("/plain").json() == ["fake", "both"]
    with app.override({real: fake}):
        with app.override({inner: lambda: "inside"}):
            assert client.get("/plain").json() == ["fake", "inside"]
        assert client.get("/plain").json() == ["fake", "inner"]


def test_a_replacement_may_depend_on_what_it_replaces(app):
    """Below its replacement a dependency is itself again: a spy around the real thing."""

    def spy(value=Depends(real)):
        return ["spied", value]

    client = TestClient(app)
    with app.override({real: spy}):
        assert client.get("/plain").json() == ["spied", "real"]
        assert client.get("/deep").json() == [["middle", ["spied", "real"]], "other"]


def test_what_contains_the_original_is_kept_apart_from_what_contains_the_replacement():
    """A dependency that stands above and below a spy runs once for each."""
    app = Rapide()

    def spy(value=Depends(middle)):
        return ["spied", value]

    @app.get("/")
    async def endpoint(first=Depends(middle), second=Depends(real), third=Depends(middle)):
        return [first, second, third]

    spied = ["spied", ["middle", "real"]]
    with app.override({real: spy}):
        assert TestClient(app).get("/").json() == [["middle", spied], spied, ["middle", spied]]


def test_replacements_that_depend_on_each_others_originals_end(app):
    """Two spies on each other's subject do not go round in circles."""

    def fake_real(value=Depends(other)):
        return ["real's", value]

    def fake_other(value=Depends(real)):
        return ["other's", value]

    with app.override({real: fake_real, other: fake_other}):
        assert TestClient(app).get("/deep").json() == [
            ["middle", ["real's", ["other's", "real"]]],
            ["other's", ["real's", "other"]],
        ]


def test_a_replacement_may_read_the_body(app):
    """A body parameter of a replacement is read although the route as declared has no body."""

    @app.post("/body")
    async def endpoint(value=Depends(real)):
        return value

    def fake(text: Annotated[str, Body(embed=True)]):
        return text

    with app.override({real: fake}):
        assert TestClient(app).post("/body", json={"text": "hello"}).json() == "hello"


def test_a_replacement_may_ask_for_the_request(app):
    """Although WebSockets, which have none, depend on the same callable."""

    def fake(request: Request):
        return request.method

    with app.override({real: fake}):
        assert TestClient(app).get("/plain").json() == "GET"


def test_a_replacement_may_read_the_path(app):
    """A name of the path is a path parameter in the replacement, too."""

    @app.get("/items/{number}")
    async def endpoint(number: int, value=Depends(real)):
        return value

    def fake(number: int):
        return number + 1

    with app.override({real: fake}):
        assert TestClient(app).get("/items/2").json() == 3


def test_replaced_generators_are_left(app):
    """A replacement that yields is cleaned up after each request."""
    log = []

    def fake():
        log.append("in")
        yield "fake"
        log.append("out")

    with app.override({real: fake}):
        assert TestClient(app).get("/plain").json() == "fake"
    assert log == ["in", "out"]


class _Equal:
    """A callable that equals all of its kind."""

    def __init__(self, value):
        self.value = value

    def __call__(self):
        return self.value

    def __eq__(self, other):
        return isinstance(other, _Equal)

    def __hash__(self):
        return 0


class _Unhashable(_Equal):
    __hash__ = None


@pytest.mark.parametrize("kind", [_Equal, _Unhashable])
def test_replacements_are_told_apart_by_identity(app, kind):
    """Fakes that equal each other, or that have no hash, are used as the ones they are."""
    client = TestClient(app)
    for value in ("one", "two"):
        with app.override({real: kind(value)}):
            assert client.get("/plain").json() == value
        app.dependency_overrides = {real: kind(value)}
        assert client.get("/plain").json() == value
        app.dependency_overrides = {}


class _Service:
    def value(self):
        return "real"


def test_bound_methods_are_keys_by_what_they_are_bound_to():
    """Each look-up makes a new method object; equality counts."""
    service = _Service()
    app = Rapide()

    @app.get("/")
    async def endpoint(value=Depends(service.value)):
        return value

    with app.override({service.value: lambda: "fake"}):
        assert TestClient(app).get("/").json() == "fake"
    assert TestClient(app).get("/").json() == "real"


def test_security_dependencies_keep_their_scopes_under_replacement(app):
    """The replacement sees the scopes of the place."""
    from rapide.security import SecurityScopes

    @app.get("/secured")
    async def endpoint(value=Security(real, scopes=["read"])):
        return value

    def fake(scopes: SecurityScopes):
        return scopes.scopes

    with app.override({real: fake}):
        assert TestClient(app).get("/secured").json() == ["read"]


class _LoggingRoute(APIRoute):
    def get_route_handler(self):
        handler = super().get_route_handler()

        async def logging_handler(request: Request):
            response = await handler(request)
            response.headers["x-custom"] = "1"
            return response

        return logging_handler


def test_custom_route_classes_know_overrides():
    """A route whose handler is wrapped replaces dependencies like any other, path parameters included."""
    app = Rapide()
    router = APIRouter(route_class=_LoggingRoute)

    @router.get("/items/{number}")
    def endpoint(number: int, value=Depends(middle)):
        return value

    app.include_router(router)

    def fake(number: int, value=Depends(real)):
        return [number, value]

    client = TestClient(app)
    with app.override({real: fake}):
        answer = client.get("/items/3")
    assert answer.json() == ["middle", [3, "real"]]
    assert answer.headers["x-custom"] == "1"
    assert client.get("/items/3").json() == ["middle", "real"]


# ------------------------------------------------------------------------------------------- mistakes


def test_an_unknown_dependency_is_a_key_error(app):
    """Replacing what no route uses would do nothing, so it is refused when the block is made."""
    with pytest.raises(KeyError) as caught:
        app.override({lambda: "unknown": lambda: "fake"})
    assert isinstance(caught.value, UnknownDependencyError)
    text = str(caught.value)
    assert "is not a dependency of any route" in text
    assert f"{__file__}:" in text
    assert TestClient(app).get("/plain").json() == "real"


def _copied():
    """Return another function of the same name, as a module imported twice would give it."""

    def real():
        return "copy"

    real.__qualname__ = "real"
    return real


def _misspelt():
    def midle():
        return "fake"

    midle.__qualname__ = "midle"
    return midle


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (_copied, "another object of the same name, "),
        (_misspelt, "Similar ones: "),
    ],
)
def test_the_error_says_what_was_meant_perhaps(app, make, hint):
    """Names of dependencies that are there help to find the mistake."""
    with pytest.raises(KeyError) as caught:
        app.override({make(): lambda: "fake"})
    assert hint in str(caught.value)


def test_the_error_tells_endpoints_from_dependencies():
    """An endpoint cannot be replaced, and the error says so."""
    app = Rapide()

    @app.get("/")
    def endpoint():
        return None

    with pytest.raises(KeyError, match="It is an endpoint"):
        app.override({endpoint: lambda: "fake"})


def test_the_error_names_the_mounted_application():
    """A dependency of a mounted application is replaced there."""
    inner, app = _fill(Rapide()), Rapide()
    app.mount("/inner", inner)
    with pytest.raises(KeyError, match="mounted at '/inner'"):
        app.override({real: lambda: "fake"})
    with inner.override({real: lambda: "fake"}):
        assert TestClient(app).get("/inner/plain").json() == "fake"


@pytest.mark.parametrize("fake", [None, "text"])
def test_what_cannot_be_called_is_a_type_error(app, fake):
    """A block refuses it when it is made, the dictionary at the first request; neither ignores it."""
    with pytest.raises(TypeError, match="cannot be called"):
        app.override({real: fake})
    app.dependency_overrides[real] = fake
    with pytest.raises(TypeError, match="cannot be called"):
        TestClient(app).get("/plain")


def test_a_replacement_that_cannot_be_declared_fails_where_the_block_is_made(app):
    """Its parameters are looked at before any request."""

    def fake(value: _Service):
        return value

    with pytest.raises(UnsupportedTypeError):
        app.override({real: fake})


def test_unknown_keys_of_the_dictionary_are_ignored(app):
    """`dependency_overrides` keeps FastAPI's ways: a key that nobody uses does nothing."""
    app.dependency_overrides[lambda: "unknown"] = lambda: "fake"
    assert TestClient(app).get("/plain").json() == "real"


# ------------------------------------------------------------------------------------------- handlers


def _route(app, path):
    return next(route for route in app.routes if route.path == path)


@pytest.mark.parametrize("path", ["/plain", "/socket"])
def test_handlers_of_fresh_fakes_do_not_pile_up(path):
    """A route keeps the handlers of the latest replacements only, and frees the fakes of the others."""
    app = _fill(Rapide())
    route = _route(app, path)
    fakes = []
    for number in range(200):

        def fake(value=number):
            return value

        fakes.append(weakref.ref(fake))
        route.handler({real: fake})
        del fake
    gc.collect()
    alive = sum(reference() is not None for reference in fakes)
    assert 0 < alive < 100


def test_handlers_are_compiled_once_for_the_same_replacements():
    """The same fakes give the same handler, in whatever order they stand; others give another."""
    app = _fill(Rapide())
    route = _route(app, "/deep")

    def fake():
        return "fake"

    def second():
        return "second"

    handler = route.handler({real: fake, other: second})
    assert route.handler({other: second, real: fake}) is handler
    assert route.handler({real: second, other: fake}) is not handler
    assert route.handler({real: fake}) is not handler


def test_routes_that_a_replacement_does_not_concern_keep_their_handler():
    """Nothing is compiled for a route that has none of the keys."""
    app = _fill(Rapide())
    route = _route(app, "/plain")
    assert route.handler({other: lambda: "fake"}) is route.handler()
    assert route.handler({}) is route.handler(None)


def test_copies_of_a_route_have_handlers_of_their_own():
    """A copied route compiles anew."""
    app = _fill(Rapide())
    route = _route(app, "/plain")
    assert copy.copy(route).handler() is not route.handler()


def test_the_dictionary_may_change_while_requests_run(app):
    """One thread sets and clears overrides while others ask: every answer is one of the two."""
    stop = threading.Event()

    def change():
        number = 0
        while not stop.is_set():
            number += 1
            app.dependency_overrides[real] = lambda: "fake"
            app.dependency_overrides[number] = real
            app.dependency_overrides.clear()

    changing = threading.Thread(target=change)
    changing.start()
    try:
        with TestClient(app) as client:
            assert {client.get("/plain").json() for _ in range(200)} <= {"real", "fake"}
    finally:
        stop.set()
        changing.join()
