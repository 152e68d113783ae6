"""Who may call what, as the audit sees it."""

import logging
from typing import Annotated, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute

from rapide import APIRouter, Depends, Rapide, Security, WebSocket
from rapide.audit import Entrance, audit_app, is_allowed, open_entrances
from rapide.auth import public
from rapide.fastapi import FastAPI
from rapide.security import HTTPBearer, OAuth2PasswordBearer
from rapide.testclient import TestClient

scheme = OAuth2PasswordBearer("token")


async def current_user(token: Annotated[str, Depends(scheme)]) -> str:
    """The user is the token."""
    return token


async def _endpoint() -> None: ...


async def _socket(websocket: WebSocket) -> None: ...


async def _asgi(scope: Any, receive: Any, send: Any) -> None:
    await PlainTextResponse("")(scope, receive, send)


def audited(app: Any) -> dict[str, tuple[str, str | None, dict[str, tuple[str, ...]]]]:
    """Access, guard and schemes by key, without the documentation."""
    return {
        entrance.key: (entrance.access, entrance.guard, entrance.schemes)
        for entrance in audit_app(app)
        if not entrance.path.startswith(("/docs", "/redoc", "/openapi"))
    }


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_each_route_is_guarded_public_or_open(face: Any) -> None:
    """An operation is as it is declared; a scheme that refuses strangers guards, an optional one does not."""
    app = face()
    app.get("/open")(_endpoint)
    app.get("/public", auth=public)(_endpoint)
    app.get("/option", auth=Security(current_user, scopes=["read"]))(_endpoint)
    app.get("/scheme", dependencies=[Depends(current_user)])(_endpoint)
    app.get("/optional", dependencies=[Depends(HTTPBearer(auto_error=False))])(_endpoint)
    app.api_route("/two", methods=["GET", "POST"])(_endpoint)
    app.websocket("/ws")(_socket)
    app.websocket("/wss", auth=current_user)(_socket)
    guarded = ("guarded", "current_user", {"OAuth2PasswordBearer": ("read",)})
    assert audited(app) == {
        "GET /open": ("open", None, {}),
        "GET /public": ("public", None, {}),
        "GET /option": guarded,
        "GET /scheme": ("guarded", "OAuth2PasswordBearer", {"OAuth2PasswordBearer": ()}),
        "GET /optional": ("open", None, {}),
        "GET,POST /two": ("open", None, {}),
        "WEBSOCKET /ws": ("open", None, {}),
        "WEBSOCKET /wss": ("guarded", "current_user", {"OAuth2PasswordBearer": ()}),
    }


def test_public_mark_does_not_hide_a_guard() -> None:
    """What refuses strangers is guarded, whatever its mark says."""
    app = Rapide()
    app.get("/a", auth=public, dependencies=[Depends(current_user)])(_endpoint)
    assert audited(app)["GET /a"][0] == "guarded"


def test_mounts_are_looked_into() -> None:
    """Routes of what is mounted stand with their whole path; what cannot be looked into stands as itself."""
    inner, closed = Rapide(openapi_url=None), Rapide(openapi_url=None, auth=current_user)
    for each in (inner, closed):
        each.get("/a")(_endpoint)
    app = Rapide()
    app.mount("/rapide", inner)
    app.mount("/closed", closed)
    app.mount("/guarded", inner, auth=current_user)
    app.mount("/starlette", Starlette(routes=[Route("/b", _endpoint), WebSocketRoute("/c", _socket)]))
    app.mount("/asgi", _asgi)
    app.mount("/shut", _asgi, auth=current_user)
    app.routes.append(
        Mount("/list", routes=[Mount("/deeper", routes=[Route("/d", _endpoint, methods=["PUT"])])])
    )
    app.host("api.example", inner)
    guarded = ("guarded", "current_user", {"OAuth2PasswordBearer": ()})
    opened = ("open", None, {})
    assert audited(app) == {
        "GET /rapide/a": opened,
        "GET /closed/a": guarded,
        "GET /guarded/a": guarded,
        "GET /starlette/b": opened,
        "WEBSOCKET /starlette/c": opened,
        "MOUNT /asgi": opened,
        "MOUNT /shut": guarded,
        "PUT /list/deeper/d": opened,
        "GET api.example/a": opened,
    }


def test_frontends_are_ways_in(tmp_path: Any) -> None:
    """Files are served to whom the frontend says."""
    (tmp_path / "index.html").write_text("")
    app, inner = Rapide(auth=current_user), Rapide()
    app.frontend("/closed", directory=tmp_path)
    app.frontend("/open", directory=tmp_path, auth=public)
    inner.frontend("/files", directory=tmp_path)
    app.mount("/in", inner, auth=public)
    found = audited(app)
    assert found["FRONTEND /closed"][:2] == ("guarded", "current_user")
    assert found["FRONTEND /open"][0] == "public"
    assert found["FRONTEND /in/files"][0] == "open"


def test_documentation_is_public() -> None:
    """The framework's own pages are no oversight of the application's author."""
    found = [entrance for entrance in audit_app(Rapide()) if entrance.access != "public"]
    assert found == []
    assert len(audit_app(Rapide())) == 5


def test_inherited_guards_are_named() -> None:
    """The name is that of the dependency that was given, on the router as on the route."""
    app = Rapide()
    router = APIRouter(prefix="/r", auth=current_user)
    router.get("/a")(_endpoint)
    app.include_router(router)
    assert audited(app)["GET /r/a"][:2] == ("guarded", "current_user")


WAY = Entrance("http", ("GET", "POST"), "/a", None, None, "open")
SOCKET = Entrance("websocket", (), "/ws", None, None, "open")


@pytest.mark.parametrize(
    ("entrance", "allowed", "expected"),
    [
        (WAY, [], False),
        (WAY, ["/a"], True),
        (WAY, ["GET /a"], False),
        (WAY, ["GET /a", "POST /a"], True),
        (WAY, ["GET /b", "/a/"], False),
        (SOCKET, ["WEBSOCKET /ws"], True),
        (SOCKET, ["GET /ws"], False),
    ],
)
def test_allow_list_names_what_may_be_open(entrance: Entrance, allowed: list[str], expected: bool) -> None:
    """By the path, or by every method and the path: one method of two leaves the other open."""
    assert is_allowed(entrance, allowed) is expected
    assert (open_entrances([entrance], allowed) == []) is expected


def test_start_says_how_many_ways_are_open(caplog: pytest.LogCaptureFixture) -> None:
    """With `auth=` the log names what is open when the application starts; without, it says nothing."""
    app, plain = Rapide(auth=current_user, openapi_url=None), Rapide()
    app.get("/a")(_endpoint)
    app.get("/health", auth=public)(_endpoint)
    with caplog.at_level(logging.INFO, "rapide"), TestClient(plain), TestClient(app):
        pass
    said = [message for message in caplog.messages if "ways in" in message]
    assert said == ["1 of 2 ways in ask who is calling; open to everybody: 1 (GET /health)"]


def test_log_stays_a_line() -> None:
    """Of many open ways the first are named."""
    app = Rapide(auth=public, openapi_url=None)
    for number in range(30):
        app.get(f"/{number}")(_endpoint)
    from rapide.audit import describe_openness

    text = describe_openness(app.audit())
    assert "GET /19 …" in text
    assert "GET /20" not in text
