"""The flat list of routes, contexts, and what stands in the scope (compatibility 13.4.1 and 13.4.4)."""

import pytest
from starlette.routing import Match, Mount, Route

from rapide.fastapi import APIRouter, Depends, FastAPI, Request, WebSocket
from rapide.fastapi.openapi.utils import get_openapi
from rapide.fastapi.routing import (
    APIRoute,
    APIWebSocketRoute,
    RouteContext,
    _DefaultLifespan,
    _EffectiveRouteContext,
    _IncludedRouter,
    _iter_routes_with_context,
    _merge_lifespan_context,
    iter_route_contexts,
)
from rapide.fastapi.testclient import TestClient


@pytest.fixture
def app():
    """Return an application with nested routers, one of them included twice."""
    app, outer, inner = FastAPI(openapi_url=None), APIRouter(prefix="/outer"), APIRouter(tags=["inner"])
    inner.get("/a/{n:int}", name="read")(lambda n: n)

    @inner.websocket("/ws")
    async def talk(websocket: WebSocket):
        await websocket.accept()
        await websocket.close()

    outer.include_router(inner, prefix="/one", tags=["one"])
    outer.include_router(inner, prefix="/two", dependencies=[Depends(lambda: None)])
    app.get("/own")(lambda: "own")
    app.include_router(outer, prefix="/v1")
    app.mount("/static", FastAPI(), name="static")
    return app


PATHS = [
    "/own",
    "/v1/outer/one/a/{n:int}",
    "/v1/outer/one/ws",
    "/v1/outer/two/a/{n:int}",
    "/v1/outer/two/ws",
    "/static",
]


def test_routes_are_flat(app):
    """Every route stands in `app.routes` with its whole path, as what it is."""
    assert [route.path for route in app.routes] == PATHS
    kinds = [APIRoute, APIRoute, APIWebSocketRoute, APIRoute, APIWebSocketRoute, Mount]
    assert all(isinstance(route, kind) for route, kind in zip(app.routes, kinds, strict=True))
    assert isinstance(app.routes, list)
    assert not any(isinstance(route, _IncludedRouter | _EffectiveRouteContext) for route in app.routes)


def test_route_has_what_holds_at_its_place(app):
    """Tools read paths, tags, dependencies and methods off the routes."""
    one, two = app.routes[1], app.routes[3]
    assert (one.path_format, one.name, one.methods) == ("/v1/outer/one/a/{n}", "read", {"GET"})
    assert (one.tags, two.tags) == (["one", "inner"], ["inner"])
    assert (len(one.dependencies), len(two.dependencies)) == (0, 1)
    assert one.endpoint is two.endpoint
    assert one.unique_id == "read_v1_outer_one_a__n__get"
    assert one.matches({"type": "http", "path": "/v1/outer/one/a/3", "method": "GET"})[0] is Match.FULL


def test_routes_keep_their_identity(app):
    """What was found once is found again, so that tools can keep notes."""
    assert list(map(id, app.routes)) == list(map(id, app.routes))


def test_later_routes_appear(app):
    """A router stays live: routes that are added to it appear wherever it is included, at its place."""
    known = app.routes[1]
    app.router.routes[1].original_route  # noqa: B018 -- there is one
    inner = APIRouter()
    outer = APIRouter()
    outer.include_router(inner, prefix="/i")
    app.include_router(outer, prefix="/late")
    assert TestClient(app).get("/late/i/x").status_code == 404
    inner.get("/x")(lambda: "x")
    assert TestClient(app).get("/late/i/x").json() == "x"
    assert app.routes[-1].path == "/late/i/x"
    assert app.routes[1] is known


def test_contexts_show_every_route(app):
    """`iter_route_contexts` is the stable view that FastAPI offers."""
    contexts = list(iter_route_contexts(app.routes))
    assert [context.path for context in contexts] == PATHS
    one = contexts[1]
    assert isinstance(one, RouteContext)
    assert (one.path_format, one.name, one.methods) == ("/v1/outer/one/a/{n}", "read", {"GET"})
    assert one.endpoint is app.routes[1].endpoint
    assert one.route is app.routes[1]
    assert one.original_route is not one.route
    assert one.original_route.path == "/a/{n:int}"
    assert one.tags == ["one", "inner"]
    assert contexts[0].original_route is app.routes[0]
    assert one.matches({"type": "http", "path": "/v1/outer/one/a/3", "method": "GET"})[0] is Match.FULL
    assert contexts[-1].routes is not None
    assert contexts[0].host is None


def test_contexts_can_be_documented(app):
    """Contexts, filtered, go to `get_openapi`."""
    chosen = [
        context for context in iter_route_contexts(app.routes) if (context.path or "").startswith("/v1")
    ]
    document = get_openapi(title="t", version="1", routes=chosen)
    assert sorted(document["paths"]) == ["/v1/outer/one/a/{n}", "/v1/outer/two/a/{n}"]


def test_contexts_pass_through(app):
    """What is a context already stays one."""
    contexts = list(iter_route_contexts(app.routes))
    assert list(iter_route_contexts(contexts)) == contexts


def test_routes_stand_alone_beside_no_context(app):
    """The private view of FastAPI's tree gives each route, which knows all by itself."""
    assert [(route.path, context) for route, context in _iter_routes_with_context(app.routes)] == [
        (path, None) for path in PATHS
    ]


def test_scope_names_route_and_application(app):
    """Tools that report requests read the template of the path from the scope."""
    seen = {}

    @app.get("/scope/{n}")
    def look(request: Request, n: int):
        seen.update(request.scope)
        return n

    TestClient(app).get("/scope/3")
    assert seen["app"] is app
    assert seen["router"] is app.router
    assert seen["route"].path == "/scope/{n}"
    assert seen["endpoint"] is look
    assert seen["path_params"] == {"n": "3"}
    assert "fastapi" not in seen


def test_scope_of_an_included_route_has_the_context(app):
    """Below the key "fastapi" stands what holds where the route is included."""
    seen, router = {}, APIRouter()

    @router.get("/scope")
    def look(request: Request):
        seen.update(request.scope)

    app.include_router(router, prefix="/p", tags=["t"])
    TestClient(app).get("/p/scope")
    context = seen["fastapi"]["effective_route_context"]
    assert (context.path, context.path_format, context.tags) == ("/p/scope", "/p/scope", ["t"])
    assert "included_router" in seen["fastapi"]
    assert seen["route"].path == "/p/scope"


def test_scope_of_others_is_kept(app):
    """What middleware has put below the key stays there."""
    seen, router = {}, APIRouter()

    @router.get("/scope")
    def look(request: Request):
        seen.update(request.scope["fastapi"])

    app.include_router(router)

    async def mark(scope, receive, send):
        scope["fastapi"] = {"mine": 1}
        await app(scope, receive, send)

    TestClient(mark).get("/scope")
    assert seen["mine"] == 1


def test_exit_stacks_of_a_request_are_in_the_scope(app, monkeypatch):
    """Code that solves dependencies by itself finds where generators are left."""
    from contextlib import AsyncExitStack

    from rapide.fastapi import routing

    seen = {}
    original = routing.solve_dependencies

    async def look(**arguments):
        seen.update(arguments["request"].scope)
        return await original(**arguments)

    monkeypatch.setattr(routing, "solve_dependencies", look)
    TestClient(app).get("/own")
    assert isinstance(seen["fastapi_inner_astack"], AsyncExitStack)
    assert isinstance(seen["fastapi_function_astack"], AsyncExitStack)


def test_middleware_finds_the_route_by_matching(app):
    """Metrics walk `app.routes` before the application has chosen."""
    found = []

    async def metrics(scope, receive, send):
        for route in app.routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                found.append((route.path, child.get("path_params")))
                break
        await app(scope, receive, send)

    TestClient(metrics).get("/v1/outer/two/a/5")
    assert found == [("/v1/outer/two/a/{n:int}", {"n": 5})]


def test_starlette_routes_are_there_too():
    """The documentation's routes are plain ones of Starlette."""
    app = FastAPI()
    assert [type(route) for route in app.routes] == [Route] * 4
    assert [route.name for route in app.routes] == [
        "openapi",
        "swagger_ui_html",
        "swagger_ui_redirect",
        "redoc_html",
    ]


def test_lifespans_can_be_merged():
    """The two private names for lifespans do what FastAPI's do."""
    from contextlib import asynccontextmanager

    log, app = [], FastAPI()
    app.router.on_startup.append(lambda: log.append("up"))

    @asynccontextmanager
    async def mine(application):
        log.append("mine")
        yield {"a": 1}

    assert isinstance(app.router.lifespan_context, _DefaultLifespan)
    app.router.lifespan_context = _merge_lifespan_context(_DefaultLifespan(app.router), mine)
    with TestClient(app) as client:
        assert client.app_state == {"a": 1}
    assert log == ["up", "mine"]


@pytest.mark.anyio
async def test_the_default_lifespan_is_entered_as_it_is():
    """An extension that composes lifespans enters it without calling it, as in Starlette."""
    log, app = [], FastAPI()
    app.router.on_startup.append(lambda: log.append("up"))
    app.router.on_shutdown.append(lambda: log.append("down"))
    for _ in range(2):
        async with _DefaultLifespan(app.router):
            log.append("between")
    assert log == ["up", "between", "down"] * 2


def test_a_changed_list_of_routes_is_looked_at_again():
    """An extension replaces routes in the list, and says so; or it does not."""
    app, other = FastAPI(), FastAPI()

    @app.get("/")
    async def first():
        return 1

    @other.get("/")
    async def second():
        return 2

    client = TestClient(app)
    assert client.get("/").json() == 1
    app.router.routes[-1] = other.routes[-1]
    app.router._mark_routes_changed()
    assert client.get("/").json() == 2
