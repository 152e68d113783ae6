"""Where a signature comes from: what third parties rewrite is what counts (compatibility 13.4.3)."""

import functools
import inspect
from typing import Annotated, Any

import pytest

from rapide.fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, WebSocket
from rapide.fastapi.routing import APIRoute, APIWebSocketRoute
from rapide.fastapi.testclient import TestClient

KEYWORD = inspect.Parameter.KEYWORD_ONLY


def served(endpoint, **options):
    """Return a client of an application with one route."""
    app = FastAPI()
    app.get("/", **options)(endpoint)
    return TestClient(app)


def with_signature(**parameters):
    """Return a function that says it has these parameters; a value is (annotation, default)."""

    def function(*args, **kwargs):
        return kwargs

    function.__signature__ = inspect.Signature(
        [
            inspect.Parameter(name, KEYWORD, annotation=annotation, default=default)
            for name, (annotation, default) in parameters.items()
        ]
    )
    return function


@pytest.mark.parametrize("place", ["endpoint", "dependency"])
def test_given_signature_counts(place):
    """`__signature__` stands for what the function's own text says, as generated functions need it."""
    function = with_signature(n=(int, 1), h=(str, Header("h")))
    endpoint = function if place == "endpoint" else with_signature(d=(Any, Depends(function)))
    client = served(endpoint)
    found = client.get("/?n=2", headers={"h": "x"}).json()
    assert (found if place == "endpoint" else found["d"]) == {"n": 2, "h": "x"}
    assert client.get("/?n=x").status_code == 422


def test_decorator_adds_the_request():
    """A cache's decorator takes a request that the endpoint does not ask for."""

    def cached(function):
        signature = inspect.signature(function)
        extra = inspect.Parameter("hidden_request", KEYWORD, annotation=Request)

        @functools.wraps(function)
        async def inner(*args, **kwargs):
            request = kwargs.pop("hidden_request")
            return [request.url.path, await function(*args, **kwargs)]

        inner.__signature__ = signature.replace(parameters=[*signature.parameters.values(), extra])
        return inner

    @cached
    async def read(n: int):
        return n

    assert served(read).get("/?n=3").json() == ["/", 3]


def test_rewritten_annotations_count():
    """Injection frameworks replace `__annotations__` before the route is declared."""

    def read(n):
        return type(n).__name__

    read.__annotations__ = {"n": Annotated[int, Query()]}
    assert served(read).get("/?n=3").json() == "int"


def test_partial_hides_what_is_given():
    """A partial's parameters are those that are left."""

    def read(a: int, b: int, *, c: int = 3):
        return [a, b, c]

    client = served(functools.partial(read, 1, c=5))
    assert client.get("/?b=2").json() == [1, 2, 5]


def test_instance_with_a_call_is_an_endpoint():
    """Objects that can be called, plainly or as coroutines."""

    class Plain:
        def __call__(self, n: int):
            return n

    class Asynchronous:
        async def __call__(self, n: Annotated[int, Depends(Plain())]):
            return n

    assert served(Plain(), name="p").get("/?n=1").json() == 1
    assert served(Asynchronous(), name="a").get("/?n=1").json() == 1


def test_signature_is_read_again_when_the_route_is_included():
    """Class-based views declare the route first, and rewrite the signature before it is included again."""
    app, router = FastAPI(), APIRouter()

    @router.get("/n")
    def read(self, n: int = 1):
        return [self, n]

    first, *rest = inspect.signature(read).parameters.values()
    read.__signature__ = inspect.Signature(
        [
            first.replace(kind=KEYWORD, default=Depends(lambda: "self")),
            *(p.replace(kind=KEYWORD) for p in rest),
        ]
    )
    app.include_router(router, prefix="/v")
    assert TestClient(app).get("/v/n?n=4").json() == ["self", 4]


@pytest.mark.parametrize("change", ["annotations", "defaults", "endpoint", "dependencies"])
def test_what_was_rewritten_is_analysed_again_at_inclusion(change):
    """Whatever a signature is read from."""
    router, ran = APIRouter(), []

    @router.get("/")
    def read(n: int = 1, *, k: int = 2):
        return [n, k]

    (route,) = router.routes
    if change == "annotations":
        read.__annotations__ = {"n": str, "k": int}
    elif change == "defaults":
        read.__kwdefaults__ = {"k": 5}
    elif change == "endpoint":
        route.endpoint = lambda n=7: [n]
    else:
        route.dependencies.append(Depends(lambda: ran.append(1)))
    app = FastAPI()
    app.include_router(router)
    expected = {"annotations": ["3", 2], "defaults": [3, 5], "endpoint": ["3"], "dependencies": [3, 2]}
    assert TestClient(app).get("/?n=3").json() == expected[change]
    assert len(ran) == (change == "dependencies")


def test_untouched_route_is_not_analysed_again_at_inclusion():
    """Reading a signature costs; a route that nobody rewrote keeps what was found out."""
    router = APIRouter()
    router.get("/")(lambda n: n)
    app = FastAPI()
    app.include_router(router, prefix="/p")
    assert app.routes[-1].plan.endpoint is router.routes[0].plan.endpoint


class View:
    """Methods of it become endpoints, as Ray Serve does it."""

    def __init__(self):
        self.greeting = "hello"

    async def greet(self, name: str, mark: str = "!"):
        """Greet."""
        return f"{self.greeting} {name}{mark}"

    async def talk(self, websocket: WebSocket, n: int = 1):
        """Talk."""
        await websocket.accept()
        await websocket.send_json([self.greeting, n])
        await websocket.close()


def rebind(app, cls, instance):
    """Take out the routes of a class's methods, give `self` a dependency, include them again."""
    router = APIRouter()
    methods = [
        route
        for route in app.routes
        if isinstance(route, APIRoute | APIWebSocketRoute) and cls.__qualname__ in route.endpoint.__qualname__
    ]
    for route in methods:
        app.routes.remove(route)
        first, *rest = inspect.signature(route.endpoint).parameters.values()
        route.endpoint.__signature__ = inspect.Signature(
            [first.replace(default=Depends(lambda: instance)), *(p.replace(kind=KEYWORD) for p in rest)]
        )
        router.routes.append(route)
    app.include_router(router)


def test_methods_of_a_class_are_bound_by_including_them_again():
    """Ray Serve moves the routes of a deployment's class into a router of its own."""
    app = FastAPI()
    app.get("/greet/{name}")(View.greet)
    app.websocket("/talk")(View.talk)
    app.get("/other")(lambda: "other")
    rebind(app, View, View())
    client = TestClient(app)
    assert client.get("/greet/you?mark=?").json() == "hello you?"
    assert client.get("/other").json() == "other"
    with client.websocket_connect("/talk?n=2") as session:
        assert session.receive_json() == ["hello", 2]
    parameters = app.openapi()["paths"]["/greet/{name}"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["name", "mark"]
    for function in (View.greet, View.talk):
        del function.__signature__


def test_route_class_may_rewrite_the_endpoint():
    """An injection framework's route class wraps the endpoint before its own constructor runs."""

    class Injecting(APIRoute):
        def __init__(self, path, endpoint, **options):
            parameters = list(inspect.signature(endpoint).parameters.values())

            def wrapped(**values):
                return endpoint(**values, service="service")

            wrapped.__signature__ = inspect.Signature([p for p in parameters if p.name != "service"])
            wrapped.__name__ = endpoint.__name__
            super().__init__(path, wrapped, **options)

    router = APIRouter(route_class=Injecting)

    @router.get("/{n}")
    def read(n: int, service: object):
        return [n, service]

    app = FastAPI()
    app.include_router(router)
    assert TestClient(app).get("/3").json() == [3, "service"]
