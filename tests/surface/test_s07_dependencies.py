"""Sections 7.1 to 7.3 and 7.6 to 7.7 of the surface document: kinds, order, cache, overrides, scopes."""

import functools
import threading

import anyio
import anyio.lowlevel
import pytest
from raw_asgi import Exchange, http_scope
from surface_target import (
    APIRouter,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Request,
    Security,
    SecurityScopes,
    TestClient,
    WebSocket,
    load,
)


def client_for(endpoint, **options):
    """Register `endpoint` for GET and return a client."""
    app = FastAPI()
    app.get("/x", **options)(endpoint)
    return TestClient(app)


class Counter:
    """A dependency that counts its calls."""

    def __init__(self):
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return self.calls


# 7.1 kinds


def function(n: int):
    """Return the number."""
    return n


async def coroutine(n: int):
    """Return the number."""
    return n


def generator(n: int):
    """Yield the number."""
    yield n


async def async_generator(n: int):
    """Yield the number."""
    yield n


class Callables:
    """Every kind of method."""

    def function(self, n: int):
        """Return the number."""
        return n

    async def coroutine(self, n: int):
        """Return the number."""
        return n

    def generator(self, n: int):
        """Yield the number."""
        yield n

    async def async_generator(self, n: int):
        """Yield the number."""
        yield n

    @classmethod
    def of_class(cls, n: int):
        """Return the number."""
        return n

    @staticmethod
    async def static(n: int):
        """Return the number."""
        return n


def callable_object(method):
    """Return an object whose `__call__` is the given method."""
    return type("Callable", (), {"__call__": method})()


def decorated(call):
    """Wrap any callable in a plain function."""

    @functools.wraps(call)
    def passing(*args, **kwargs):
        return call(*args, **kwargs)

    return passing


METHODS = ["function", "coroutine", "generator", "async_generator"]
KINDS = {
    **{name: globals()[name] for name in METHODS},
    **{f"method {name}": getattr(Callables(), name) for name in METHODS},
    **{f"object {name}": callable_object(getattr(Callables, name)) for name in METHODS},
    **{f"partial {name}": functools.partial(globals()[name]) for name in METHODS},
    **{
        f"partial object {name}": functools.partial(callable_object(getattr(Callables, name)))
        for name in METHODS
    },
    **{f"decorated {name}": decorated(globals()[name]) for name in METHODS},
    **{f"decorated twice {name}": decorated(decorated(globals()[name])) for name in METHODS},
    "classmethod": Callables.of_class,
    "staticmethod": Callables.static,
    "lambda": lambda n: 0 + int(n),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_kinds_of_dependencies(kind, colour):
    """7.1.1: every kind of callable works, with endpoints of both colours."""

    def endpoint(value=Depends(KINDS[kind])):
        return value

    async def async_endpoint(value=Depends(KINDS[kind])):
        return value

    client = client_for(endpoint if colour == "sync" else async_endpoint)
    assert client.get("/x?n=7").json() == 7
    assert client.get("/x").json()["detail"][0]["loc"] == ["query", "n"]


class Made:
    """A class dependency."""

    def __init__(self, n: int):
        self.n = n
        self.thread = threading.current_thread()


def test_classes_are_constructed():
    """7.1.1: a class is called; the instance is the value."""

    def endpoint(value: Made = Depends()):
        return [type(value).__name__, value.n]

    assert client_for(endpoint).get("/x?n=7").json() == ["Made", 7]


async def loop_thread_and_body(app, path):
    """Run one exchange and return the thread of the event loop with the body."""
    done = Exchange(http_scope("GET", path))
    await done.run(app)
    return threading.current_thread(), done.body


def test_plain_functions_run_in_worker_threads(backend):
    """7.1.1: sync dependencies, generators, classes and endpoints leave the event loop; coroutines stay."""
    seen = {}

    def note(name):
        seen[name] = threading.current_thread()

    def sync_dependency():
        note("function")

    def sync_generator():
        note("enter")
        yield
        note("exit")

    async def async_dependency():
        note("coroutine")

    app = FastAPI()

    @app.get("/sync")
    def endpoint(a=Depends(sync_dependency), b=Depends(sync_generator), c=Depends(async_dependency)):
        note("endpoint")

    @app.get("/class")
    async def async_endpoint(made: Made = Depends()):
        seen["class"] = made.thread
        note("async endpoint")

    loop, _ = anyio.run(loop_thread_and_body, app, "/sync", backend=backend)
    assert {name: thread is loop for name, thread in seen.items()} == {
        "function": False,
        "enter": False,
        "coroutine": True,
        "endpoint": False,
        "exit": False,
    }
    seen.clear()
    loop, _ = anyio.run(loop_thread_and_body, app, "/class?n=1", backend=backend)
    assert {name: thread is loop for name, thread in seen.items()} == {"class": False, "async endpoint": True}


def test_worker_threads_can_call_the_loop(backend):
    """7.1.1: `anyio.from_thread` works in sync dependencies and endpoints."""

    async def double(n):
        await anyio.lowlevel.checkpoint()
        return 2 * n

    def dependency(n: int):
        return anyio.from_thread.run(double, n)

    def endpoint(n=Depends(dependency)):
        return anyio.from_thread.run(double, n)

    app = FastAPI()
    app.get("/x")(endpoint)
    assert TestClient(app, backend=backend).get("/x?n=3").json() == 12


def test_dependencies_declare_parameters_like_endpoints():
    """7.1.2: dependencies take parameters, connection objects and dependencies of their own."""

    def inner(q: str, request: Request):
        return [q, request.url.path]

    def outer(inner_value=Depends(inner), h: str = Header("h")):
        return [*inner_value, h]

    def endpoint(value=Depends(outer)):
        return value

    assert client_for(endpoint).get("/x?q=Q", headers={"h": "H"}).json() == ["Q", "/x", "H"]


def test_dependencies_everywhere():
    """7.1.2: app, include call, router, route, endpoint, and websockets."""
    log = []

    def step(name):
        return Depends(lambda: log.append(name))

    app, router = FastAPI(dependencies=[step("app")]), APIRouter(dependencies=[step("router")])

    @router.get("/x", dependencies=[step("route")])
    def endpoint(own=step("own")):
        return own

    @router.websocket("/ws", dependencies=[step("route")])
    async def talk(websocket: WebSocket, own=step("own")):
        await websocket.accept()
        await websocket.close()

    app.include_router(router, dependencies=[step("include")])
    client = TestClient(app)
    assert client.get("/x").json() is None
    with client.websocket_connect("/ws"):
        pass
    assert log == ["app", "include", "router", "route", "own"] * 2


# 7.2 order


def test_resolution_is_depth_first_in_order_of_declaration():
    """7.2: sub-dependencies before their parents, left before right, lists before the signature."""
    log = []

    def step(name):
        return lambda: log.append(name)

    first, second = step("first"), step("second")

    def parent(a=Depends(first), b=Depends(second)):
        log.append("parent")

    def other(b=Depends(second)):
        log.append("other")

    app = FastAPI(dependencies=[Depends(step("app"))])

    @app.get("/x", dependencies=[Depends(step("route")), Depends(other)])
    def endpoint(a=Depends(parent), b=Depends(step("last"))):
        log.append("endpoint")

    TestClient(app).get("/x")
    assert log == ["app", "route", "second", "other", "first", "parent", "last", "endpoint"]


def test_resolution_is_sequential():
    """7.2: nothing runs in parallel: each ends before the next begins."""
    log = []

    def step(name):
        async def dependency():
            log.append(f"{name} begins")
            await anyio.sleep(0.001)
            log.append(f"{name} ends")

        return Depends(dependency)

    def endpoint(a=step("a"), b=step("b")):
        return None

    client_for(endpoint).get("/x")
    assert log == ["a begins", "a ends", "b begins", "b ends"]


def test_raising_dependency_ends_the_resolution():
    """7.2: an exception of a dependency leaves the rest uncalled."""
    log = []

    def refuse():
        raise HTTPException(401, "no")

    def endpoint(
        a=Depends(lambda: log.append("before")), b=Depends(refuse), c=Depends(lambda: log.append("after"))
    ):
        log.append("endpoint")

    response = client_for(endpoint).get("/x")
    assert (response.status_code, response.json(), log) == (401, {"detail": "no"}, ["before"])


def test_exceptions_win_over_validation_errors():
    """7.2 and 6.4: a dependency that raises is answered, even when other parameters are wrong."""

    def refuse():
        raise HTTPException(401, "no")

    def endpoint(n: int, a=Depends(refuse)):
        return None

    assert client_for(endpoint).get("/x?n=x").status_code == 401


# 7.3 cache


@pytest.mark.parametrize(
    ("use_cache", "expected"),
    [
        ((True, True, True), [1, 1, 1]),
        ((False, True, False), [1, 1, 2]),
        ((True, False, True), [1, 2, 1]),
        ((False, False, False), [1, 2, 3]),
    ],
)
def test_use_cache_false_skips_the_lookup(use_cache, expected):
    """7.3.1: without cache the dependency is called again, but the first value is still stored."""
    counter = Counter()
    first, second, third = (Depends(counter, use_cache=use) for use in use_cache)

    def endpoint(a=first, b=second, c=third):
        return [a, b, c]

    assert client_for(endpoint).get("/x").json() == expected


def test_cache_spans_the_graph_and_ends_with_the_request():
    """7.3.1: one value for the whole graph, lists included; the next request starts anew."""
    counter = Counter()

    def left(value=Depends(counter)):
        return value

    def right(value=Depends(counter)):
        return value

    app = FastAPI(dependencies=[Depends(counter)])

    @app.get("/x", dependencies=[Depends(counter)])
    def endpoint(a=Depends(left), b=Depends(right), c=Depends(counter)):
        return [a, b, c]

    client = TestClient(app)
    assert [client.get("/x").json(), client.get("/x").json()] == [[1, 1, 1], [2, 2, 2]]


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [((None, "request", "function"), [1, 2, 3]), (("function", "function", None), [1, 1, 2])],
)
def test_scope_name_is_part_of_the_key(scopes, expected):
    """7.3.1 and 7.4.2: for plain callables the scope only matters in the key."""
    counter = Counter()
    first, second, third = (Depends(counter, scope=scope) for scope in scopes)

    def endpoint(a=first, b=second, c=third):
        return [a, b, c]

    assert client_for(endpoint).get("/x").json() == expected


def test_default_scope_of_generators_is_request():
    """7.3.1: the same generator as default and as "request" is one instance, as "function" another."""
    made = []

    def numbered():
        made.append(1)
        yield len(made)

    def endpoint(
        a=Depends(numbered), b=Depends(numbered, scope="request"), c=Depends(numbered, scope="function")
    ):
        return [a, b, c]

    assert client_for(endpoint).get("/x").json() == [1, 1, 2]


def test_keys_compare_callables_by_equality():
    """7.3.1: bound methods of one object are one key; two partials are two."""
    counter = Counter()

    class Holder:
        def method(self):
            return counter()

    holder = Holder()

    def methods(a=Depends(holder.method), b=Depends(holder.method), c=Depends(Holder().method)):
        return [a, b, c]

    def partials(a=Depends(functools.partial(counter)), b=Depends(functools.partial(counter))):
        return [a, b]

    assert client_for(methods).get("/x").json() == [1, 1, 2]
    counter.calls = 0
    assert client_for(partials).get("/x").json() == [1, 2]


def test_failed_dependency_is_not_cached():
    """7.3.1 and 6.4: a dependency with validation errors reports them at each place."""

    def needs(n: int):
        return n

    def endpoint(a=Depends(needs), b=Depends(needs)):
        return None

    assert len(client_for(endpoint).get("/x").json()["detail"]) == 2


def scoped_counter():
    """Return a dependency that looks at its scopes, and the list of its calls."""
    calls = []

    def dependency(scopes: SecurityScopes):
        calls.append(scopes.scopes)
        return scopes.scopes

    return dependency, calls


def test_scopes_are_part_of_the_key_when_they_are_used():
    """7.3.1: a dependency that looks at scopes is called once for each set of scopes."""
    dependency, calls = scoped_counter()

    def endpoint(
        a=Security(dependency, scopes=["a", "b"]),
        b=Security(dependency, scopes=["b", "a", "b"]),
        c=Security(dependency, scopes=["c"]),
        d=Depends(dependency),
    ):
        return [a, b, c, d]

    assert client_for(endpoint).get("/x").json() == [["a", "b"], ["a", "b"], ["c"], []]
    assert calls == [["a", "b"], ["c"], []]


def test_dependencies_without_scopes_are_shared_between_branches():
    """7.3.1: what does not look at scopes is called once, however its parents are scoped."""
    counter = Counter()

    def database():
        return counter()

    def user(db=Depends(database)):
        return db

    def endpoint(a=Security(user, scopes=["a"]), b=Security(user, scopes=["b"]), c=Depends(database)):
        return [a, b, c]

    assert client_for(endpoint).get("/x").json()[2] == 1
    assert counter.calls == 1


def test_scopes_below_make_the_key_of_those_above():
    """7.3.1: whoever has something below it that looks at scopes is called for each set."""
    dependency, calls = scoped_counter()
    above = []

    def parent(value=Depends(dependency)):
        above.append(value)
        return value

    def endpoint(a=Security(parent, scopes=["a"]), b=Security(parent, scopes=["b"])):
        return [a, b]

    assert client_for(endpoint).get("/x").json() == [["a"], ["b"]]
    assert (calls, above) == ([["a"], ["b"]], [["a"], ["b"]])


def test_security_schemes_below_count_as_using_scopes():
    """7.3.1: the same for a security scheme below, and for scopes of its own."""
    scheme = load("security").OAuth2PasswordBearer(tokenUrl="token")
    counter, own = Counter(), Counter()

    def user(token=Depends(scheme)):
        return counter()

    def endpoint(
        a=Security(user, scopes=["a"]),
        b=Security(user, scopes=["b"]),
        c=Security(own, scopes=["c"]),
        d=Depends(own),
    ):
        return [a, b, c, d]

    response = client_for(endpoint).get("/x", headers={"authorization": "Bearer t"})
    assert response.json() == [1, 2, 1, 2]


def test_uncached_dependency_below_a_shared_one_runs_for_each_use():
    """7.3: a later use is solved like the first before its result is found: the uncached part runs again."""
    log = []

    def inner():
        log.append("inner")

    def middle(i=Depends(inner)):
        log.append("middle")

    def shared(m=Depends(middle, use_cache=False)):
        log.append("shared")
        return len(log)

    def other(s=Depends(shared)):
        log.append("other")
        return s

    def endpoint(s=Depends(shared), o=Depends(other)):
        return [s, o]

    assert client_for(endpoint).get("/x").json() == [3, 3]
    assert log == ["inner", "middle", "shared", "middle", "other"]
