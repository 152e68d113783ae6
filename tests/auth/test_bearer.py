"""`Token`: claims as a type hint, refusals with the right challenge, and the scheme in OpenAPI."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from starlette.testclient import WebSocketDenialResponse

import rapide
import rapide.fastapi
from rapide.auth import Claims, Key, Token, TokenBearer, Tokens
from rapide.testclient import TestClient

_SECRET = secrets.token_urlsafe(32)
tokens = Tokens(_SECRET, issuer="https://api.example.com", audience="shop")
others = Tokens(secrets.token_urlsafe(32), issuer="https://api.example.com", audience="shop")

User = Annotated[Claims, Token(tokens)]
Editor = Annotated[Claims, Token(tokens, scopes=["books:write"])]
Guest = Annotated[Claims | None, Token(tokens, optional=True)]


@pytest.fixture(scope="module", params=[rapide.Rapide, rapide.fastapi.FastAPI], ids=["rapide", "fastapi"])
def client(request: pytest.FixtureRequest) -> TestClient:
    """An application with each kind of route, on both faces."""
    app = request.param()

    @app.get("/me")
    async def me(user: User) -> dict[str, str]:
        return {"sub": user.sub}

    @app.post("/books")
    async def write(editor: Editor, user: User) -> dict[str, str]:
        return {"sub": editor.sub, "same": str(editor.jti == user.jti)}

    @app.get("/guests")
    async def guests(guest: Guest) -> dict[str, str | None]:
        return {"sub": guest.sub if guest else None}

    @app.websocket("/socket")
    async def socket(socket: rapide.WebSocket, user: User) -> None:
        await socket.accept()
        await socket.send_text(user.sub)
        await socket.close()

    return TestClient(app)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_the_claims_arrive(client: TestClient) -> None:
    """The parameter is the claims of a verified token; the scheme is read without regard to case."""
    token = tokens.issue("ann")
    for scheme in ("Bearer", "bearer", "BEARER"):
        answer = client.get("/me", headers={"Authorization": f"{scheme} {token}"})
        assert (answer.status_code, answer.json()) == (200, {"sub": "ann"})


@pytest.mark.row("AUT-01", "AUT-03")
@pytest.mark.parametrize(
    "value", [None, "Bearer", "Bearer ", "Bearer    ", "Basic YW5uOnB3", "", "Token abc", "Bearer:abc"]
)
def test_no_token_is_challenged(client: TestClient, value: str | None) -> None:
    """None, or nothing behind the scheme: 401 with a challenge that names no error (RFC 6750, section 3)."""
    answer = client.get("/me", headers={} if value is None else {"Authorization": value})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.row("AUT-01", "AUT-03")
@pytest.mark.parametrize(
    "make",
    [
        lambda: "abc",
        lambda: others.issue("ann"),
        lambda: tokens.issue("ann") + "x",
        lambda: tokens.issue("ann").rpartition(".")[0] + ".",
        lambda: "a" * 9000,
        lambda: "é",
    ],
)
def test_a_wrong_token_is_challenged_and_told_nothing(client: TestClient, make: Callable[[], str]) -> None:
    """Whatever is wrong with it, the answer is the same to the byte."""
    answers = [
        client.get("/me", headers={"Authorization": f"Bearer {t}".encode()}) for t in (make(), "x.y.z")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert answers[0].content == answers[1].content


@pytest.mark.row("AUT-01")
def test_two_headers_are_none(client: TestClient) -> None:
    """Nobody knows which of two tokens is meant."""
    token = tokens.issue("ann")
    answer = client.get("/me", headers=[("Authorization", f"Bearer {token}"), ("Authorization", "Bearer x")])
    # On the native face the second one is refused before it comes here.
    assert answer.status_code in {400, 401}


@pytest.mark.row("AUT-02")
def test_another_scheme_is_no_token(client: TestClient) -> None:
    """A good token behind `Basic` is not one."""
    assert client.get("/me", headers={"Authorization": f"Basic {tokens.issue('ann')}"}).status_code == 401


def test_a_missing_scope_is_forbidden(client: TestClient) -> None:
    """403, and the challenge names the scopes that are needed (RFC 6750, section 3.1)."""
    answer = client.post("/books", headers=_bearer(tokens.issue("ann", scopes=["books:read"])))
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="books:write"'
    answer = client.post("/books", headers=_bearer(tokens.issue("ann", scopes=["books:read", "books:write"])))
    assert answer.json() == {"sub": "ann", "same": "True"}


@pytest.mark.row("AUT-11")
def test_an_optional_token_must_be_right_if_it_is_there(client: TestClient) -> None:
    """None without one, or with other credentials; who has sent a wrong one is not taken for a guest."""
    assert client.get("/guests").json() == {"sub": None}
    assert client.get("/guests", headers=_bearer(tokens.issue("ann"))).json() == {"sub": "ann"}
    assert client.get("/guests", headers={"Authorization": "Basic x"}).json() == {"sub": None}
    for value in ("Bearer x", "Bearer", "bearer ", "", "x", "Basic"):
        assert client.get("/guests", headers={"Authorization": value}).status_code == 401


@pytest.mark.row("AUT-11")
@pytest.mark.parametrize("face", [rapide.Rapide, rapide.fastapi.FastAPI])
def test_a_failing_key_source_fails_closed(face: Any) -> None:
    """Keys that cannot be looked up let nobody in, not even as a guest."""

    class Broken:
        async def find(self, kid: str | None, algorithm: str) -> Key | None:
            raise OSError("the store is away")

    app, broken = face(), Tokens(Broken(), issuer="https://api.example.com", audience="shop")

    @app.get("/")
    async def read(guest: Annotated[Claims | None, Token(broken, optional=True)]) -> str:
        raise AssertionError("somebody came in")

    answer = TestClient(app, raise_server_exceptions=False).get("/", headers=_bearer(tokens.issue("ann")))
    assert answer.status_code == 500
    assert "away" not in answer.text


def test_websockets_are_guarded(client: TestClient) -> None:
    """A socket opens with a good token, and with no other."""
    with client.websocket_connect("/socket", headers=_bearer(tokens.issue("ann"))) as socket:
        assert socket.receive_text() == "ann"
    with (
        pytest.raises(WebSocketDenialResponse) as caught,
        client.websocket_connect("/socket", headers=_bearer("x")),
    ):
        pass
    assert caught.value.status_code == 401


def test_the_scheme_is_in_the_document(client: TestClient) -> None:
    """A bearer scheme with the scopes of each operation."""
    document = client.app.openapi()
    assert document["components"]["securitySchemes"]["Token"] == {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
    }
    assert document["paths"]["/me"]["get"]["security"] == [{"Token": []}]
    assert document["paths"]["/books"]["post"]["security"] == [{"Token": ["books:write"]}]


def test_a_scheme_has_its_own_name_where_it_is_given_one() -> None:
    """Two issuers are two schemes of the document."""
    app = rapide.Rapide()
    partner = TokenBearer(others, scheme_name="Partner", description="Tokens of partners")

    @app.get("/")
    async def read(partner: Annotated[Claims, Token(partner)]) -> str:
        return partner.sub

    scheme = app.openapi()["components"]["securitySchemes"]["Partner"]
    assert scheme["description"] == "Tokens of partners"
    assert TestClient(app).get("/", headers=_bearer(others.issue("zoe"))).json() == "zoe"


def test_a_token_is_verified_once_for_a_request() -> None:
    """However many dependencies take the user, the signature is computed once."""
    counted: list[str] = []

    class Counting(Tokens[Claims]):
        async def verify(self, token: str) -> Claims:
            counted.append(token)
            return await super().verify(token)

    counting = Counting(_SECRET, issuer="https://api.example.com", audience="shop")
    Counted = Annotated[Claims, Token(counting)]  # noqa: N806 -- a type
    app = rapide.Rapide()

    async def name(user: Counted) -> str:
        return user.sub

    @app.get("/")
    async def read(user: Counted, name: Annotated[str, rapide.Depends(name)]) -> str:
        return user.sub + name

    token = counting.issue("ann")
    assert TestClient(app).get("/", headers=_bearer(token)).json() == "annann"
    assert counted == [token]
