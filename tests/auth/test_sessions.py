"""Sessions on the server: cookie, new ids, ends, and what a failing store means."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import StreamingResponse

from rapide import Depends, Rapide, Request, Response, WebSocket
from rapide.auth import CSRFPolicy, MemoryStore, SessionMiddleware, Sessions, SessionUser, hash_secret
from rapide.errors import AccessError
from rapide.fastapi import FastAPI
from rapide.testclient import TestClient

NAME = "__Host-session"


def _app(sessions: Sessions, face: Any = Rapide, **options: Any) -> Any:
    app = face()
    app.add_middleware(SessionMiddleware, sessions=sessions, **options)

    @app.get("/plain")
    async def plain() -> str:
        return "no session"

    @app.get("/read")
    async def read(request: Request, response: Response) -> Any:
        response.headers["cache-control"] = request.headers.get("x-cache", "public, max-age=60")
        return dict(request.session)

    @app.post("/write")
    async def write(request: Request, values: dict[str, Any]) -> None:
        request.session.update(values)

    @app.post("/append/{value}")
    async def append(request: Request, value: str) -> None:
        request.session["list"].append(value)

    _add_users(app)
    return app


def _add_users(app: Any) -> None:
    @app.post("/login/{user}")
    async def login(request: Request, user: str) -> None:
        request.session.login(user)

    @app.post("/promote")
    async def promote(request: Request) -> None:
        request.session.rotate()

    @app.post("/logout")
    async def logout(request: Request) -> None:
        request.session.logout()

    @app.post("/clear")
    async def clear(request: Request) -> None:
        request.session.clear()

    @app.get("/me")
    async def me(user: str = Depends(SessionUser())) -> str:
        return user

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        websocket.session["seen"] = True
        await websocket.send_json(websocket.session.user)
        await websocket.close()


def _client(app: Any) -> TestClient:
    """A browser on a page of the shop."""
    base_url = "https://shop.example"
    return TestClient(app, base_url, raise_server_exceptions=False, headers={"origin": base_url})


class CountingStore(MemoryStore):
    """Counts what is written, and fails when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.broken: tuple[str, ...] = ()

    def _note(self, name: str) -> None:
        self.calls.append(name)
        if name in self.broken:
            raise ConnectionError("the store is down")

    async def get(self, *args: Any) -> Any:
        self._note("get")
        return await super().get(*args)

    async def put(self, *args: Any, **options: Any) -> None:
        self._note("put")
        await super().put(*args, **options)

    async def replace(self, *args: Any, **options: Any) -> bool:
        self._note("replace")
        return await super().replace(*args, **options)

    async def delete(self, *args: Any) -> bool:
        self._note("delete")
        return await super().delete(*args)

    async def take(self, *args: Any) -> Any:
        self._note("take")
        return await super().take(*args)


@pytest.fixture
def store() -> CountingStore:
    """A store that counts."""
    return CountingStore()


@pytest.fixture
def sessions(store: CountingStore) -> Sessions:
    """Sessions with the usual rules."""
    return Sessions(store)


@pytest.fixture(params=[Rapide, FastAPI])
def client(request: pytest.FixtureRequest, sessions: Sessions) -> TestClient:
    """A client of an application of each face."""
    return _client(_app(sessions, request.param))


@pytest.mark.row("CKE-04")
def test_cookie_is_safe_by_default(client: TestClient) -> None:
    """CKE-04: `__Host-`, Secure, HttpOnly, SameSite=Lax, Path=/, no Domain, and 256 random bits."""
    written = client.post("/write", json={"a": 1}).headers["set-cookie"]
    name, _, rest = written.partition("=")
    value, *attributes = rest.split("; ")
    assert name == NAME
    assert attributes == ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"]
    assert len(value) == 43


def test_data_is_kept_between_requests(client: TestClient) -> None:
    """It is a dict, changes inside of its values are kept too, and an emptied one is taken back."""
    client.post("/write", json={"a": 1, "list": []})
    client.post("/append/x")
    assert client.get("/read").json() == {"a": 1, "list": ["x"]}
    assert "Max-Age=0" in client.post("/clear").headers["set-cookie"]
    assert client.get("/read").json() == {}


def test_store_is_written_only_when_something_changed(client: TestClient, store: CountingStore) -> None:
    """Without a cookie the store is not asked at all; reading writes nothing."""
    assert client.get("/plain").status_code == 200
    assert client.get("/read").json() == {}
    assert store.calls == []
    client.post("/write", json={"a": 1})
    assert store.calls == ["put"]
    store.calls.clear()
    client.get("/read")
    client.post("/write", json={"a": 1})
    assert set(store.calls) == {"get"}
    client.post("/write", json={"a": 2})
    assert store.calls[-1] == "replace"


def test_id_is_hashed_at_rest(client: TestClient, store: CountingStore) -> None:
    """Who reads the store cannot take over a session."""
    client.post("/write", json={"a": 1})
    id_ = client.cookies[NAME]
    kept = store._spaces["sessions"]
    assert list(kept) == [hash_secret(id_)]
    assert id_.encode() not in b"".join(entry.value for entry in kept.values())


@pytest.mark.row("SES-01")
def test_login_gives_a_new_id(client: TestClient) -> None:
    """SES-01: an id from before the login, known to an attacker, opens nothing after it."""
    client.post("/write", json={"cart": 1})
    before = client.cookies[NAME]
    client.post("/login/ada")
    after = client.cookies[NAME]
    assert before != after
    assert client.get("/me").json() == "ada"
    assert client.get("/read").json() == {"cart": 1}
    attacker = _client(client.app)
    assert attacker.get("/me", headers={"cookie": f"{NAME}={before}"}).status_code == 401
    assert attacker.get("/read", headers={"cookie": f"{NAME}={before}"}).json() == {}


@pytest.mark.row("SES-01")
def test_id_that_we_did_not_make_is_never_taken_over(client: TestClient) -> None:
    """SES-01: a chosen id is not adopted, whatever its form, also when the visitor logs in with it."""
    for chosen in ("chosen", "a" * 43, "a" * 5000, "\u00e9", "", "a=b"):
        headers = {"cookie": f"{NAME}={chosen}".encode("latin-1"), "origin": "https://shop.example"}
        response = client.post("/login/ada", headers=headers)
        assert response.status_code == 200
        assert response.cookies[NAME] != chosen
        client.cookies.clear()


@pytest.mark.row("SES-01")
def test_change_of_privileges_gives_a_new_id(client: TestClient) -> None:
    """SES-01: `rotate` keeps user and data under another id."""
    client.post("/login/ada")
    client.post("/write", json={"a": 1})
    before = client.cookies[NAME]
    client.post("/promote")
    assert client.cookies[NAME] != before
    assert (client.get("/me").json(), client.get("/read").json()) == ("ada", {"a": 1})


def test_another_user_does_not_inherit_data(client: TestClient) -> None:
    """Who logs in after somebody else on the same browser starts empty."""
    client.post("/login/ada")
    client.post("/write", json={"secret": 1})
    client.post("/login/bob")
    assert (client.get("/me").json(), client.get("/read").json()) == ("bob", {})


@pytest.mark.row("SES-02")
def test_logout_ends_the_session_on_the_server(client: TestClient) -> None:
    """SES-02: the old cookie opens nothing after the logout, and the browser is told to forget it."""
    client.post("/login/ada")
    old = client.cookies[NAME]
    assert "Max-Age=0" in client.post("/logout").headers["set-cookie"]
    assert client.get("/me").status_code == 401
    replayed = {"cookie": f"{NAME}={old}"}
    assert client.get("/me", headers=replayed).status_code == 401
    assert client.get("/read", headers=replayed).json() == {}


@pytest.mark.row("SES-02")
def test_request_on_its_way_does_not_bring_a_session_back(sessions: Sessions) -> None:
    """SES-02: what a slow request writes after the logout of another is not kept."""
    app = _app(sessions)

    @app.post("/slow/{way}")
    async def slow(request: Request, way: str) -> None:
        await sessions.revoke("ada")
        if way == "rotate":
            request.session.rotate()
        request.session["late"] = True

    client = _client(app)
    for way in ("write", "rotate"):
        client.post("/login/ada")
        response = client.post(f"/slow/{way}")
        assert "Max-Age=0" in response.headers["set-cookie"]
        assert client.get("/me").status_code == 401


@pytest.mark.row("SES-03")
@pytest.mark.parametrize("cache", ["public, max-age=60", "max-age=60", "PUBLIC", "private, public"])
def test_answer_that_depends_on_the_session_is_not_stored(client: TestClient, cache: str) -> None:
    """SES-03: `Vary: Cookie` and no-store, whatever the page said of itself; others keep their headers."""
    headers = client.get("/read", headers={"x-cache": cache}).headers
    assert headers["vary"] == "Cookie"
    assert headers["cache-control"] == "no-store"
    assert "vary" not in client.get("/plain").headers
    assert "cache-control" not in client.get("/plain").headers


def test_private_answers_stay_as_they_are(client: TestClient) -> None:
    """A page that already forbids shared caches decides about the browser's own."""
    headers = client.get("/read", headers={"x-cache": "private, max-age=5"}).headers
    assert headers["cache-control"] == "private, max-age=5"


def test_idle_and_absolute_end(store: CountingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session ends when nobody uses it, and at its absolute end even when somebody does."""
    now = [time.time()]
    monkeypatch.setattr("rapide.auth.sessions.time.time", lambda: now[0])
    sessions = Sessions(store, idle=timedelta(hours=1), absolute=timedelta(hours=3))
    client = _client(_app(sessions))
    client.post("/login/ada")
    for _ in range(5):
        now[0] += 35 * 60
        assert client.get("/me").status_code == 200
    now[0] += 10 * 60
    assert client.get("/me").status_code == 401
    client.cookies.clear()
    client.post("/login/ada")
    now[0] += 61 * 60
    assert client.get("/me").status_code == 401


def test_rotation_does_not_move_the_absolute_end(
    store: CountingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session that renews itself does not live for ever; a login begins a new one."""
    now = [time.time()]
    monkeypatch.setattr("rapide.auth.sessions.time.time", lambda: now[0])
    client = _client(_app(Sessions(store, idle=timedelta(hours=2), absolute=timedelta(hours=2))))
    client.post("/login/ada")
    now[0] += 3600
    client.post("/promote")
    now[0] += 3601
    assert client.get("/me").status_code == 401


@pytest.mark.anyio
async def test_sessions_of_a_user_are_revoked_together_and_one_by_one(sessions: Sessions) -> None:
    """A thief is thrown out everywhere, or where the user says; other users notice nothing."""
    app = _app(sessions)
    ada, other, bob = (_client(app) for _ in range(3))
    for client, user in ((ada, "ada"), (other, "ada"), (bob, "bob")):
        client.post(f"/login/{user}")
    keys = await sessions.keys_of("ada")
    assert len(keys) == 2
    key = hash_secret(other.cookies[NAME])
    assert await sessions.revoke_one("bob", key) is False
    assert await sessions.revoke_one("ada", key) is True
    assert [client.get("/me").status_code for client in (ada, other, bob)] == [200, 401, 200]
    assert await sessions.revoke("ada") == 1
    assert [client.get("/me").status_code for client in (ada, other, bob)] == [401, 401, 200]


@pytest.mark.parametrize("broken", ["get", "replace", "put", "take", "delete"])
def test_failing_store_fails_closed(client: TestClient, store: CountingStore, broken: str) -> None:
    """An error of the store is an error of the request: nobody is anonymous, or logged in, by mistake."""
    client.post("/login/ada")
    store.broken = (broken,)
    paths = {
        "get": "/write",
        "replace": "/write",
        "put": "/login/bob",
        "take": "/promote",
        "delete": "/logout",
    }
    response = client.post(paths[broken], json={"a": 1})
    assert response.status_code == 500
    assert "set-cookie" not in response.headers
    store.broken = ()
    if broken != "put":
        assert client.get("/me").json() == "ada"


def test_size_is_bounded(store: CountingStore) -> None:
    """What is too large, or no JSON, is refused before anything is written."""
    client = _client(_app(Sessions(store, max_size=100)))
    assert client.post("/write", json={"a": "x" * 80}).status_code == 200
    assert client.post("/write", json={"a": "x" * 100}).status_code == 500
    assert client.get("/read").json() == {"a": "x" * 80}


def test_values_are_json(sessions: Sessions) -> None:
    """NaN, objects and the like are a fault of the application, and nothing is kept of them."""
    app = _app(sessions)

    @app.post("/wrong/{kind}")
    async def wrong(request: Request, kind: str) -> None:
        request.session["x"] = {"nan": float("nan"), "object": object()}[kind]

    client = _client(app)
    assert [client.post(f"/wrong/{kind}").status_code for kind in ("nan", "object")] == [500, 500]


def test_two_cookies_of_the_name_are_none(client: TestClient) -> None:
    """Which of two sessions is meant must not be guessed; the same one twice is one."""
    client.post("/login/ada")
    id_ = client.cookies[NAME]
    client.cookies.clear()
    assert client.get("/me", headers={"cookie": f"{NAME}={id_}; {NAME}=other"}).status_code == 401
    assert client.get("/me", headers={"cookie": f"{NAME}={id_}; a=b; {NAME}={id_}"}).status_code == 200


@pytest.mark.parametrize(
    ("base_url", "safe"),
    [
        ("http://localhost:8000", False),
        ("http://127.0.0.1", False),
        ("http://shop.example", True),
        ("https://localhost", True),
        ("http://localhost.evil.example", True),
    ],
)
def test_development_cookie_is_for_this_machine_only(sessions: Sessions, base_url: str, safe: bool) -> None:
    """Plain http on localhost gets a cookie that its browser keeps; every other host gets the safe one."""
    client = TestClient(_app(sessions, development=True), base_url=base_url)
    written = client.post("/write", json={"a": 1}).headers["set-cookie"]
    assert written.startswith(NAME if safe else "session=")
    assert ("Secure" in written) is safe
    if not safe:
        assert client.get("/read").json() == {"a": 1}


def test_cookie_can_outlive_the_browser(sessions: Sessions) -> None:
    """`persistent` gives it the absolute end; strict keeps it at home."""
    client = _client(_app(sessions, persistent=True, same_site="strict", cookie="shop"))
    written = client.post("/write", json={"a": 1}).headers["set-cookie"]
    assert written.startswith("__Host-shop=")
    assert "Max-Age=604800" in written
    assert written.endswith("SameSite=Strict")


def test_websocket_has_the_session(client: TestClient) -> None:
    """It reads who is logged in, and keeps what it changes."""
    client.post("/login/ada")
    with client.websocket_connect("wss://shop.example/ws") as socket:
        assert socket.receive_json() == "ada"
        assert socket.receive()["type"] == "websocket.close"
    assert client.get("/read").json() == {"seen": True}


def test_changes_of_streams_are_kept(sessions: Sessions) -> None:
    """What changes after the headers is kept in a session that the browser already has."""
    app = _app(sessions)

    @app.get("/stream")
    async def stream(request: Request) -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            request.session["streamed"] = True
            yield b"b"

        return StreamingResponse(parts())

    client = _client(app)
    client.post("/write", json={"a": 1})
    assert client.get("/stream").text == "ab"
    assert client.get("/read").json() == {"a": 1, "streamed": True}


def test_scheme_says_who_is_logged_in(sessions: Sessions) -> None:
    """`SessionUser` guards an application and stands in its document; the 401 names the cookie."""
    app = Rapide(auth=SessionUser())
    app.add_middleware(SessionMiddleware, sessions=sessions)
    app.get("/a")(lambda: None)
    response = _client(app).get("/a")
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Cookie cookie-name="__Host-session"'
    schemes = app.openapi()["components"]["securitySchemes"]
    assert schemes == {"SessionUser": {"type": "apiKey", "in": "cookie", "name": "__Host-session"}}


def test_scheme_needs_the_middleware() -> None:
    """Without it nobody is let in: it is a fault of the application."""
    app = Rapide(auth=SessionUser())
    app.get("/a")(lambda: None)
    assert _client(app).get("/a").status_code == 500


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sessions(MemoryStore(), idle=timedelta()),
        lambda: Sessions(MemoryStore(), idle=timedelta(days=2), absolute=timedelta(days=1)),
        lambda: Sessions(MemoryStore(), max_size=0),
        lambda: SessionMiddleware(Rapide(), sessions=Sessions(MemoryStore()), cookie="__Host-a;b"),
        lambda: SessionMiddleware(
            Rapide(),
            sessions=Sessions(MemoryStore()),
            same_site="none",  # type: ignore[arg-type]
        ),
    ],
)
def test_unsafe_settings_refuse_to_start(make: Any) -> None:
    """What could not be safe is an error with a code before anything is served."""
    with pytest.raises(AccessError) as error:
        make()
    assert error.value.code == "RAP606"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "kind",
    [
        "memory",
        "sqlite",
        *(pytest.param(kind, marks=pytest.mark.services) for kind in ("postgresql", "mariadb", "redis")),
    ],
)
async def test_sessions_live_in_every_store(kind: str, open_store: Any, anyio_backend: Any) -> None:
    """Login, change, rotation and revocation are the same on every database."""
    if anyio_backend[0] == "trio" and kind != "memory":
        pytest.skip("the drivers of this database need asyncio")
    async with open_store(kind) as store:
        sessions = Sessions(store)
        session = await sessions.load(None)
        session["a"] = 1
        session.login("ada")
        first = await sessions.save(session)
        assert first
        again = await sessions.load(first)
        assert (again.user, again["a"]) == ("ada", 1)
        again["a"] = 2
        assert await sessions.save(again) is None
        again.rotate()
        second = await sessions.save(again)
        assert second not in {None, "", first}
        assert (await sessions.load(first)).user is None
        assert (await sessions.load(second))["a"] == 2
        assert await sessions.revoke("ada") == 1
        assert (await sessions.load(second)).user is None


def test_protection_can_be_turned_off(sessions: Sessions) -> None:
    """For applications that bring their own."""
    client = _client(_app(sessions, csrf=None))
    client.post("/login/ada")
    assert client.post("/promote", headers={"sec-fetch-site": "cross-site"}).status_code == 200
    refusing = _client(_app(sessions, csrf=CSRFPolicy(without_origin="refuse")))
    refusing.post("/login/ada")
    del refusing.headers["origin"]
    assert refusing.post("/promote").status_code == 403
