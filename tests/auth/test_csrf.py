"""Requests that foreign pages make with their visitors' cookies."""

from typing import Annotated, Any

import pytest
from starlette.testclient import WebSocketDenialResponse

from rapide import Depends, Rapide, Request, WebSocket
from rapide.auth import CSRFMiddleware, CSRFPolicy, MemoryStore, SessionMiddleware, Sessions, csrf_token
from rapide.auth.csrf import make_token, token_is_valid
from rapide.auth.csrf_form import find_form_token
from rapide.errors import AccessError
from rapide.fastapi import FastAPI
from rapide.testclient import TestClient

HOME = "https://shop.example"
EVIL = "https://evil.example"
SECRET = "s" * 32
SAME = {"sec-fetch-site": "same-origin"}


def _routes(app: Any) -> Any:
    @app.get("/token")
    async def token(token: Annotated[str, Depends(csrf_token)]) -> str:
        return token

    @app.api_route("/order", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    async def order() -> str:
        return "ordered"

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("open")
        await websocket.close()

    return app


def _with_sessions(face: Any = Rapide, **policy: Any) -> Any:
    app = _routes(face())
    csrf = CSRFPolicy(**policy)
    app.add_middleware(SessionMiddleware, sessions=Sessions(MemoryStore()), csrf=csrf)

    @app.post("/login")
    async def login(request: Request) -> None:
        request.session.login("ada")

    return app


def _with_secret(face: Any = Rapide, **policy: Any) -> Any:
    app = _routes(face())
    app.add_middleware(CSRFMiddleware, secrets=[SECRET], policy=CSRFPolicy(**policy))
    return app


def _client(app: Any) -> TestClient:
    return TestClient(app, HOME)


def _logged_in(**policy: Any) -> TestClient:
    client = _client(_with_sessions(**policy))
    assert client.post("/login", headers=SAME).status_code == 200
    return client


FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": EVIL},
    {"sec-fetch-site": "cross-site", "origin": "null"},
    {"sec-fetch-site": "same-site", "origin": "https://blog.shop.example"},
    {"sec-fetch-site": "unheard-of"},
    {"sec-fetch-site": ""},
    {"origin": EVIL},
    {"origin": "null"},
    {"origin": "http://shop.example"},
    {"origin": "https://shop.example:444"},
    {"origin": "https://shop.example.evil.example"},
]
OWN = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"origin": HOME},
    {"sec-fetch-site": "same-origin", "origin": "https://inside.proxy"},
]


@pytest.mark.row("CSR-01")
@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_foreign_page_changes_nothing(headers: dict[str, str], method: str) -> None:
    """CSR-01: with the user's cookie, `Sec-Fetch-Site` or `Origin` of another page is 403."""
    client = _logged_in()
    response = client.request(method, "/order", headers=headers)
    assert response.status_code == 403
    assert response.json() == {
        "type": "https://rapide.dev/problems/forbidden",
        "title": "Forbidden",
        "status": 403,
    }


@pytest.mark.row("CSR-01")
@pytest.mark.parametrize("headers", OWN)
def test_own_page_changes_things(headers: dict[str, str]) -> None:
    """CSR-01: what a page of the same origin requests, or what nobody's page requests, is served."""
    assert _logged_in().post("/order", headers=headers).status_code == 200


@pytest.mark.row("CSR-01")
@pytest.mark.parametrize(("without_origin", "status"), [("token", 403), ("refuse", 403), ("allow", 200)])
def test_request_without_either_header_is_a_matter_of_policy(without_origin: str, status: int) -> None:
    """CSR-01: with a cookie and neither header a token is needed by default."""
    client = _logged_in(without_origin=without_origin)
    assert client.post("/order").status_code == status
    token = client.get("/token").json()
    with_token = client.post("/order", headers={"x-csrf-token": token}).status_code
    assert with_token == (403 if without_origin == "refuse" else 200)


@pytest.mark.row("CSR-01")
@pytest.mark.parametrize("face", [Rapide, FastAPI])
@pytest.mark.parametrize("headers", FOREIGN)
def test_cookies_of_other_kinds_are_protected_too(face: Any, headers: dict[str, str]) -> None:
    """CSR-01: the middleware by itself refuses in the words of the face."""
    client = _client(_with_secret(face))
    response = client.post("/order", headers={**headers, "cookie": "session=1"})
    assert response.status_code == 403
    if face is FastAPI:
        assert response.json() == {"detail": "Forbidden"}


@pytest.mark.row("CSR-02")
@pytest.mark.parametrize("headers", FOREIGN)
def test_foreign_page_cannot_log_its_visitor_in(headers: dict[str, str]) -> None:
    """CSR-02: a login needs no cookie, and is refused all the same when a foreign page makes it."""
    client = _client(_with_sessions())
    response = client.post("/login", headers=headers)
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


@pytest.mark.row("CSR-03")
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_free_for_all(method: str) -> None:
    """CSR-03: methods that promise to change nothing are never refused; only the others are protected."""
    client = _logged_in()
    for headers in FOREIGN:
        assert client.request(method, "/order", headers=headers).status_code in {200, 204}


def test_program_without_cookies_needs_nothing() -> None:
    """Who brings no credentials of a browser's cannot be made to use them."""
    client = _client(_with_sessions())
    assert client.post("/order").status_code == 200
    bearer = {"authorization": "Bearer x", "origin": EVIL, "sec-fetch-site": "cross-site"}
    assert client.post("/order", headers=bearer).status_code == 200
    assert client.post("/order", headers={**bearer, "authorization": "Basic YTpi"}).status_code == 403
    assert _logged_in().post("/order", headers=bearer).status_code == 403


def test_trusted_origins_may() -> None:
    """Pages that are named, exactly; `Origin` decides, as the browser says that they are foreign."""
    app = "https://App.example"
    client = _logged_in(trusted_origins=[app])
    for headers in ({"origin": app.lower(), "sec-fetch-site": "cross-site"}, {"origin": app.lower()}):
        assert client.post("/order", headers=headers).status_code == 200
    assert client.post("/order", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.post("/order", headers={"origin": "http://app.example"}).status_code == 403


@pytest.mark.row("WSK-01")
@pytest.mark.parametrize("make", [_with_sessions, _with_secret])
@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_foreign_page_opens_no_websocket(make: Any, face: Any) -> None:
    """WSK-01: on both faces, a foreign page with cookies is 403 unless it is trusted."""
    client = _client(make(face, trusted_origins=["https://app.example"]))
    evil = {"cookie": "a=b", "origin": EVIL}
    with pytest.raises(WebSocketDenialResponse) as refusal, client.websocket_connect("/ws", headers=evil):
        pass
    assert refusal.value.status_code == 403
    with client.websocket_connect(
        "wss://shop.example/ws", headers={"cookie": "a=b", "origin": HOME}
    ) as socket:
        assert socket.receive_text() == "open"


@pytest.mark.row("WSK-01")
def test_server_that_cannot_answer_closes() -> None:
    """WSK-01: without the extension for responses the WebSocket is closed before it opens."""
    import asyncio

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"shop.example"), (b"origin", b"https://evil.example"), (b"cookie", b"a=b")]
    scope = {"type": "websocket", "path": "/ws", "headers": headers, "query_string": b"", "scheme": "wss"}
    asyncio.run(_with_secret()(scope, receive, send))
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]


def test_token_of_a_session_is_bound_to_it() -> None:
    """A token of another visitor, of the time before the login, or half of one, opens nothing."""
    client, other = _logged_in(), _logged_in()
    token = client.get("/token").json()
    others = other.get("/token").json()
    for wrong in (others, token[:-2], token + "AA", "", "\u00e9", "x" * 5000, token[:43]):
        headers = {"x-csrf-token": wrong.encode("utf-8")}
        assert client.post("/order", headers=headers).status_code == 403, wrong
    assert client.post("/order", headers={"x-csrf-token": token}).status_code == 200
    client.post("/login", headers={"x-csrf-token": token})
    assert client.post("/order", headers={"x-csrf-token": token}).status_code == 403


def test_token_begins_a_session() -> None:
    """A visitor without a session gets one with the token, and the token fits it."""
    client = _client(_with_sessions())
    token = client.get("/token").json()
    assert client.post("/order", headers={"x-csrf-token": token}).status_code == 200
    assert client.post("/order").status_code == 403


def test_signed_double_submit() -> None:
    """The token fits the signed cookie that came with it, and no other; the page is not stored."""
    client, other = _client(_with_secret()), _client(_with_secret())
    response = client.get("/token")
    assert response.headers["set-cookie"].startswith("__Host-csrf=")
    assert response.headers["cache-control"] == "no-store"
    token = response.json()
    assert client.post("/order").status_code == 403
    assert client.post("/order", headers={"x-csrf-token": token}).status_code == 200
    assert client.post("/order", headers={"x-csrf-token": other.get("/token").json()}).status_code == 403
    assert "set-cookie" not in client.get("/token").headers


@pytest.mark.row("CKE-08")
def test_forged_cookie_fits_no_token() -> None:
    """CKE-08: a cookie that an attacker has planted is not signed for this name, whatever the token."""
    client = _client(_with_secret())
    for planted in ("value", "value.sig", "", ".", "v." + "0" * 64, "\u00e9." + "0" * 64):
        cookie = f"__Host-csrf={planted}".encode()
        headers = {"cookie": cookie, "x-csrf-token": make_token(planted)}
        assert client.post("/order", headers=headers).status_code == 403


@pytest.mark.row("CKE-09")
def test_former_secrets_still_verify() -> None:
    """CKE-09: after a change of the secret, open pages go on."""
    client = _client(_with_secret())
    token = client.get("/token").json()
    for secrets, status in ((["n" * 32, SECRET], 200), (["n" * 32], 403)):
        app = _routes(Rapide())
        app.add_middleware(CSRFMiddleware, secrets=secrets)
        changed = _client(app)
        changed.cookies.update(client.cookies)
        assert changed.post("/order", headers={"x-csrf-token": token}).status_code == status


def test_tokens_differ_each_time() -> None:
    """A compressed page that shows one gives nothing away (BREACH)."""
    tokens = {make_token("key") for _ in range(20)}
    assert len(tokens) == 20
    assert all(token_is_valid(token, "key") for token in tokens)
    assert not any(token_is_valid(token, "other") for token in tokens)


def test_dependency_needs_a_middleware() -> None:
    """Without one there is no token, and the application's author hears of it."""
    client = TestClient(_routes(Rapide()), HOME, raise_server_exceptions=False)
    assert client.get("/token").status_code == 500


@pytest.mark.parametrize(
    "make",
    [
        lambda: CSRFPolicy(trusted_origins=["app.example"]),
        lambda: CSRFPolicy(trusted_origins=["https://app.example/"]),
        lambda: CSRFPolicy(trusted_origins=["*"]),
        lambda: CSRFPolicy(without_origin="alow"),  # type: ignore[arg-type]
        lambda: CSRFMiddleware(Rapide(), secrets=[]),
        lambda: CSRFMiddleware(Rapide(), secrets=["short"]),
        lambda: CSRFMiddleware(Rapide(), secrets="s" * 40),
    ],
)
def test_protection_that_would_not_protect_refuses_to_start(make: Any) -> None:
    """A misspelt origin or a weak secret is an error with a code."""
    with pytest.raises(AccessError) as error:
        make()
    assert error.value.code == "RAP607"


def _form_routes(app: Any) -> Any:
    @app.post("/form")
    async def read(request: Request) -> dict[str, str]:
        async with request.form() as form:
            return {
                name: value if isinstance(value, str) else str(value.size) for name, value in form.items()
            }

    return app


@pytest.mark.row("CSR-01")
@pytest.mark.parametrize("make", [_with_sessions, _with_secret])
@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_csr_01_token_in_a_form(make: Any, face: Any) -> None:
    """CSR-01: pages without script send the token as a field; the endpoint reads the whole form."""
    client = _client(_form_routes(make(face)))
    token = client.get("/token").json()
    fields = {"name": "é&=", "csrf_token": token, "long": "x" * 5000}
    assert client.post("/form", data=fields).json() == fields
    files = {"file": ("a.txt", b"x" * 200_000)}
    assert client.post("/form", data=fields, files=files).json() == {**fields, "file": "200000"}
    assert client.post("/form", data=fields, headers={"origin": EVIL}).status_code == 403
    assert client.post("/form", data=fields, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    other = _client(client.app).get("/token").json()
    for wrong in ({}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": other}, {"token": token}):
        assert client.post("/form", data=wrong).status_code == 403
        assert client.post("/form", data=wrong, files=files).status_code == 403
    assert client.post("/form", data=fields, headers={"x-csrf-token": "x"}).status_code == 403
    assert client.post("/form", data={"csrf_token": [token, token]}).status_code == 403
    assert client.post("/form", json=fields).status_code == 403
    client.cookies.clear()
    headers, stolen = {"cookie": "a=b"}, {**fields, "csrf_token": other}
    # Without a session there is nothing that SessionMiddleware would have to protect.
    expected = 403 if make is _with_secret else 200
    assert client.post("/form", data=stolen, headers=headers).status_code == expected


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_token_stands_in_the_beginning_of_a_form(kind: str) -> None:
    """Nobody who is not let in yet makes more of a body be read than 64 KiB."""
    client = _client(_form_routes(_with_sessions()))
    token = client.get("/token").json()
    files = {"file": ("a.txt", b"x")} if kind == "multipart" else None
    late = {"long": "x" * 70_000, "csrf_token": token}
    assert client.post("/form", data=late, files=files).status_code == 403
    early = {"csrf_token": token, "long": "x" * 70_000}
    assert client.post("/form", data=early, files=files).status_code == 200


@pytest.mark.parametrize(
    ("policy", "field"), [({"without_origin": "refuse"}, "csrf_token"), ({"field": "proof"}, "csrf_token")]
)
def test_fields_are_a_matter_of_policy(policy: dict[str, Any], field: str) -> None:
    """Where no token is accepted, none in a field is; and the field has one name."""
    client = _client(_form_routes(_with_sessions(**policy)))
    token = client.get("/token").json()
    assert client.post("/form", data={field: token}).status_code == 403
    assert client.post("/form", data={"proof": token}).status_code == (200 if "field" in policy else 403)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"\xff\xfe=%%%&csrf_token"),
        ("application/x-www-form-urlencoded", b"a=1&" * 5000),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n',
        ),
        ("multipart/form-data", b"\r\n" * 30_000),
        ("multipart/form-data; boundary=x", b""),
    ],
)
def test_forms_that_are_none_are_refused(content_type: str, body: bytes) -> None:
    """403, whatever was sent."""
    client = _logged_in()
    assert client.post("/order", content=body, headers={"content-type": content_type}).status_code == 403


@pytest.mark.anyio
async def test_who_leaves_amid_a_form_is_refused() -> None:
    """The body that never ends is not waited for by an endpoint."""
    messages = iter(
        [{"type": "http.request", "body": b"csrf_", "more_body": True}, {"type": "http.disconnect"}]
    )

    async def receive() -> Any:
        return next(messages)

    scope = {"headers": [(b"content-type", b"application/x-www-form-urlencoded")]}
    token, again = await find_form_token(scope, receive, "csrf_token")
    assert token is None
    assert [(await again())["type"] for _ in range(2)] == ["http.request", "http.disconnect"]
