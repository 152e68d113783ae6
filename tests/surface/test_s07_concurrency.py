"""Section 7.5 of the surface document: `Depends(…, max_concurrency=n)`."""

import dataclasses
import threading
from typing import Annotated

import anyio
import pytest
from raw_asgi import Exchange, http_scope, until
from surface_target import APIRouter, Depends, FastAPI, HTTPException, TestClient, WebSocket


class Gauge:
    """A dependency in every colour that knows how many executions overlap."""

    def __init__(self):
        self.now = self.peak = self.total = 0
        self.log = []
        self._lock = threading.Lock()

    def enter(self):
        """Count one more."""
        with self._lock:
            self.now += 1
            self.total += 1
            self.peak = max(self.peak, self.now)

    def leave(self):
        """Count one less."""
        with self._lock:
            self.now -= 1

    async def coroutine(self):
        """Stay for some turns of the loop."""
        self.enter()
        for _ in range(5):
            await anyio.sleep(0.001)
        self.leave()
        return "value"

    def function(self):
        """Stay in a thread until somebody else had the time to join."""
        self.enter()
        threading.Event().wait(0.01)
        self.leave()
        return "value"

    async def async_generator(self):
        """Stay until the exit code is done."""
        self.enter()
        try:
            yield "value"
            await anyio.sleep(0.001)
        finally:
            self.leave()

    def generator(self):
        """Stay until the exit code is done, in threads."""
        self.enter()
        try:
            yield "value"
        finally:
            self.leave()


KINDS = pytest.mark.parametrize("kind", ["coroutine", "function", "async_generator", "generator"])


async def all_at_once(app, paths):
    """Run one exchange per path, all at the same time, and return them."""
    exchanges = [Exchange(http_scope("GET", path)) for path in paths]
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            for one in exchanges:
                group.start_soon(one.run, app)
    return exchanges


def app_with(*dependencies):
    """Return an application with routes /0, /1, … that each use one of the dependencies."""
    app = FastAPI()
    for number, dependency in enumerate(dependencies):

        @app.get(f"/{number}")
        async def endpoint(value=dependency):
            for _ in range(3):
                await anyio.sleep(0.001)
            return value

    return app


# Values


@pytest.mark.parametrize("limit", [True, False, 0, -1, 1.0, "1"])
def test_limit_must_be_a_positive_int(limit):
    """7.5 and 2.2: anything but an int of at least one is a ValueError."""
    with pytest.raises(ValueError):
        Depends(Gauge().coroutine, max_concurrency=limit)


@pytest.mark.parametrize("limit", [None, 1, 100])
def test_limit_is_kept(limit):
    """7.5 and 2.2: the limit is a field of the marker."""
    assert Depends(print, max_concurrency=limit).max_concurrency == limit


# What is limited


@KINDS
def test_executions_are_limited(kind, backend):
    """7.5.1: no more than the limit run at once; all get through."""
    gauge = Gauge()
    app = app_with(Depends(getattr(gauge, kind), max_concurrency=2))
    done = anyio.run(all_at_once, app, ["/0"] * 8, backend=backend)
    assert [one.body for one in done] == [b'"value"'] * 8
    assert (gauge.peak, gauge.total, gauge.now) == (2, 8, 0)


def test_without_limit_executions_overlap():
    """7.5.1: the same without limit runs all at once."""
    gauge = Gauge()
    anyio.run(all_at_once, app_with(Depends(gauge.coroutine)), ["/0"] * 8)
    assert gauge.peak == 8


@pytest.mark.parametrize(("kind", "scope"), [("async_generator", "function"), ("generator", "function")])
def test_function_scoped_generators_are_limited(kind, scope):
    """7.5.1: scopes do not matter for the limit."""
    gauge = Gauge()
    anyio.run(
        all_at_once, app_with(Depends(getattr(gauge, kind), scope=scope, max_concurrency=1)), ["/0"] * 4
    )
    assert (gauge.peak, gauge.total) == (1, 4)


def test_generators_keep_the_slot_until_their_exit_is_done():
    """7.5.2: the slot of a generator is free when its exit code has finished, after the response."""
    log = []

    async def dependency():
        log.append("enter")
        yield
        await anyio.sleep(0.001)
        log.append("exit")

    app = FastAPI()

    @app.get("/x")
    async def endpoint(value=Depends(dependency, max_concurrency=1)):
        log.append("endpoint")

    anyio.run(all_at_once, app, ["/x"] * 3)
    assert log == ["enter", "endpoint", "exit"] * 3


def test_others_keep_the_slot_until_they_return():
    """7.5.2: a plain dependency is done when it returns; endpoints overlap."""
    gauge = Gauge()
    app = FastAPI()
    running = []

    @app.get("/x")
    async def endpoint(value=Depends(gauge.coroutine, max_concurrency=1)):
        running.append(1)
        await until(lambda: len(running) == 4)

    anyio.run(all_at_once, app, ["/x"] * 4)
    assert gauge.peak == 1


def test_slot_is_taken_after_sub_dependencies():
    """7.5.2: sub-dependencies of waiting requests are resolved already."""
    below, above = Gauge(), Gauge()

    async def limited(value=Depends(below.coroutine)):
        return await above.coroutine()

    anyio.run(all_at_once, app_with(Depends(limited, max_concurrency=1)), ["/0"] * 5)
    assert (below.peak, above.peak) == (5, 1)


def test_waiters_occupy_no_thread():
    """7.5.2: requests that wait for a slot leave the worker threads to others."""
    release, gauge = threading.Event(), Gauge()

    def limited():
        gauge.enter()
        release.wait(10)
        gauge.leave()

    app = app_with(Depends(limited, max_concurrency=1))
    app.get("/free")(lambda: "free")

    async def run():
        anyio.to_thread.current_default_thread_limiter().total_tokens = 2
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(Exchange(http_scope("GET", "/0")).run, app)
            await until(lambda: gauge.now == 1)
            free = Exchange(http_scope("GET", "/free"))
            with anyio.fail_after(10):
                await free.run(app)
            release.set()
        return free.body

    assert anyio.run(run) == b'"free"'
    assert gauge.total == 4


# Whose limit it is


def test_limit_belongs_to_the_declaration():
    """7.5.1: another `Depends` with the same callable and number has its own slots."""
    gauge = Gauge()
    app = app_with(*(Depends(gauge.coroutine, max_concurrency=1) for _ in range(3)))
    anyio.run(all_at_once, app, ["/0", "/1", "/2"] * 2)
    assert gauge.peak == 3


def test_one_declaration_is_shared_through_an_alias():
    """7.5.1: an `Annotated` alias shares one declaration between routes, routers, mounts and websockets."""
    gauge = Gauge()
    limited = Annotated[str, Depends(gauge.coroutine, max_concurrency=1)]
    app, router, sub = FastAPI(), APIRouter(), FastAPI()

    async def endpoint(value: limited):
        return value

    async def talk(websocket: WebSocket, value: limited):
        await websocket.accept()
        await websocket.close()

    app.get("/route")(endpoint)
    app.post("/route")(endpoint)
    router.get("/router")(endpoint)
    sub.get("/sub")(endpoint)
    app.websocket("/ws")(talk)
    app.include_router(router)
    app.mount("/mounted", sub)

    async def websocket():
        sent, incoming = [], [{"type": "websocket.connect"}]

        async def receive():
            return incoming.pop(0)

        async def send(message):
            sent.append(message["type"])

        scope = http_scope("GET", "/ws", subprotocols=[])
        await app({**scope, "type": "websocket"}, receive, send)
        return sent

    async def run():
        async with anyio.create_task_group() as group:
            for path in ("/route", "/router", "/mounted/sub", "/route"):
                group.start_soon(Exchange(http_scope("GET", path)).run, app)
            group.start_soon(websocket)

    anyio.run(run)
    assert (gauge.peak, gauge.total) == (1, 5)


def test_limit_is_per_event_loop():
    """7.5.1: another loop in another thread has slots of its own."""
    inside, release = threading.Event(), threading.Event()

    async def dependency(first: bool = False):
        if first:
            inside.set()
            await anyio.to_thread.run_sync(release.wait, 10)
        return "value"

    app = app_with(Depends(dependency, max_concurrency=1))
    thread = threading.Thread(target=anyio.run, args=(all_at_once, app, ["/0?first=1"]))
    thread.start()
    try:
        assert inside.wait(10)
        (done,) = anyio.run(all_at_once, app, ["/0"])
        assert done.body == b'"value"'
    finally:
        release.set()
        thread.join()


def test_copies_share_or_renew_the_limit():
    """7.5.4 and 2.2: a copy with the same number shares the slots, another number has its own."""
    gauge = Gauge()
    declared = Depends(gauge.coroutine, max_concurrency=1)
    shared = app_with(declared, dataclasses.replace(declared, use_cache=False))
    anyio.run(all_at_once, shared, ["/0", "/1"] * 3)
    assert gauge.peak == 1
    renewed = app_with(declared, dataclasses.replace(declared, max_concurrency=2))
    anyio.run(all_at_once, renewed, ["/0", "/1"] * 3)
    assert gauge.peak == 3


# Cache


def test_cache_hits_take_no_slot():
    """7.5.3: the second use within a request needs no slot."""
    gauge = Gauge()
    limited = Annotated[str, Depends(gauge.async_generator, max_concurrency=1)]
    app = FastAPI()

    def other(value: limited):
        return value

    @app.get("/x")
    async def endpoint(a: limited, b: limited, c=Depends(other)):
        return [a, b, c]

    (done,) = anyio.run(all_at_once, app, ["/x"])
    assert (done.body, gauge.total) == (b'["value","value","value"]', 1)


def test_first_of_two_declarations_pays():
    """7.5.3: of two declarations of one callable the first resolved takes a slot, the other is a hit."""
    gauge = Gauge()
    app = FastAPI()

    @app.get("/limited-first")
    async def limited_first(a=Depends(gauge.coroutine, max_concurrency=1), b=Depends(gauge.coroutine)):
        return [a, b]

    @app.get("/limited-last")
    async def limited_last(a=Depends(gauge.coroutine), b=Depends(gauge.coroutine, max_concurrency=1)):
        return [a, b]

    anyio.run(all_at_once, app, ["/limited-first"] * 3)
    assert (gauge.peak, gauge.total) == (1, 3)
    anyio.run(all_at_once, app, ["/limited-last"] * 3)
    assert (gauge.peak, gauge.total) == (3, 6)


def test_without_cache_each_execution_needs_a_slot():
    """7.5.3: plain executions follow each other; two generators in one request can wait for each other."""
    gauge = Gauge()
    plain = Depends(gauge.coroutine, use_cache=False, max_concurrency=1)
    generator = Depends(gauge.async_generator, use_cache=False, max_concurrency=1)
    app = FastAPI()

    @app.get("/plain")
    async def twice(a=plain, b=plain):
        return [a, b]

    @app.get("/generators")
    async def deadlock(a=generator, b=generator):
        return [a, b]

    (done,) = anyio.run(all_at_once, app, ["/plain"])
    assert (done.body, gauge.total) == (b'["value","value"]', 2)

    async def run():
        with anyio.move_on_after(0.1) as scope:
            await all_at_once(app, ["/generators"])
        return scope.cancelled_caught

    assert anyio.run(run)
    assert gauge.now == 0


# Overrides and other places


def test_override_keeps_the_limit_of_the_declaration():
    """7.5.4: a replacement runs under the limit that was declared."""
    gauge = Gauge()

    def original():
        return "original"

    app = app_with(Depends(original, max_concurrency=1))
    app.dependency_overrides[original] = gauge.coroutine
    done = anyio.run(all_at_once, app, ["/0"] * 4)
    assert ([one.body for one in done], gauge.peak) == ([b'"value"'] * 4, 1)


def test_list_style_and_inferred_dependencies_are_limited():
    """7.5.4: `dependencies=[…]` and `Depends()` with the class as annotation."""
    gauge = Gauge()

    class Inferred:
        def __init__(self):
            gauge.function()

    app = FastAPI()

    @app.get("/list", dependencies=[Depends(gauge.coroutine, max_concurrency=1)])
    async def listed():
        return None

    @app.get("/inferred")
    async def inferred(value: Annotated[Inferred, Depends(max_concurrency=1)]):
        return None

    for path in ("/list", "/inferred"):
        anyio.run(all_at_once, app, [path] * 4)
    assert (gauge.peak, gauge.total) == (1, 8)


# Slots come back


@pytest.mark.parametrize("path", ["/error", "/http", "/later", "/422", "/endpoint"])
@KINDS
def test_slots_are_returned_on_errors(path, kind):
    """7.5.5: an error in the dependency, in a later one, in the endpoint, or of validation frees the slot."""
    gauge = Gauge()
    limited = Depends(getattr(gauge, kind), max_concurrency=1)

    def fails(http: bool = False):
        raise HTTPException(418) if http else KeyError

    app = FastAPI()

    @app.get("/error", dependencies=[Depends(fails, max_concurrency=1)])
    @app.get("/http", dependencies=[Depends(lambda: fails(http=True), max_concurrency=1)])
    @app.get("/fine")
    def fine(value=limited):
        return value

    @app.get("/later")
    def later(value=limited, failure=Depends(fails)):
        return value

    @app.get("/422")
    def invalid(n: int, value=limited):
        return value

    @app.get("/endpoint")
    def endpoint(value=limited):
        raise HTTPException(418)

    client = TestClient(app, raise_server_exceptions=False)

    async def run():
        with anyio.fail_after(10):
            answers = []
            for _ in range(2):
                one = Exchange(http_scope("GET", path))
                try:
                    await one.run(app)
                except KeyError:
                    answers.append("error")
                else:
                    answers.append(one.status)
            last = Exchange(http_scope("GET", "/fine"))
            await last.run(app)
            return answers, last.body

    answers, last = anyio.run(run)
    assert answers[0] == answers[1] != 200
    assert last == b'"value"'
    assert client.get("/fine").json() == "value"


@pytest.mark.parametrize("when", ["waiting", "running"])
def test_slots_are_returned_on_cancellation(when, backend):
    """7.5.5: cancelling a request that waits or runs leaves the slots right."""
    gauge, release = Gauge(), []

    async def dependency(hold: bool = False):
        gauge.enter()
        try:
            if hold:
                await until(lambda: release)
        finally:
            gauge.leave()
        return "value"

    app = app_with(Depends(dependency, max_concurrency=1))

    async def run():
        async with anyio.create_task_group() as group:
            group.start_soon(Exchange(http_scope("GET", "/0?hold=1")).run, app)
            await until(lambda: gauge.now == 1)
            if when == "running":
                group.cancel_scope.cancel()
            else:
                with anyio.move_on_after(0.02) as scope:
                    await Exchange(http_scope("GET", "/0")).run(app)
                assert scope.cancelled_caught
                release.append(True)
        done = Exchange(http_scope("GET", "/0"))
        with anyio.fail_after(10):
            await done.run(app)
        return done.body

    assert anyio.run(run, backend=backend) == b'"value"'
    assert gauge.now == 0
