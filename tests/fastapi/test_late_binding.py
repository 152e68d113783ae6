"""What is changed on routes after they were declared, also while they serve (compatibility 13.4.2)."""

import asyncio
from typing import Annotated

import pytest
from pydantic import BaseModel
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, compile_path

from rapide.fastapi import APIRouter, Body, Depends, FastAPI, Form, Header, Request, WebSocket
from rapide.fastapi.dependencies.models import Dependant
from rapide.fastapi.dependencies.utils import (
    _get_body_field,
    _get_flat_body_params,
    _should_embed_body_fields,
    get_dependant,
    get_parameterless_sub_dependant,
)
from rapide.fastapi.routing import APIRoute, APIWebSocketRoute, request_response
from rapide.fastapi.testclient import TestClient


class Item(BaseModel):
    """A body."""

    name: str


@pytest.fixture(params=["before the first request", "while serving"])
def served(request):
    """Return the client of an application, and its only route; it may have served a request already."""
    app = FastAPI()

    @app.get("/items/{n}")
    def read(n: int, q: str = "q"):
        return {"n": n, "q": q}

    client = TestClient(app)
    if request.param == "while serving":
        assert client.get("/items/1").json() == {"n": 1, "q": "q"}
    return client, app.routes[-1]


# ------------------------------------------------------------------------------------------ the dependant


def test_dependant_is_made_when_it_is_asked_for():
    """A route that nobody looks into has no dependant."""
    app = FastAPI()
    app.get("/")(lambda: 1)
    assert TestClient(app).get("/").json() == 1
    route = app.routes[-1]
    assert "_dependant" not in vars(route)
    assert isinstance(route.dependant, Dependant)
    assert route.dependant is route.dependant


def test_dependant_says_what_the_endpoint_needs():
    """The lists hold the fields, the names what comes from the connection, `dependencies` the rest."""

    def user(token: str = Header()):
        return token

    def read(n: int, request: Request, item: Item, who: Annotated[str, Depends(user)], q: str = "q"):
        return None

    route = APIRoute("/items/{n}", read, methods=["POST"])
    dependant = route.dependant
    assert (dependant.call, dependant.path, dependant.scope) == (read, "/items/{n}", "function")
    assert [field.name for field in dependant.path_params] == ["n"]
    assert [field.name for field in dependant.query_params] == ["q"]
    assert [field.name for field in dependant.body_params] == ["item"]
    assert dependant.request_param_name == "request"
    (below,) = dependant.dependencies
    assert (below.name, below.call, below.path) == ("who", user, "/items/{n}")
    assert [field.alias for field in below.header_params] == ["token"]


def test_replaced_call_runs(served):
    """A dependency-injection container puts its own function in the place of the endpoint."""
    client, route = served
    original = route.dependant.call
    route.dependant.call = lambda **values: {"wrapped": original(**values)}
    assert client.get("/items/2?q=x").json() == {"wrapped": {"n": 2, "q": "x"}}
    route.dependant.call = original
    assert client.get("/items/3").json() == {"n": 3, "q": "q"}


def test_replaced_call_may_be_a_coroutine(served):
    """How a call runs is found out again."""
    client, route = served

    async def replaced(n, q):
        await asyncio.sleep(0)
        return {"async": n}

    route.dependant.call = replaced
    assert client.get("/items/2").json() == {"async": 2}


def test_connection_parameter_can_be_added(served):
    """A container asks for the connection under a name of its own."""
    client, route = served
    route.dependant.call = lambda n, q, hidden: [n, hidden.url.path]
    route.dependant.http_connection_param_name = "hidden"
    assert client.get("/items/5").json() == [5, "/items/5"]


def test_connection_parameter_wins_over_a_field_of_its_name(served):
    """Each argument is given once."""
    client, route = served
    route.dependant.call = lambda n, q: type(q).__name__
    route.dependant.request_param_name = "q"
    assert client.get("/items/5").json() == "Request"


@pytest.mark.parametrize("way", ["append", "insert", "assign", "extend", "iadd"])
def test_added_dependency_runs(served, way):
    """However a dependency gets into the list."""
    client, route = served
    ran = []

    def noted(flag: int = Header(0)):
        ran.append(flag)

    added = get_parameterless_sub_dependant(depends=Depends(noted), path=route.path_format)
    dependencies = route.dependant.dependencies
    if way == "append":
        dependencies.append(added)
    elif way == "insert":
        dependencies.insert(0, added)
    elif way == "extend":
        dependencies.extend([added])
    elif way == "iadd":
        dependencies += [added]
    else:
        route.dependant.dependencies = [*dependencies, added]
    assert client.get("/items/1", headers={"flag": "3"}).json() == {"n": 1, "q": "q"}
    assert ran == [3]
    assert client.get("/items/1", headers={"flag": "x"}).status_code == 422


def test_added_dependency_can_itself_be_changed(served):
    """What joined a route's graph is part of it."""
    client, route = served
    ran = []
    added = get_parameterless_sub_dependant(depends=Depends(lambda: ran.append("first")), path="/")
    route.dependant.dependencies.append(added)
    client.get("/items/1")
    added.call = lambda: ran.append("second")
    client.get("/items/1")
    assert ran == ["first", "second"]


def test_removed_parameter_is_not_read_any_more(served):
    """Lists of parameters count as they are."""
    client, route = served
    route.dependant.query_params.clear()
    route.dependant.call = lambda **values: sorted(values)
    assert client.get("/items/1?q=x").json() == ["n"]


def test_replaced_dependant_runs(served):
    """The whole graph can be another one."""
    client, route = served
    route.dependant = get_dependant(path="/items/{n}", call=lambda n, h=Header("h"): [n, h])
    assert client.get("/items/7", headers={"h": "x"}).json() == ["7", "x"]


def test_change_of_one_route_leaves_the_others():
    """Only the changed route is compiled again."""
    app = FastAPI()
    app.get("/a")(lambda: "a")
    app.get("/b")(lambda: "b")
    client = TestClient(app)
    a, b = app.routes[-2:]
    assert [client.get("/a").json(), client.get("/b").json()] == ["a", "b"]
    compiled = b.handler()
    a.dependant.call = lambda: "changed"
    assert [client.get("/a").json(), client.get("/b").json()] == ["changed", "b"]
    assert b.handler() is compiled


def test_change_shows_in_the_document():
    """OpenAPI tells what a request is asked for now."""
    app = FastAPI()
    app.get("/a")(lambda: "a")

    def paged(page: int = 1):
        return page

    sub = get_parameterless_sub_dependant(depends=Depends(paged), path="/a")
    app.routes[-1].dependant.dependencies.append(sub)
    (parameter,) = app.openapi()["paths"]["/a"]["get"]["parameters"]
    assert parameter["name"] == "page"


def test_overrides_hold_for_a_changed_dependant(served):
    """`dependency_overrides` replaces what was added, too."""
    client, route = served
    ran = []

    def original():
        ran.append("original")

    sub = get_parameterless_sub_dependant(depends=Depends(original), path="/")
    route.dependant.dependencies.append(sub)
    client.app.dependency_overrides[original] = lambda: ran.append("fake")
    client.get("/items/1")
    client.app.dependency_overrides.clear()
    client.get("/items/1")
    assert ran == ["fake", "original"]


def test_dependant_of_a_socket_can_be_changed():
    """WebSocket routes are bound as late as others."""
    app = FastAPI()

    @app.websocket("/ws")
    async def talk(websocket: WebSocket, q: int = 1):
        await websocket.accept()
        await websocket.send_json({"q": q})
        await websocket.close()

    client, route = TestClient(app), app.routes[-1]
    with client.websocket_connect("/ws") as session:
        assert session.receive_json() == {"q": 1}

    async def replaced(q, connection):
        await connection.accept()
        await connection.send_json({"replaced": q})
        await connection.close()

    route.dependant.call = replaced
    route.dependant.websocket_param_name = None
    route.dependant.http_connection_param_name = "connection"
    with client.websocket_connect("/ws?q=3") as session:
        assert session.receive_json() == {"replaced": 3}


def test_route_of_an_inclusion_has_a_dependant_of_its_own():
    """What is changed where a router is included stays there."""
    router = APIRouter()
    router.get("/a")(lambda: "as declared")
    app = FastAPI()
    app.include_router(router, prefix="/one")
    app.include_router(router, prefix="/two")
    client = TestClient(app)
    client.get("/one/a")
    one = next(route for route in app.routes if route.path == "/one/a")
    assert one.dependant.path == "/one/a"
    one.dependant.call = lambda: "changed"
    assert client.get("/one/a").json() == "changed"
    assert client.get("/two/a").json() == "as declared"


def test_included_route_is_made_of_endpoint_and_dependencies():
    """As in FastAPI, an inclusion does not take over what was changed on the declared route's dependant."""
    ran = []
    router = APIRouter()
    router.get("/a")(lambda: "as declared")
    (route,) = router.routes
    route.dependant.call = lambda: "changed"
    route.dependencies.append(Depends(lambda: ran.append("added")))
    app = FastAPI()
    app.include_router(router)
    assert TestClient(app).get("/a").json() == "as declared"
    assert ran == ["added"]


# ------------------------------------------------------------------------------------------ other attributes


async def answer_ours(scope, receive, send):
    """Answer in the place of a route."""
    await PlainTextResponse(f"ours {scope['route'].path}")(scope, receive, send)


def test_replaced_app_runs(served):
    """Extensions put an ASGI application in the place of the route's."""
    client, route = served
    route.app = answer_ours
    assert client.get("/items/1").text == "ours /items/{n}"
    assert client.post("/items/1").status_code == 405


def test_app_can_be_wrapped(served):
    """What a route's `app` is before can be called by what is put there."""
    client, route = served
    original, seen = route.app, []

    async def wrapped(scope, receive, send):
        seen.append(scope["path"])
        await original(scope, receive, send)

    route.app = wrapped
    assert client.get("/items/1").json() == {"n": 1, "q": "q"}
    assert seen == ["/items/1"]


def test_app_is_rebuilt_from_a_changed_dependant(served):
    """A pagination package changes the dependant, then makes the application of the route again."""
    client, route = served
    paged = []
    sub = get_parameterless_sub_dependant(depends=Depends(lambda page=1: paged.append(page)), path="/")
    route.dependencies.append(Depends(sub.call))
    route.dependant.dependencies.append(sub)
    flat = _get_flat_body_params(route.dependant)
    route._embed_body_fields = _should_embed_body_fields(flat)
    route.body_field = _get_body_field(
        body_params=flat, name=route.unique_id, embed_body_fields=route._embed_body_fields
    )
    route.app = request_response(route.get_route_handler())
    assert client.get("/items/1?page=4").json() == {"n": 1, "q": "q"}
    assert paged == ["4"]


def test_body_that_a_dependency_brings_is_read_after_the_body_field_was_set():
    """A route without a body has one when its dependant and its body field say so."""
    app = FastAPI()
    app.post("/a")(lambda: "a")
    route, seen = app.routes[-1], []
    sub = get_parameterless_sub_dependant(depends=Depends(lambda item=Body(): seen.append(item)), path="/a")
    route.dependant.dependencies.append(sub)
    route.body_field = _get_body_field(
        body_params=_get_flat_body_params(route.dependant), name="x", embed_body_fields=False
    )
    client = TestClient(app)
    assert client.post("/a", json={"k": 1}).json() == "a"
    route.app = request_response(route.get_route_handler())
    assert client.post("/a", json={"k": 2}).json() == "a"
    assert seen == [{"k": 1}, {"k": 2}]


def test_body_is_left_alone_when_the_body_field_is_none():
    """Without a body field nothing is read."""
    app = FastAPI()

    @app.post("/a")
    async def read(request: Request, item: Annotated[Item | None, Body()] = None):
        return [item, (await request.body()).decode()]

    client, route = TestClient(app), app.routes[-1]
    assert client.post("/a", json={"name": "x"}).json()[0] == {"name": "x"}
    route.body_field = None
    assert client.post("/a", content=b"raw").json() == [None, "raw"]


def test_embedding_can_be_switched():
    """Whether the body holds the parameter by name is looked up late."""
    app = FastAPI()
    app.post("/a")(read_item)
    client, route = TestClient(app), app.routes[-1]
    assert client.post("/a", json={"name": "x"}).json() == {"name": "x"}
    route._embed_body_fields = True
    assert client.post("/a", json={"item": {"name": "x"}}).json() == {"name": "x"}


def read_item(item: Item):
    """Return the body."""
    return item


def test_body_field_describes_the_body():
    """One parameter is the body itself, several are members of it, files make it multipart."""

    def several(item: Item, n: int = Body()):
        return None

    def form(a: str = Form(), b: bytes = Form()):
        return None

    assert APIRoute("/", read_item).body_field.field_info.annotation is Item
    whole = APIRoute("/", several, methods=["POST"], name="s").body_field
    assert whole.name == "body"
    assert sorted(whole.field_info.annotation.model_fields) == ["item", "n"]
    assert whole.field_info.annotation.__name__ == "Body_s__post"
    assert isinstance(APIRoute("/", form).body_field.field_info, type(Form()))
    assert APIRoute("/", lambda: None).body_field is None


def test_replaced_handle_runs(served):
    """Instrumentation replaces `handle` of a single route."""
    client, route = served
    route.handle = answer_ours
    assert client.get("/items/1").text == "ours /items/{n}"


def test_moved_route_is_found_at_its_new_path(served):
    """The recipe for a prefix: change the path, and what Starlette derives from it."""
    client, route = served
    route.path = "/moved/{n}"
    route.path_regex, route.path_format, route.param_convertors = compile_path(route.path)
    assert client.get("/moved/4").json() == {"n": 4, "q": "q"}
    assert client.get("/items/4").status_code == 404


def test_changed_methods_count(served):
    """The table of paths follows a route's methods."""
    client, route = served
    route.methods = {"PUT"}
    assert client.put("/items/4").json() == {"n": 4, "q": "q"}
    assert client.get("/items/4").status_code == 405


@pytest.mark.parametrize(
    "name",
    ["response_field", "response_fields", "response_model", "unique_id", "is_sse_stream", "stream_item_type"],
)
def test_derived_attribute_can_be_set(name):
    """FastAPI's attributes are plain ones."""
    route = APIRoute("/", lambda: 1)
    setattr(route, name, "mine")
    assert getattr(route, name) == "mine"


def test_routes_of_the_application_can_be_replaced():
    """`app.routes[:] = …` and removal count, before and after the first request."""
    app = FastAPI()
    app.get("/a")(lambda: "a")
    app.get("/b")(lambda: "b")
    client = TestClient(app)
    assert client.get("/a").json() == "a"
    app.routes[:] = [route for route in app.routes if route.path != "/a"]
    assert client.get("/a").status_code == 404
    app.routes.append(APIRoute("/c", lambda: "c"))
    assert client.get("/c").json() == "c"
    app.routes.remove(app.routes[-1])
    assert client.get("/c").status_code == 404
    assert client.get("/b").json() == "b"


def test_lifespan_of_the_router_can_be_wrapped():
    """Extensions put themselves around `app.router.lifespan_context`."""
    from contextlib import asynccontextmanager

    app, log = FastAPI(), []
    original = app.router.lifespan_context

    @asynccontextmanager
    async def wrapped(application):
        log.append("in")
        async with original(application) as state:
            yield state
        log.append("out")

    app.router.lifespan_context = wrapped
    with TestClient(app):
        assert log == ["in"]
    assert log == ["in", "out"]


# ------------------------------------------------------------------------------------------ classes


class Shouting(APIRoute):
    """A route class with a handler of its own."""

    def get_route_handler(self):
        original = super().get_route_handler()

        async def shout(request):
            response = await original(request)
            return PlainTextResponse(response.body.decode().upper())

        return shout


def test_route_class_has_its_handler():
    """`get_route_handler` of a route class wraps the one of FastAPI."""
    router = APIRouter(route_class=Shouting)
    router.get("/a")(lambda: "quiet")
    app = FastAPI()
    app.include_router(router, prefix="/p")
    assert TestClient(app).get("/p/a").text == '"QUIET"'


def test_route_class_may_be_abstract():
    """The metaclass of routes goes together with ABC."""
    from abc import ABC, abstractmethod

    class Described(APIRoute, ABC):
        @abstractmethod
        def text(self):
            """Say something."""

    class Concrete(Described):
        def text(self):
            return "said"

    assert Concrete("/", lambda: 1).text() == "said"
    with pytest.raises(TypeError, match="abstract"):
        Described("/", lambda: 1)


@pytest.mark.parametrize("cls", [APIRoute, APIWebSocketRoute])
def test_class_of_routes_can_be_patched_while_serving(monkeypatch, cls):
    """Instrumentation puts its own method on the class; routes run through it until it is gone."""
    app, seen = FastAPI(), []
    app.get("/a")(lambda: "a")

    @app.websocket("/ws")
    async def talk(websocket: WebSocket):
        await websocket.accept()
        await websocket.close()

    client = TestClient(app)

    def use():
        with client.websocket_connect("/ws"):
            pass
        return client.get("/a").json()

    use()
    original = cls.handle

    async def traced(self, scope, receive, send):
        seen.append(self.path)
        await original(self, scope, receive, send)

    monkeypatch.setattr(cls, "handle", traced)
    assert use() == "a"
    assert seen == ["/a" if cls is APIRoute else "/ws"]
    monkeypatch.undo()
    use()
    assert len(seen) == 1


def test_patched_get_route_handler_counts_while_serving(monkeypatch):
    """The class's own `get_route_handler` can be replaced, too."""
    app = FastAPI()
    app.get("/a")(lambda: "a")
    client = TestClient(app)
    client.get("/a")

    def get_route_handler(self):
        async def handler(request):
            return PlainTextResponse("patched")

        return handler

    monkeypatch.setattr(APIRoute, "get_route_handler", get_route_handler)
    assert client.get("/a").text == "patched"
    monkeypatch.undo()
    assert client.get("/a").json() == "a"


def test_patched_constructor_sees_each_route(monkeypatch):
    """Tracers wrap `APIRoute.__init__` to find endpoints."""
    seen, original = [], APIRoute.__init__

    def traced(self, path, endpoint, **options):
        seen.append((path, endpoint.__name__))
        original(self, path, endpoint, **options)

    monkeypatch.setattr(APIRoute, "__init__", traced)
    FastAPI().get("/a")(answer_ours)
    assert seen == [("/a", "answer_ours")]


def test_patched_mount_handle_is_called(monkeypatch):
    """Starlette's `Mount.handle` is looked up for each request."""
    app, inner, seen = FastAPI(), FastAPI(), []
    inner.get("/a")(lambda: "inner")
    app.mount("/m", inner)
    client = TestClient(app)
    assert client.get("/m/a").json() == "inner"
    original = Mount.handle

    async def traced(self, scope, receive, send):
        seen.append(scope["path"])
        await original(self, scope, receive, send)

    monkeypatch.setattr(Mount, "handle", traced)
    assert client.get("/m/a").json() == "inner"
    assert seen == ["/m/a"]


def test_overridden_matches_decides():
    """A route class may match by what it wants, and leave notes in the scope."""
    from starlette.routing import Match

    class ByHeader(APIRoute):
        def matches(self, scope):
            match, child = super().matches(scope)
            if (b"x-want", b"yes") not in scope["headers"]:
                return Match.NONE, {}
            return match, {**child, "fastapi": {"noted": 1}}

    router = APIRouter(route_class=ByHeader)

    @router.get("/a/{n}")
    def read(n: int, request: Request):
        return [n, request.scope["fastapi"]["noted"], request.scope["route"].path]

    app = FastAPI()
    app.include_router(router)
    client = TestClient(app)
    assert client.get("/a/1").status_code == 404
    assert client.get("/a/1", headers={"x-want": "yes"}).json() == [1, 1, "/a/{n}"]


def test_match_of_a_route_names_it():
    """Middleware asks the routes which of them takes a request."""
    from starlette.routing import Match

    route = APIRoute("/a/{n}", lambda n: n)
    match, child = route.matches({"type": "http", "path": "/a/1", "method": "GET"})
    assert (match, child["route"], child["path_params"]) == (Match.FULL, route, {"n": "1"})
    assert route.matches({"type": "http", "path": "/b", "method": "GET"}) == (Match.NONE, {})


def test_another_response_model_holds_for_inclusions_too():
    """An extension that makes versions of a route gives it another model, and includes it."""

    class Whole(BaseModel):
        name: str
        price: int

    class Part(BaseModel):
        name: str

    router, app = APIRouter(), FastAPI()

    @router.get("/", response_model=Whole)
    def endpoint():
        return {"name": "pen", "price": 1}

    router.routes[-1].response_model = Part
    assert router.routes[-1].response_model is Part
    app.include_router(router)
    client = TestClient(app)
    assert client.get("/").json() == {"name": "pen"}
    assert list(app.openapi()["components"]["schemas"]) == ["Part"]
    app.routes[-1].response_model = Whole
    assert client.get("/").json() == {"name": "pen", "price": 1}
