"""CON: concurrency, cancellation, clean-up."""

import asyncio
import threading
import time
from typing import Any

import pytest
from catalogue_asking import LEFT, ask, exchange, scope_of
from catalogue_faces import Face


def _together(app: Any, *targets: str) -> list[Any]:
    """The answers to requests that are made at the same time."""

    async def run() -> list[Any]:
        return await asyncio.gather(*(exchange(app, scope_of("GET", target)) for target in targets))

    return asyncio.run(run())


@pytest.mark.row("CON-01")
@pytest.mark.parametrize("count", [60, 500])
def test_con_01_threads_and_a_pool(face: Face, count: int):
    """Requests that wait for one of five connections never keep those that have one from giving it back."""
    app = face.app()
    pool = threading.Semaphore(5)

    def connect() -> Any:
        if not pool.acquire(timeout=5):
            raise TimeoutError("no connection")
        try:
            yield
        finally:
            pool.release()

    @app.get("/")
    def read(connection: None = face.Depends(connect)):
        time.sleep(0.002)

    if not face.is_ours:
        count = 60  # where it fails, each of them waits for its connection until it gives up
    answers = _together(app, *["/"] * count)
    assert {answer.status for answer in answers} == {200}


@pytest.mark.row("CON-02")
def test_con_02_two_connections_for_each_request(face: Face):
    """Requests that hold one connection and want another do not lock each other out, if few enough begin."""
    face.ours_only("max_concurrency is a part of Rapide's own")
    app = face.app()
    pool = threading.Semaphore(5)

    def connect() -> Any:
        if not pool.acquire(timeout=5):
            raise TimeoutError("no connection")
        try:
            yield
        finally:
            pool.release()

    async def pause() -> None:
        await asyncio.sleep(0)

    # Each needs two of five: the fourth could keep the others from their second.
    first = face.Depends(connect, max_concurrency=4)

    @app.get("/")
    def read(
        one: None = first,
        between: None = face.Depends(pause),
        two: None = face.Depends(connect, use_cache=False),
    ):
        time.sleep(0.001)

    assert {answer.status for answer in _together(app, *["/"] * 60)} == {200}


@pytest.mark.row("CON-03", "LIF-10")
def test_con_03_probe_while_all_threads_are_taken(face: Face):
    """While a database hangs, plain functions take no more threads than they may, and probes answer."""
    face.ours_only("probes are a part of Rapide's own")
    from rapide.concurrency import limit_threads
    from rapide.health import health_router

    app, hangs, arrived = face.app(), threading.Event(), threading.Semaphore(0)
    app.include_router(health_router(checks=[hangs.is_set], timeout=5))

    @app.get("/")
    def read():
        arrived.release()
        assert hangs.wait(30)

    async def run() -> tuple[list[int], list[Any]]:
        requests = [asyncio.create_task(exchange(app, scope_of("GET", "/"))) for _ in range(20)]
        while not arrived.acquire(blocking=False):  # noqa: ASYNC110 -- a thread arrives
            await asyncio.sleep(0.001)
        probes = [(await exchange(app, scope_of("GET", path))).status for path in ("/livez", "/readyz")]
        hangs.set()
        return probes, await asyncio.gather(*requests)

    limit_threads(work=3)
    try:
        probes, answers = asyncio.run(run())
    finally:
        limit_threads()
    assert probes == [200, 503]
    assert {answer.status for answer in answers} == {200}


@pytest.mark.row("CON-07")
def test_con_07_fault_in_clean_up(face: Face):
    """A dependency whose clean-up fails does not keep the others from theirs."""
    app = face.app()
    ran: list[str] = []

    def make(name: str, *, fails: bool) -> Any:
        def depend() -> Any:
            try:
                yield
            finally:
                ran.append(name)
                if fails:
                    raise RuntimeError(name)

        return depend

    app.get("/", dependencies=[face.Depends(make(name, fails=name == "b")) for name in "abc"])(lambda: 1)
    answer = ask(app, "GET", "/")
    assert sorted(ran) == ["a", "b", "c"]
    assert answer.error is not None


@pytest.mark.row("CON-08")
def test_con_08_fault_in_the_third_of_five(face: Face):
    """What was opened before the one that failed is closed in reverse and told; the rest never opens."""
    app = face.app()
    ran: list[str] = []

    def make(number: int) -> Any:
        def depend() -> Any:
            if number == 3:
                raise KeyError("third")
            ran.append(f"open {number}")
            try:
                yield
            except KeyError:
                ran.append(f"told {number}")
                raise
            finally:
                ran.append(f"close {number}")

        return depend

    app.get("/", dependencies=[face.Depends(make(number)) for number in range(1, 6)])(lambda: 1)
    assert ask(app, "GET", "/").status == 500
    assert ran == ["open 1", "open 2", "told 2", "close 2", "told 1", "close 1"]


@pytest.mark.row("CON-09")
def test_con_09_first_of_three_tasks_fails(face: Face):
    """A background task that fails is logged, and the next one runs."""
    app = face.app()
    ran: list[int] = []
    BackgroundTasks = face.BackgroundTasks  # noqa: N806 -- a class

    def fail() -> None:
        raise RuntimeError("task")

    @app.get("/")
    def read(tasks: BackgroundTasks):
        tasks.add_task(fail)
        tasks.add_task(ran.append, 2)
        tasks.add_task(ran.append, 3)

    assert ask(app, "GET", "/").status == 200
    if face.follows_fastapi("the tasks after it never run"):
        assert ran == []
        return
    assert ran == [2, 3]


@pytest.mark.row("CON-11")
def test_con_11_requests_see_nothing_of_each_other(face: Face):
    """State and context variables of a request are its own."""
    from contextvars import ContextVar

    app = face.app()
    variable: ContextVar[str] = ContextVar("variable", default="unset")
    Request = face.Request  # noqa: N806 -- a class

    @app.get("/{name}")
    async def read(name: str, request: Request):
        before = (variable.get(), getattr(request.state, "name", "unset"))
        variable.set(name)
        request.state.name = name
        await asyncio.sleep(0.01)
        return [*before, variable.get(), request.state.name]

    for name, answer in zip("abc", _together(app, "/a", "/b", "/c"), strict=True):
        assert answer.json == ["unset", "unset", name, name]


@pytest.mark.row("CON-12")
def test_con_12_shared_dependency_opens_once(face: Face):
    """A dependency that is used from several places, async and not, is opened and closed once."""
    app = face.app()
    ran: list[str] = []

    async def session() -> Any:
        ran.append("open")
        yield
        ran.append("close")

    def plain(one: None = face.Depends(session)) -> None: ...

    async def other(one: None = face.Depends(session)) -> None: ...

    @app.get("/", dependencies=[face.Depends(plain), face.Depends(other)])
    def read(one: None = face.Depends(session)):
        return 1

    assert ask(app, "GET", "/").status == 200
    assert ran == ["open", "close"]


@pytest.mark.row("CON-13")
@pytest.mark.parametrize("kind", [StopIteration, RuntimeError, LookupError, asyncio.CancelledError])
def test_con_13_threads_survive(face: Face, kind: type[BaseException]):
    """Whatever a function on a thread raises, the next one runs there."""
    app = face.app()

    @app.get("/")
    def fail():
        raise kind("x")

    app.get("/fine")(lambda: threading.get_ident() != threading.main_thread().ident)
    for _ in range(50):
        try:
            assert ask(app, "GET", "/").status == 500
        except asyncio.CancelledError:
            assert kind is asyncio.CancelledError
    assert ask(app, "GET", "/fine").json is True


@pytest.mark.row("CON-05")
def test_con_05_dependencies_are_told_that_nobody_got_the_answer(face: Face):
    """A session whose client has left rolls back and does not commit; the endpoint is cancelled."""
    app = face.app()
    ran: list[str] = []

    async def session() -> Any:
        try:
            yield
            ran.append("commit")
        except Exception:
            ran.append("rollback")
            raise

    @app.get("/", dependencies=[face.Depends(session)])
    async def read():
        await asyncio.sleep(0.5)
        ran.append("went on")

    asyncio.run(exchange(app, scope_of("GET", "/"), [LEFT]))
    if face.follows_fastapi("goes on and commits"):
        assert ran == ["went on", "commit"]
        return
    assert ran == ["rollback"]


@pytest.mark.row("CON-05")
def test_con_05_client_leaves_while_the_endpoint_waits(face: Face):
    """When the client has left, clean-up runs to its end, whether the endpoint was cancelled or went on."""
    app = face.app()
    ran: list[str] = []

    async def session() -> Any:
        try:
            yield
        finally:
            await asyncio.sleep(0)
            ran.append("closed")

    @app.get("/", dependencies=[face.Depends(session)])
    async def read():
        await asyncio.sleep(0.05)
        ran.append("went on")

    async def run() -> None:
        task = asyncio.create_task(exchange(app, scope_of("GET", "/")))
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert ran == ["closed"]
