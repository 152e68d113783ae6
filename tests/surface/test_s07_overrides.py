"""Sections 7.6 and 7.7 of the surface document: overrides and security scopes."""

import anyio
import pytest
from raw_asgi import Exchange, http_scope
from surface_target import (
    APIRouter,
    Depends,
    FastAPI,
    Security,
    SecurityScopes,
    TestClient,
    WebSocket,
    served_document,
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


def scoped_counter():
    """Return a dependency that looks at its scopes, and the list of its calls."""
    calls = []

    def dependency(scopes: SecurityScopes):
        calls.append(scopes.scopes)
        return scopes.scopes

    return dependency, calls


# 7.6 overrides


def original(q: int = 1):
    """Return its parameter, marked."""
    return ["original", q]


def using_original():
    """Return an application that uses `original` twice."""
    app = FastAPI()

    @app.get("/x", dependencies=[Depends(original)])
    def endpoint(value=Depends(original)):
        return value

    @app.websocket("/ws")
    async def talk(websocket: WebSocket, value=Depends(original)):
        await websocket.accept()
        await websocket.send_json(value)
        await websocket.close()

    return app


class Replacement:
    """A class as replacement."""

    def __init__(self, r: int):
        self.r = r


async def async_replacement(r: int):
    """Return its own parameter."""
    return ["async", r]


def generator_replacement(r: int):
    """Yield its own parameter."""
    yield ["generator", r]


@pytest.mark.parametrize(
    ("replacement", "expected"),
    [
        (lambda: "lambda", "lambda"),
        (async_replacement, ["async", 3]),
        (generator_replacement, ["generator", 3]),
        (Replacement, {"r": 3}),
    ],
)
def test_override_replaces_at_request_time(replacement, expected):
    """7.6: any callable replaces the original, with parameters of its own, until it is taken away."""
    app = using_original()
    client = TestClient(app)
    assert client.get("/x?q=2").json() == ["original", 2]
    app.dependency_overrides[original] = replacement
    assert client.get("/x?r=3").json() == expected
    app.dependency_overrides.clear()
    assert client.get("/x?q=2").json() == ["original", 2]
    app.dependency_overrides = {original: lambda: "new dict"}
    assert client.get("/x").json() == "new dict"


def test_override_is_validated_and_resolved():
    """7.6: parameters and dependencies of the replacement are analysed."""
    app = using_original()

    def replacement(r: int, inner=Depends(lambda: "inner")):
        return [r, inner]

    app.dependency_overrides[original] = replacement
    client = TestClient(app)
    assert client.get("/x?r=1").json() == [1, "inner"]
    assert client.get("/x?r=x").json()["detail"][0]["loc"] == ["query", "r"]


def test_override_reaches_sub_dependencies_routers_and_websockets():
    """7.6: wherever the original stands in the graph."""
    app, router = using_original(), APIRouter()

    def parent(value=Depends(original)):
        return ["parent", value]

    @router.get("/sub")
    def endpoint(value=Depends(parent)):
        return value

    app.include_router(router)
    app.dependency_overrides[original] = lambda: "fake"
    client = TestClient(app)
    assert client.get("/sub").json() == ["parent", "fake"]
    with client.websocket_connect("/ws") as session:
        assert session.receive_json() == "fake"


def test_override_keeps_effective_scopes():
    """7.6: the replacement sees the scopes of the declaration."""

    def replacement(scopes: SecurityScopes):
        return scopes.scopes

    app = FastAPI()

    @app.get("/x")
    def endpoint(value=Security(original, scopes=["s"])):
        return value

    app.dependency_overrides[original] = replacement
    assert TestClient(app).get("/x").json() == ["s"]


def test_override_keeps_the_dependency_scope():
    """7.6: a generator replacing a function-scoped dependency ends before the response is sent."""
    log = []

    def dependency():
        yield

    def replacement():
        yield
        log.append("exit")

    app = FastAPI()

    @app.get("/x")
    def endpoint(value=Depends(dependency, scope="function")):
        return None

    app.dependency_overrides[dependency] = replacement
    done = Exchange(http_scope("GET", "/x"), on_send=lambda message: log.append(message["type"]))
    anyio.run(done.run, app)
    assert log[:2] == ["exit", "http.response.start"]


def test_override_is_cached_like_the_original():
    """7.6: one call per request for all places of the original; another original is another call."""
    counter = Counter()

    def other():
        return None

    app = FastAPI()

    @app.get("/x")
    def endpoint(a=Depends(original), b=Depends(original), c=Depends(other)):
        return [a, b, c]

    app.dependency_overrides = {original: counter, other: counter}
    assert TestClient(app).get("/x").json() == [1, 1, 2]


def test_override_is_not_documented():
    """7.6: the document shows the original."""
    app = using_original()
    app.dependency_overrides[original] = async_replacement
    parameters = served_document(app)["paths"]["/x"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["q"]


def test_overrides_of_a_custom_provider_are_the_including_apps():
    """7.6: an override on one app does not reach another one."""
    first, second = using_original(), using_original()
    first.dependency_overrides[original] = lambda: "fake"
    assert TestClient(second).get("/x").json() == ["original", 1]


# 7.7 scopes


def test_scopes_are_inherited_then_own_without_duplicates():
    """7.7: scopes of the ancestors first, then the own ones, in order."""

    def seen(scopes: SecurityScopes):
        return [scopes.scopes, scopes.scope_str]

    def middle(value=Security(seen, scopes=["in", "out"])):
        return value

    def outer(value=Depends(middle)):
        return value

    def endpoint(value=Security(outer, scopes=["out", "second"])):
        return value

    assert client_for(endpoint).get("/x").json() == [["out", "second", "in"], "out second in"]


def test_siblings_do_not_see_each_others_scopes():
    """7.7: scopes go down, not sideways; the endpoint's own scopes are empty."""

    def seen(scopes: SecurityScopes):
        return scopes.scopes

    def endpoint(scopes: SecurityScopes, a=Security(seen, scopes=["a"]), b=Depends(seen)):
        return [scopes.scopes, a, b]

    assert client_for(endpoint).get("/x").json() == [[], ["a"], []]


def test_list_style_security_passes_scopes():
    """7.7: `dependencies=[Security(…)]` works the same."""
    dependency, calls = scoped_counter()
    client = client_for(lambda: None, dependencies=[Security(dependency, scopes=["list"])])
    client.get("/x")
    assert calls == [["list"]]


def test_security_function_takes_no_scope_name():
    """7.8: `Security` has neither `scope` nor `max_concurrency`."""
    for option in ("scope", "max_concurrency"):
        with pytest.raises(TypeError):
            Security(original, **{option: None})
