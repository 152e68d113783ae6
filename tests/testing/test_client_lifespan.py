"""The lifespan of an application in the event loop of the test."""

import warnings
from contextlib import asynccontextmanager

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route, Router

import rapide.fastapi
from rapide import APIRouter, Rapide, Request
from rapide.testing import AsyncTestClient, LifespanNotEnteredWarning

pytestmark = pytest.mark.anyio


def _logging(log, name="app", state=None):
    @asynccontextmanager
    async def lifespan(app):
        log.append(f"{name} up")
        yield state
        log.append(f"{name} down")

    return lifespan


async def test_entering_and_leaving_the_client_run_the_lifespan():
    """Start-up is over when the block begins, shutdown when it has ended."""
    log = []
    async with AsyncTestClient(Rapide(lifespan=_logging(log))):
        assert log == ["app up"]
    assert log == ["app up", "app down"]


async def test_the_state_of_the_lifespan_reaches_test_and_requests():
    """`client.app_state` and `request.state` hold what the lifespan yields; requests change their copies."""
    app = Rapide(lifespan=_logging([], state={"number": 1}))

    @app.get("/")
    async def endpoint(request: Request):
        seen = request.state.number
        request.state.number = 2
        return seen

    async with AsyncTestClient(app) as client:
        assert client.app_state == {"number": 1}
        assert (await client.get("/")).json() == 1
        assert (await client.get("/")).json() == 1


async def test_what_the_lifespan_opens_belongs_to_the_tests_event_loop():
    """A stream that the lifespan made carries something from the test to a request, and back."""

    @asynccontextmanager
    async def lifespan(app):
        sender, receiver = anyio.create_memory_object_stream(1)
        with sender, receiver:
            yield {"sender": sender, "receiver": receiver}

    app = Rapide(lifespan=lifespan)

    @app.get("/")
    async def endpoint(request: Request):
        return await request.state.receiver.receive()

    async with AsyncTestClient(app) as client, anyio.create_task_group() as group:
        group.start_soon(client.app_state["sender"].send, "from the test")
        assert (await client.get("/")).json() == "from the test"


async def test_task_groups_and_cancel_scopes_may_stand_around_the_yield():
    """The lifespan has a task of its own, so its scopes neither cross those of the test nor limit it."""
    worked = anyio.Event()

    async def work():
        worked.set()
        await anyio.sleep_forever()

    @asynccontextmanager
    async def lifespan(app):
        with anyio.CancelScope(deadline=anyio.current_time() + 60):
            async with anyio.create_task_group() as group:
                group.start_soon(work)
                yield
                group.cancel_scope.cancel()

    with anyio.CancelScope():
        client = await AsyncTestClient(Rapide(lifespan=lifespan)).__aenter__()
        assert anyio.current_effective_deadline() == float("inf")
    with anyio.CancelScope():  # left in another scope than it was entered in
        await worked.wait()
        await client.__aexit__(None, None, None)


async def test_a_client_may_be_left_in_another_task_than_it_was_entered_in():
    """Test frameworks run the two ends of a fixture in different tasks."""
    log = []
    clients = []

    async def enter():
        clients.append(await AsyncTestClient(Rapide(lifespan=_logging(log))).__aenter__())

    async def leave():
        await clients[0].__aexit__(None, None, None)

    for step in (enter, leave):
        async with anyio.create_task_group() as group:
            group.start_soon(step)
    assert log == ["app up", "app down"]


async def test_lifespans_of_mounted_applications_run_too():
    """On the native face mounts start after the application and end before it."""
    log = []
    inner = Rapide(lifespan=_logging(log, "inner"))
    app = Rapide(lifespan=_logging(log, "outer"))
    app.mount("/inner", inner)
    async with AsyncTestClient(app):
        assert log == ["outer up", "inner up"]
    assert log == ["outer up", "inner up", "inner down", "outer down"]


async def test_a_start_that_fails_is_raised_and_nothing_runs():
    """The exception is that of the lifespan itself."""

    @asynccontextmanager
    async def lifespan(app):
        raise LookupError("no database")
        yield

    with pytest.raises(LookupError, match="no database"):
        async with AsyncTestClient(Rapide(lifespan=lifespan)):
            pytest.fail("the block runs although the start has failed")


async def test_an_end_that_fails_is_raised():
    """What the lifespan raises on shutdown fails the test."""

    @asynccontextmanager
    async def lifespan(app):
        yield
        raise LookupError("cannot close")

    with pytest.raises(LookupError, match="cannot close"):
        async with AsyncTestClient(Rapide(lifespan=lifespan)):
            pass


async def test_the_lifespan_ends_when_the_test_fails():
    """An exception inside the block passes, after the shutdown."""
    log = []
    with pytest.raises(AssertionError, match="a failing test"):
        async with AsyncTestClient(Rapide(lifespan=_logging(log))):
            raise AssertionError("a failing test")
    assert log == ["app up", "app down"]


async def test_the_lifespan_ends_when_the_test_is_cancelled():
    """Shutdown is not cut short by a time limit around the test."""
    log = []

    @asynccontextmanager
    async def lifespan(app):
        yield
        await anyio.sleep(0.01)
        log.append("down")

    with anyio.CancelScope() as scope:
        async with AsyncTestClient(Rapide(lifespan=lifespan)):
            scope.cancel()
            await anyio.sleep_forever()
    assert scope.cancelled_caught
    assert log == ["down"]


async def test_a_task_of_the_lifespan_that_fails_is_raised_at_the_end():
    """A worker that dies does not go unnoticed; requests until then work."""

    async def work():
        raise LookupError("worker")

    @asynccontextmanager
    async def lifespan(app):
        async with anyio.create_task_group() as group:
            group.start_soon(work)
            yield

    app = Rapide(lifespan=lifespan)

    @app.get("/")
    async def endpoint():
        return "works"

    client = await AsyncTestClient(app).__aenter__()
    await anyio.wait_all_tasks_blocked()
    assert (await client.get("/")).json() == "works"
    with pytest.raises(ExceptionGroup) as caught:
        await client.__aexit__()
    assert caught.group_contains(LookupError, match="worker")


@pytest.mark.parametrize("phase", ["start", "end"])
async def test_a_lifespan_that_takes_too_long_is_a_timeout(phase):
    """Start and end have the client's time limit each; what runs is cancelled."""
    cancelled = []

    @asynccontextmanager
    async def lifespan(app):
        try:
            if phase == "start":
                await anyio.sleep_forever()
            yield
            await anyio.sleep_forever()
        finally:
            cancelled.append(phase)

    with pytest.raises(TimeoutError, match=f"did not {phase} within 0.3 seconds"):
        async with AsyncTestClient(Rapide(lifespan=lifespan), timeout=0.3):
            assert phase == "end"
    assert cancelled == [phase]


async def test_a_start_that_is_cancelled_ends_the_lifespan():
    """Nothing keeps running when entering is given up."""
    ended = []

    @asynccontextmanager
    async def lifespan(app):
        try:
            scope.cancel()
            await anyio.sleep_forever()
            yield
        finally:
            ended.append(True)

    with anyio.CancelScope() as scope:
        async with AsyncTestClient(Rapide(lifespan=lifespan)):
            pytest.fail("the block runs although the start was given up")
    assert ended == [True]


async def test_a_failure_that_is_only_told_is_raised():
    """An application that says that it failed, and returns, has failed."""

    async def app(scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no licence"})

    with pytest.raises(RuntimeError, match="no licence"):
        async with AsyncTestClient(app):
            pytest.fail("the block runs although the start has failed")


async def _without_lifespan(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body"})


async def test_an_application_that_cannot_have_a_lifespan_says_what_to_do():
    """The exception of an application that refuses the scope carries advice."""
    with pytest.raises(AssertionError) as caught:
        async with AsyncTestClient(_without_lifespan):
            pytest.fail("the block runs although the start has failed")
    assert "lifespan=False" in caught.value.__notes__[0]
    async with AsyncTestClient(_without_lifespan, lifespan=False) as client:
        assert (await client.get("/")).status_code == 200


async def test_an_application_that_ignores_lifespans_is_left_in_peace():
    """Returning at once is a way to have none."""

    async def app(scope, receive, send):
        if scope["type"] == "http":
            await _without_lifespan(scope, receive, send)

    async with AsyncTestClient(app) as client:
        assert (await client.get("/")).status_code == 200


async def test_a_lifespan_can_be_left_alone():
    """`lifespan=False` runs none, and nobody is warned."""
    log = []
    async with AsyncTestClient(Rapide(lifespan=_logging(log)), lifespan=False) as client:
        assert (await client.get("/nowhere")).status_code == 404
    assert log == []


# ------------------------------------------------------------------------------------------- the warning


def _with_events():
    router = APIRouter(on_startup=[lambda: None])
    return Rapide(routes=[], on_shutdown=[lambda: None]), router


def _including():
    app = Rapide()
    app.include_router(APIRouter(lifespan=_logging([])))
    return app


def _mounting():
    app = Rapide()
    app.mount("/inner", Rapide(lifespan=_logging([])))
    return app


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rapide(lifespan=_logging([])),
        lambda: _with_events()[0],
        lambda: _with_events()[1],
        _including,
        _mounting,
        lambda: rapide.fastapi.FastAPI(lifespan=_logging([])),
        lambda: GZipMiddleware(Rapide(lifespan=_logging([]))),
        lambda: Starlette(lifespan=_logging([])),
        lambda: Router(lifespan=_logging([])),
    ],
)
async def test_a_lifespan_that_nobody_runs_is_warned_of_once(make):
    """Requests of a client that was not entered work, with a warning that names the caller's line."""
    client = AsyncTestClient(make())
    with pytest.warns(LifespanNotEnteredWarning, match="async with") as caught:
        answer = await client.get("/nowhere")
    assert answer.status_code == 404
    assert [warning.filename for warning in caught] == [__file__]
    assert (await client.get("/nowhere")).status_code == 404  # a second warning would be an error here
    await client.aclose()


@pytest.mark.parametrize(
    "make",
    [
        Rapide,
        rapide.fastapi.FastAPI,
        lambda: GZipMiddleware(Rapide()),
        lambda: Starlette(routes=[Mount("/inner", routes=[Route("/", Starlette())])]),
        lambda: _without_lifespan,
    ],
)
async def test_an_application_without_a_lifespan_needs_no_block(make):
    """Nothing is warned of, and responses are complete."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client = AsyncTestClient(make())
        assert (await client.get("/")).status_code in {200, 404}
        await client.aclose()


async def test_websockets_without_a_block_warn_too():
    """A connection is a use of the client as well."""
    app = Rapide(lifespan=_logging([]))

    @app.websocket("/")
    async def endpoint(websocket: rapide.WebSocket):
        await websocket.accept()

    client = AsyncTestClient(app)
    with pytest.warns(LifespanNotEnteredWarning) as caught:
        async with client.websocket_connect("/"):
            pass
    assert [warning.filename for warning in caught] == [__file__]
    await client.aclose()
