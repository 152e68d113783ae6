"""Routers that decide for themselves, by `matches` and `handle` of their own."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Match

from rapide import APIRouter, Rapide
from rapide.fastapi import FastAPI, WebSocket, WebSocketDisconnect
from rapide.testclient import TestClient


def router_that_notes(name, log):
    """Return a router that notes each question and each request in `log`."""

    class Noting(APIRouter):
        def matches(self, scope):
            match, child = super().matches(scope)
            log.append((name, scope["path"], match.name))
            return match, child

        async def handle(self, scope, receive, send):
            log.append((name, scope["path"], "handle"))
            await super().handle(scope, receive, send)

    return Noting()


def serve(app, path, method="GET", **options):
    """Return status and text of an answer."""
    response = TestClient(app).request(method, path, follow_redirects=False, **options)
    return response.status_code, response.text


@pytest.fixture(params=[Rapide, FastAPI])
def app(request):
    """Return an application of either face."""
    return request.param(openapi_url=None)


def test_router_is_asked_and_runs_its_routes(app):
    """Once to find out, and once more inside `handle`, which runs the route."""
    log = []
    router = router_that_notes("r", log)
    router.get("/a/{n}")(lambda n: n)
    app.include_router(router, prefix="/p")
    assert serve(app, "/p/a/1") == (200, '"1"')
    assert log == [("r", "/p/a/1", "FULL"), ("r", "/p/a/1", "handle")]
    assert serve(app, "/elsewhere")[0] == 404


def test_nested_routers_ask_each_other(app):
    """The outer one asks the inner one, at each place where it is included."""
    log = []
    outer, inner = router_that_notes("outer", log), router_that_notes("inner", log)
    inner.get("/a")(lambda: "a")
    outer.include_router(inner, prefix="/i")
    app.include_router(outer, prefix="/one")
    app.include_router(outer, prefix="/two")
    assert serve(app, "/two/i/a") == (200, '"a"')
    found = [entry for entry in log if entry[2] != "NONE"]
    path = "/two/i/a"
    assert found[0] == ("inner", path, "FULL")
    assert [entry for entry in found if entry[2] == "handle"] == [
        ("outer", path, "handle"),
        ("inner", path, "handle"),
    ]


def test_plain_router_inside_one_that_decides(app):
    """Its routes belong to those of the router around it."""
    log, plain = [], APIRouter()
    outer = router_that_notes("outer", log)
    plain.get("/a")(lambda: "a")
    outer.include_router(plain, prefix="/i")
    outer.get("/b")(lambda: "b")
    app.include_router(outer)
    assert [serve(app, "/i/a"), serve(app, "/b")] == [(200, '"a"'), (200, '"b"')]
    assert [entry[1] for entry in log if entry[2] == "handle"] == ["/i/a", "/b"]


def test_router_that_decides_inside_a_plain_one(app):
    """The plain one around it changes nothing."""
    log, plain = [], APIRouter()
    inner = router_that_notes("inner", log)
    inner.get("/a")(lambda: "a")
    plain.get("/b")(lambda: "b")
    plain.include_router(inner, prefix="/i")
    app.include_router(plain, prefix="/p")
    assert [serve(app, "/p/i/a"), serve(app, "/p/b")] == [(200, '"a"'), (200, '"b"')]
    assert [entry[1] for entry in log if entry[2] == "handle"] == ["/p/i/a"]


def test_router_that_steps_back_leaves_the_request_to_others(app):
    """A version in a header chooses among routers with the same paths."""

    class Versioned(APIRouter):
        def __init__(self, version, **options):
            super().__init__(**options)
            self.wanted = version

        def matches(self, scope):
            if dict(scope["headers"]).get(b"x-version", b"1") != self.wanted:
                return Match.NONE, {}
            return super().matches(scope)

    two, one = Versioned(b"2"), Versioned(b"1")
    two.get("/a")(lambda: "two")
    one.get("/a", name="one")(lambda: "one")
    app.include_router(two)
    app.include_router(one)
    client = TestClient(app)
    assert client.get("/a").json() == "one"
    assert client.get("/a", headers={"x-version": "2"}).json() == "two"
    assert client.get("/a", headers={"x-version": "3"}).status_code == 404


def test_router_may_answer_itself(app):
    """`handle` need not call a route at all, nor need `matches` find one."""

    class Maintenance(APIRouter):
        def matches(self, scope):
            return (Match.FULL, {}) if scope["path"].startswith("/closed") else (Match.NONE, {})

        async def handle(self, scope, receive, send):
            await PlainTextResponse("closed", 503)(scope, receive, send)

    app.include_router(Maintenance())
    assert serve(app, "/closed/for/now") == (503, "closed")


def test_wrong_method_is_refused_through_the_router():
    """A path that matches without its method is a 405, and goes through `handle`."""
    log, app = [], FastAPI(openapi_url=None)
    router = router_that_notes("r", log)
    router.get("/a")(lambda: "a")
    app.include_router(router)
    assert serve(app, "/a", "POST") == (405, '{"detail":"Method Not Allowed"}')
    assert ("r", "/a", "PARTIAL") in log
    assert ("r", "/a", "handle") in log


def test_other_slash_is_redirected():
    """The rule for trailing slashes asks the router, too."""
    app = FastAPI(openapi_url=None)
    router = router_that_notes("r", [])
    router.get("/a/")(lambda: "a")
    app.include_router(router)
    assert serve(app, "/a")[0] == 307


def test_sockets_go_through_the_router(app):
    """WebSocket connections as well."""
    log = []
    router = router_that_notes("r", log)

    @router.websocket("/ws/{n}")
    async def talk(websocket: WebSocket, n: int):
        await websocket.accept()
        await websocket.send_json(n)
        await websocket.close()

    app.include_router(router, prefix="/p")
    with TestClient(app).websocket_connect("/p/ws/4") as session:
        assert session.receive_json() == 4
    assert log[-1] == ("r", "/p/ws/4", "handle")
    with pytest.raises(WebSocketDisconnect), TestClient(app).websocket_connect("/p/none"):
        pass


def test_routes_added_later_are_found(app):
    """A router that decides stays live like any other."""
    router = router_that_notes("r", [])
    app.include_router(router)
    assert serve(app, "/late")[0] == 404
    router.get("/late")(lambda: "late")
    assert serve(app, "/late") == (200, '"late"')


def test_mounts_and_dependencies_work_behind_the_router(app):
    """Whatever a router can hold."""
    router, inner = router_that_notes("r", []), type(app)(openapi_url=None)
    inner.get("/x")(lambda: "x")
    router.mount("/m", inner)
    app.include_router(router, prefix="/p")
    assert serve(app, "/p/m/x") == (200, '"x"')


def test_router_can_be_asked_alone():
    """Outside an application it speaks of its own routes."""
    router = APIRouter()
    router.get("/a")(lambda: "a")
    scope = {"type": "http", "method": "GET", "path": "/a", "headers": []}
    match, child = router.matches(scope)
    assert (match, child["route"]) == (Match.FULL, router.routes[0])
    assert router.matches({**scope, "method": "POST"})[0] is Match.PARTIAL
    assert router.matches({**scope, "path": "/b"}) == (Match.NONE, {})
    assert router.matches({"type": "lifespan"}) == (Match.NONE, {})
