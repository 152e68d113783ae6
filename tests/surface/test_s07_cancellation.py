"""Section 7.4 of the surface document: cancellation, thread pool and context of dependencies with yield."""

import contextvars
import threading

import anyio
import pytest
from raw_asgi import Exchange, http_scope, until
from surface_target import (
    Depends,
    FastAPI,
    Request,
    TestClient,
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


COLOURS = pytest.mark.parametrize("colour", ["sync", "async"])


SCOPES = pytest.mark.parametrize("scope", ["function", "request"])


# Cancellation


async def cancel_when(app, ready):
    """Start GET /x, cancel it when `ready` says so, and wait for its end."""
    done = Exchange(http_scope("GET", "/x"))
    async with anyio.create_task_group() as group:
        group.start_soon(done.run, app)
        await until(ready)
        group.cancel_scope.cancel()
    return done


@SCOPES
def test_async_exit_code_is_shielded_from_cancellation(scope, backend):
    """7.4.7: the generator sees the cancellation and its awaiting exit code still completes."""

    async def dependency():
        try:
            yield
        except BaseException:
            LOG.append("saw cancellation")
            raise
        finally:
            await anyio.sleep(0.001)
            LOG.append("exit")

    app = FastAPI()

    @app.get("/x")
    async def endpoint(a=Depends(dependency, scope=scope)):
        LOG.append("endpoint")
        await anyio.sleep_forever()

    anyio.run(cancel_when, app, lambda: "endpoint" in LOG, backend=backend)
    assert LOG == ["endpoint", "saw cancellation", "exit"]


@SCOPES
def test_sync_exit_code_runs_on_cancellation(scope, backend):
    """7.4.7: a sync generator is left in its thread."""
    app = FastAPI()

    @app.get("/x")
    async def endpoint(a=Depends(generator("A"), scope=scope)):
        LOG.append("endpoint")
        await anyio.sleep_forever()

    anyio.run(cancel_when, app, lambda: "endpoint" in LOG, backend=backend)
    assert LOG[:2] == ["enter A", "endpoint"]
    assert LOG[-1] == "exit A"


def test_cancelled_enter_of_a_sync_generator_is_waited_for(backend):
    """7.4.7: what is being entered in a thread is finished and left again."""
    inside, go_on = threading.Event(), threading.Event()

    def dependency():
        inside.set()
        go_on.wait(10)
        LOG.append("entered")
        try:
            yield
        finally:
            LOG.append("exit")

    app = FastAPI()

    @app.get("/x")
    async def endpoint(a=Depends(dependency)):
        await anyio.sleep_forever()

    async def run():
        async with anyio.create_task_group() as group:
            group.start_soon(Exchange(http_scope("GET", "/x")).run, app)
            await until(inside.is_set)
            group.cancel_scope.cancel()
            threading.Timer(0.01, go_on.set).start()

    anyio.run(run, backend=backend)
    assert LOG == ["entered", "exit"]


def test_full_thread_pool_cannot_deadlock_exits(backend):
    """7.4.7: exit code of sync generators does not wait for a slot that waiting requests hold."""
    app = FastAPI()

    def dependency():
        yield
        LOG.append("exit")

    @app.get("/x")
    def endpoint(a=Depends(dependency)):
        return None

    async def run():
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = 1
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                for _ in range(8):
                    group.start_soon(Exchange(http_scope("GET", "/x")).run, app)

    anyio.run(run, backend=backend)
    assert LOG == ["exit"] * 8


def test_dependency_may_own_task_groups_and_cancel_scopes(backend):
    """7.4.9: task groups and cancel scopes of dependencies are left in reverse order."""

    async def group_owner():
        async with anyio.create_task_group() as group:
            LOG.append("group")
            yield group
            group.cancel_scope.cancel()
        LOG.append("group left")

    async def scope_owner():
        with anyio.CancelScope() as scope:
            yield scope
        LOG.append("scope left")

    app = FastAPI()

    @app.get("/x")
    async def endpoint(group=Depends(group_owner), scope=Depends(scope_owner)):
        group.start_soon(anyio.sleep_forever)
        return "done"

    assert TestClient(app, backend=backend).get("/x").json() == "done"
    assert LOG == ["group", "scope left", "group left"]


# Context


CONTEXT = contextvars.ContextVar("context", default="unset")


@pytest.mark.parametrize("behind_middleware", [False, True])
@COLOURS
@SCOPES
def test_context_variables_are_set_and_reset(colour, scope, behind_middleware, backend):
    """7.4.7: enter, endpoint and exit share one context, also behind a function middleware."""

    async def dependency():
        token = CONTEXT.set("set")
        yield
        CONTEXT.reset(token)
        LOG.append(CONTEXT.get())

    def endpoint(a=Depends(dependency, scope=scope)):
        return CONTEXT.get()

    async def async_endpoint(a=Depends(dependency, scope=scope)):
        return CONTEXT.get()

    app = FastAPI()
    app.get("/x")(endpoint if colour == "sync" else async_endpoint)
    if behind_middleware:

        @app.middleware("http")
        async def pass_on(request: Request, call_next):
            return await call_next(request)

    assert TestClient(app, backend=backend).get("/x").json() == "set"
    assert LOG == ["unset"]


def test_context_variables_of_async_dependencies_are_visible(backend):
    """7.4.7: what an async dependency sets is seen by later dependencies and the endpoint."""

    async def dependency():
        CONTEXT.set("set")

    def later():
        return CONTEXT.get()

    def endpoint(a=Depends(dependency), b=Depends(later)):
        return [b, CONTEXT.get()]

    app = FastAPI()
    app.get("/x")(endpoint)
    assert TestClient(app, backend=backend).get("/x").json() == ["set", "set"]


# Upstream runs each sync callable in a copy of the context, so that nothing it sets is seen by others.
# Sharing one thread may make it visible: tested in neither direction.
