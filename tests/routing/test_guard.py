"""The `auth` option: the nearest wins, and everything below an application that has it is closed."""

import copy
import pickle
from typing import Annotated, Any

import cloudpickle
import pytest
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request as RawRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Host, Mount, Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from rapide import APIRouter, Depends, HTTPException, Rapide, Request, Security, WebSocket
from rapide.auth import public
from rapide.behaviour import FASTAPI, RAPIDE
from rapide.fastapi import FastAPI
from rapide.routing import APIRoute, APIWebSocketRoute
from rapide.security import HTTPBearer, OAuth2PasswordBearer, SecurityScopes
from rapide.testclient import TestClient

scheme = OAuth2PasswordBearer("token", auto_error=False)


async def current_user(_token: Annotated[str | None, Depends(scheme)]) -> str | None:
    """The user is the _token."""
    return _token


async def is_admin(user: Annotated[str | None, Depends(current_user)]) -> bool | None:
    """One of the users may do everything."""
    return None if user is None else user == "admin"


def _token(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


def _client_of(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


def statuses(app: Any, path: str) -> list[int]:
    """What nobody, a user and the administrator get."""
    client = _client_of(app)
    return [client.get(path, headers=headers).status_code for headers in ({}, _token("ada"), _token("admin"))]


async def _hello() -> str:
    return "hello"


async def _raw(request: RawRequest) -> Response:
    return PlainTextResponse("raw")


async def _asgi(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("mounted")(scope, receive, send)


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_application_closes_what_says_nothing(face: Any) -> None:
    """A forgotten route is closed; the marked one is open; the nearest option is the one that counts."""
    app = face(auth=current_user)
    app.get("/forgotten")(_hello)
    app.get("/open", auth=public)(_hello)
    app.get("/admin", auth=is_admin)(_hello)
    assert statuses(app, "/forgotten") == [401, 200, 200]
    assert statuses(app, "/open") == [200, 200, 200]
    assert statuses(app, "/admin") == [401, 403, 200]


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_nearest_option_wins_at_every_level(face: Any) -> None:
    """Route before router, router before inclusion, inclusion before application."""
    app = face(auth=public)
    router = APIRouter(auth=current_user)
    router.get("/router")(_hello)
    router.get("/route", auth=is_admin)(_hello)
    silent = APIRouter()
    silent.get("/inclusion")(_hello)
    outer = APIRouter()
    outer.include_router(router)
    outer.include_router(silent, auth=is_admin)
    app.include_router(outer)
    app.get("/application")(_hello)
    assert statuses(app, "/router") == [401, 200, 200]
    assert statuses(app, "/route") == [401, 403, 200]
    assert statuses(app, "/inclusion") == [401, 403, 200]
    assert statuses(app, "/application") == [200, 200, 200]


def test_router_is_another_one_wherever_it_is_included() -> None:
    """Two inclusions of one router do not know each other, and the router itself stays as it was."""
    router = APIRouter()
    router.get("/a")(_hello)
    app = Rapide()
    app.include_router(router, prefix="/closed", auth=current_user)
    app.include_router(router, prefix="/open")
    assert statuses(app, "/closed/a") == [401, 200, 200]
    assert statuses(app, "/open/a") == [200, 200, 200]


def test_without_the_option_nothing_is_asked() -> None:
    """An application that never says `auth` has the plans and handlers that it had."""
    app = Rapide()
    app.get("/a")(_hello)
    [route] = [route for route in app.routes if isinstance(route, APIRoute)]
    assert route.plan.auth is None
    assert route.plan.endpoint.dependencies == ()
    assert statuses(app, "/a") == [200, 200, 200]


def _foreign_routes() -> list[Any]:
    class Endpoint(HTTPEndpoint):
        async def get(self, request: RawRequest) -> Response:
            return PlainTextResponse("endpoint")

    return [
        Route("/raw", _raw),
        Route("/class", Endpoint),
        Mount("/mount", app=_asgi),
        Mount("/starlette", app=Starlette(routes=[Route("/in", _raw)])),
        Mount("/list", routes=[Route("/in", _raw)]),
        Host("inner.example", app=_asgi),
        APIRoute("/by-hand", _hello),
    ]


PATHS = ["/raw", "/class", "/mount/", "/mount/x/y", "/starlette/in", "/list/in", "/by-hand"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("way", ["option", "append", "assign", "router"])
def test_what_is_not_declared_by_us_is_closed_too(path: str, way: str) -> None:
    """Raw routes, mounts and routes made by hand are no way around, however they came into the list."""
    routes = _foreign_routes()
    app = Rapide(auth=current_user, routes=routes if way == "option" else [])
    if way == "append":
        for route in routes:
            app.routes.append(route)
    elif way == "assign":
        app.router.routes = [*app.router.routes, *routes]
    elif way == "router":
        router = APIRouter()
        router.routes.extend(routes)
        app.include_router(router)
    assert statuses(app, path) == [401, 200, 200]


def test_hosts_are_closed() -> None:
    """A Host route takes all paths of its host, and asks."""
    app = Rapide(auth=current_user)
    app.host("inner.example", _asgi)
    client = _client_of(app)
    assert client.get("/x", headers={"host": "inner.example"}).status_code == 401
    assert client.get("/x", headers={"host": "inner.example", **_token("ada")}).text == "mounted"


@pytest.mark.parametrize("way", ["mount", "router"])
def test_mount_can_be_public(way: str) -> None:
    """Files of a login page are for everybody."""
    app = Rapide(auth=current_user)
    if way == "mount":
        app.mount("/files", _asgi, auth=public)
    else:
        router = APIRouter(prefix="/files", auth=public)
        router.mount("", _asgi)
        app.include_router(router)
    assert statuses(app, "/files/a") == [200, 200, 200]


def test_mounted_application_with_its_own_auth_decides_itself() -> None:
    """Nearest wins across a mount; a mounted application that says nothing is behind the outer one's."""
    own, silent, app = Rapide(auth=public), Rapide(), Rapide(auth=current_user)
    for inner in (own, silent):
        inner.get("/a")(_hello)
    app.mount("/own", own)
    app.mount("/silent", silent)
    assert statuses(app, "/own/a") == [200, 200, 200]
    assert statuses(app, "/silent/a") == [401, 200, 200]
    assert statuses(app, "/silent/docs") == [401, 200, 200]


def test_foreign_application_with_attributes_of_these_names_is_closed() -> None:
    """Only routers of ours decide who may call them: an attribute that is called `auth` closes nothing."""

    class Foreign:
        def __init__(self) -> None:
            self.router = self
            self.auth = "whatever"

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await _asgi(scope, receive, send)

    app = Rapide(auth=current_user)
    app.mount("/foreign", Foreign())
    assert statuses(app, "/foreign/a") == [401, 200, 200]


def test_gate_uses_the_parameters_of_the_mount() -> None:
    """A policy of a mount may ask for what stands in its path."""

    async def is_tenant(tenant: str, user: Annotated[str | None, Depends(current_user)]) -> bool | None:
        return None if user is None else user == tenant

    app = Rapide()
    app.mount("/tenants/{tenant}", _asgi, auth=is_tenant)
    client = _client_of(app)
    assert client.get("/tenants/ada/x", headers=_token("ada")).text == "mounted"
    assert client.get("/tenants/bob/x", headers=_token("ada")).status_code == 403


def test_frontends_are_closed_or_public(tmp_path: Any) -> None:
    """Files of a frontend are behind the application's option, unless the frontend is marked."""
    (tmp_path / "index.html").write_text("page")
    app = Rapide(auth=current_user)
    app.frontend("/closed", directory=tmp_path)
    app.frontend("/open", directory=tmp_path, auth=public)
    assert statuses(app, "/closed/") == [401, 200, 200]
    assert statuses(app, "/open/") == [200, 200, 200]


def test_documentation_is_served_to_everybody() -> None:
    """One logs in on the documentation page, so it cannot be behind the login."""
    app = Rapide(auth=current_user)
    assert [statuses(app, path) for path in ("/docs", "/redoc", "/openapi.json")] == [[200, 200, 200]] * 3


def test_body_of_a_refused_client_is_not_read() -> None:
    """Who may not call gets 401 before 422, and before the first byte of the body."""
    app = Rapide(auth=current_user)

    @app.post("/items")
    async def make(item: dict[str, int]) -> None: ...

    client = _client_of(app)
    wrong = {"content": b"no json", "headers": {"content-type": "application/json"}}
    assert client.post("/items", **wrong).status_code == 401
    wrong["headers"].update(_token("ada"))
    assert client.post("/items", **wrong).status_code == 422


def test_result_is_shared_with_the_endpoint() -> None:
    """Who asks for the user again gets the one that was let in: the dependency runs once."""
    calls = []

    async def user(_token: Annotated[str | None, Depends(scheme)]) -> str | None:
        calls.append(_token)
        return _token

    app = Rapide(auth=user)

    @app.get("/me")
    async def me(user: Annotated[str, Depends(user)]) -> str:
        return user

    assert _client_of(app).get("/me", headers=_token("ada")).json() == "ada"
    assert calls == ["ada"]


@pytest.mark.row("AUT-11")
@pytest.mark.parametrize("error", [RuntimeError("database"), ValueError(), KeyError("user"), TimeoutError()])
@pytest.mark.parametrize("face", [RAPIDE, FASTAPI])
def test_dependency_that_raises_lets_nobody_in(error: Exception, face: Any) -> None:
    """AUT-11: a failing user database is an error of the server, never an anonymous user."""
    reached = []

    async def failing() -> str | None:
        raise error

    app = Rapide(behaviour=face, auth=failing)

    @app.get("/a")
    async def a() -> None:
        reached.append(1)

    app.mount("/mount", _asgi)
    client = _client_of(app)
    assert client.get("/a").status_code == 500
    assert client.get("/mount/").status_code == 500
    assert not reached


@pytest.mark.row("AUT-11")
def test_handled_error_of_a_dependency_lets_nobody_in() -> None:
    """AUT-11: the application's own answer to an exception stands in the place of the endpoint's."""

    class UnavailableError(Exception):
        pass

    async def failing() -> str:
        raise UnavailableError

    app = Rapide(auth=failing)
    app.get("/a")(_hello)
    app.add_exception_handler(UnavailableError, lambda request, exc: PlainTextResponse("later", 503))
    assert _client_of(app).get("/a").status_code == 503


@pytest.mark.row("AUT-12")
def test_route_without_a_policy_is_closed_and_listed() -> None:
    """AUT-12: with `auth=` a new route is closed by default; without, the audit names it."""
    closed, opened = Rapide(auth=current_user), Rapide()
    for app in (closed, opened):
        app.get("/new")(_hello)
    assert statuses(closed, "/new")[0] == 401
    by_path = {entrance.path: entrance.access for entrance in opened.audit()}
    assert by_path["/new"] == "open"


@pytest.mark.row("WSK-02")
def test_websockets_are_refused_with_a_response() -> None:
    """WSK-02: a WebSocket whose user is unknown never opens; the refusal has status, challenge and body."""
    app = Rapide(auth=current_user)

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    @app.websocket("/open", auth=public)
    async def open_socket(websocket: WebSocket) -> None:
        await socket(websocket)

    app.router.add_websocket_route("/raw", socket)
    client = _client_of(app)
    for path in ("/ws", "/raw"):
        with pytest.raises(Exception) as refusal, client.websocket_connect(path):
            pass
        response: Any = refusal.value
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["status"] == 401
        with client.websocket_connect(path, headers=_token("ada")) as session:
            assert session.receive_text() == "hello"
    with client.websocket_connect("/open") as session:
        assert session.receive_text() == "hello"


def test_websocket_routes_take_the_option_of_their_place() -> None:
    """A router's and an inclusion's option hold for WebSockets, those made by hand too."""

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    router = APIRouter(auth=current_user)
    router.websocket("/router")(socket)
    silent = APIRouter()
    silent.websocket("/inclusion")(socket)
    silent.routes.append(WebSocketRoute("/raw", socket))
    silent.routes.append(APIWebSocketRoute("/hand", socket))
    app = Rapide()
    app.include_router(router)
    app.include_router(silent, auth=current_user)
    client = _client_of(app)
    for path in ("/router", "/inclusion", "/raw", "/hand"):
        with pytest.raises(Exception) as refusal, client.websocket_connect(path):
            pass
        assert getattr(refusal.value, "status_code", None) == 401, path
        with (
            client.websocket_connect(path, headers=_token("ada")) as session,
            pytest.raises(WebSocketDisconnect),
        ):
            session.receive_text()


def test_overrides_hold_for_what_decides() -> None:
    """Tests replace the user as they replace any dependency, for operations and for mounts."""
    app = Rapide(auth=current_user)
    app.get("/a")(_hello)
    app.mount("/m", _asgi)

    async def somebody() -> str:
        return "somebody"

    app.dependency_overrides[current_user] = somebody
    assert [statuses(app, path)[0] for path in ("/a", "/m/")] == [200, 200]
    app.dependency_overrides.clear()
    with app.override({current_user: somebody}):
        assert statuses(app, "/a")[0] == 200
    assert statuses(app, "/a")[0] == 401


def test_override_that_knows_nobody_lets_nobody_in() -> None:
    """A replacement answers in the words of what it replaces."""
    app = Rapide(auth=is_admin)
    app.get("/a")(_hello)
    app.dependency_overrides[is_admin] = lambda: None
    assert statuses(app, "/a") == [401, 401, 401]
    app.dependency_overrides[is_admin] = lambda: False
    assert statuses(app, "/a") == [403, 403, 403]


def test_checker_that_raises_says_so_with_none() -> None:
    """A dependency that returns nothing decides by raising."""

    async def check(user: Annotated[str | None, Depends(current_user)]) -> None:
        if user != "admin":
            raise HTTPException(403)

    app = Rapide(auth=check)
    app.get("/a")(_hello)
    assert statuses(app, "/a") == [403, 403, 200]


@pytest.mark.parametrize("kind", ["sync", "generator", "async generator", "class", "any"])
def test_every_kind_of_dependency_can_decide(kind: str) -> None:
    """Functions of every colour are asked alike, generators by what they yield."""
    from collections.abc import AsyncIterator, Iterator

    found = Annotated[str | None, Depends(current_user)]

    def sync(user: found) -> bool | None:
        return None if user is None else user == "admin"

    def generator(user: found) -> Iterator[bool | None]:
        yield sync(user)

    async def async_generator(user: found) -> AsyncIterator[bool | None]:
        yield sync(user)

    class Checked:
        def __init__(self, user: found) -> None:
            if user != "admin":
                raise HTTPException(401 if user is None else 403)

    def anything(user: found) -> Any:
        return sync(user)

    kinds = {
        "sync": sync,
        "generator": generator,
        "async generator": async_generator,
        "class": Checked,
        "any": anything,
    }
    app = Rapide(auth=kinds[kind])
    app.get("/a")(_hello)
    assert statuses(app, "/a") == [401, 403, 200]


def test_scopes_go_with_the_option() -> None:
    """`Security` hands its scopes to whoever checks them."""

    async def scoped(
        scopes: SecurityScopes, user: Annotated[str | None, Depends(current_user)]
    ) -> bool | None:
        return None if user is None else user in scopes.scopes

    app = Rapide(auth=Security(scoped, scopes=["ada"]))
    app.get("/a")(_hello)
    assert statuses(app, "/a") == [401, 200, 403]


def test_options_survive_copies_and_pickles() -> None:
    """A copy of an application is as closed as the application, and `public` stays the one mark."""
    app = Rapide(auth=current_user)
    app.get("/a")(_hello)
    app.get("/open", auth=public)(_hello)
    again = pickle.loads(cloudpickle.dumps(app))
    assert [statuses(again, path)[0] for path in ("/a", "/open")] == [401, 200]
    assert copy.deepcopy(public) is public
    assert pickle.loads(pickle.dumps(public)) is public
    again.get("/later")(_hello)
    assert statuses(again, "/later")[0] == 401


def test_route_class_of_a_user_is_not_told_what_nobody_said() -> None:
    """Route classes with signatures of their own, written before the option, work on."""

    class Own(APIRoute):
        def __init__(self, path: str, endpoint: Any, *, name: str | None = None, **options: Any) -> None:
            assert "auth" not in options
            super().__init__(path, endpoint, name=name, **options)

    app = Rapide()
    app.router.route_class = Own
    app.get("/a")(_hello)
    assert statuses(app, "/a") == [200, 200, 200]


def test_schemes_are_one_requirement() -> None:
    """All schemes that an operation needs stand in one requirement, with their scopes."""
    key = HTTPBearer(scheme_name="key")

    async def by_two(
        scopes: SecurityScopes,
        one: Annotated[Any, Depends(OAuth2PasswordBearer("t"))],
        two: Annotated[Any, Depends(key)],
    ) -> None: ...

    app = Rapide(auth=Security(by_two, scopes=["read"]))
    app.get("/a")(_hello)
    app.get("/open", auth=public, operation_id="open")(_hello)
    document = app.openapi()
    operation = document["paths"]["/a"]["get"]
    assert operation["security"] == [{"OAuth2PasswordBearer": ["read"], "key": ["read"]}]
    assert set(operation["responses"]) == {"200", "401", "403"}
    assert set(document["components"]["securitySchemes"]) == {"OAuth2PasswordBearer", "key"}
    assert "security" not in document["paths"]["/open"]["get"]


def test_optional_schemes_are_alternatives() -> None:
    """Schemes that let strangers pass are alternatives; nothing is one too, unless somebody decides."""
    other = HTTPBearer(scheme_name="other", auto_error=False)

    async def either(one: Annotated[Any, Depends(scheme)], two: Annotated[Any, Depends(other)]) -> str | None:
        return one or two

    app = Rapide()
    app.get("/decided", auth=either)(_hello)
    app.get("/optional", dependencies=[Depends(either)], operation_id="optional")(_hello)
    paths = app.openapi()["paths"]
    alternatives = [{"OAuth2PasswordBearer": []}, {"other": []}]
    assert paths["/decided"]["get"]["security"] == alternatives
    assert paths["/optional"]["get"]["security"] == [{}, *alternatives]


def test_request_reaches_what_is_mounted_untouched() -> None:
    """A gate reads no body and takes nothing from the request that it lets through."""

    async def echo(scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        await PlainTextResponse(f"{request.method} {scope['path']} {await request.body()!r}")(
            scope, receive, send
        )

    app = Rapide(auth=current_user)
    app.mount("/m", echo)
    response = _client_of(app).post("/m/x?y=1", content=b"body", headers=_token("ada"))
    assert response.text == "POST /m/x b'body'"
    assert "content-length" in response.headers
