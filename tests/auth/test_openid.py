"""Login with a provider: our own one, which can be made to lie."""

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

import rapide
import rapide.fastapi
from rapide.auth import Identity, Key, Keys, MemoryStore, OpenIDLogin
from rapide.auth.openid import _IdentityTokens
from rapide.errors import AuthDeclarationError
from rapide.testclient import TestClient

_ISSUER = "https://id.example"
_CALLBACK = "https://app.example/auth/openid/callback"


class Provider:
    """A provider with one user, which answers as a test wants."""

    def __init__(self) -> None:
        self.key = Key.generate("ES256")
        self.issuer = _ISSUER
        self.changes: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.metadata_changes: dict[str, Any] = {}
        self.down = False
        self.answer: Response | None = None
        app = rapide.Rapide()
        app.get("/.well-known/openid-configuration")(self.metadata)
        app.get("/jwks")(self.jwks)
        app.post("/token", response_model=None)(self.token)
        self.app = app
        self.transport = httpx2.ASGITransport(app)

    async def metadata(self) -> dict[str, Any]:
        if self.down:
            raise rapide.HTTPException(503)
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{_ISSUER}/authorize",
            "token_endpoint": f"{_ISSUER}/token",
            "jwks_uri": f"{_ISSUER}/jwks",
            **self.metadata_changes,
        }

    async def jwks(self) -> dict[str, Any]:
        return Keys(self.key).jwks()

    def agree(self, address: str) -> str:
        """What the user's browser brings back after he has logged in."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"code={code}&state={asked['state']}"

    async def token(self, request: Request) -> Response:
        if self.answer is not None:
            return self.answer
        form = await request.form()
        asked = self.codes.pop(str(form["code"]), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        expected = base64.b64encode(b"shop:hush").decode()
        if (
            asked is None
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
            or request.headers["Authorization"] != f"Basic {expected}"
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        issuing = _IdentityTokens(Keys(self.key), issuer=_ISSUER, audience="shop", claims=Identity, typ="JWT")
        claims = {"nonce": asked["nonce"], "email": "ann@example.com", "email_verified": True, **self.changes}
        claims = {name: value for name, value in claims.items() if value is not ...}
        if "nonce" not in claims:
            return JSONResponse({"access_token": "x", "token_type": "Bearer"})
        token = issuing.issue("ann", **claims)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})


class Shop:
    """An application whose users log in with the provider."""

    def __init__(self, face: Any = rapide.Rapide) -> None:
        self.provider = Provider()
        self.seen: list[Identity] = []
        self.login = OpenIDLogin(
            _ISSUER,
            client_id="shop",
            client_secret="hush",
            redirect_uri=_CALLBACK,
            on_login=self.on_login,
            store=MemoryStore(),
            transport=self.provider.transport,
        )
        self.app = face()
        self.app.include_router(self.login.router)
        self.client = self.browser()

    def browser(self) -> TestClient:
        return TestClient(
            self.app, "https://app.example", follow_redirects=False, raise_server_exceptions=False
        )

    async def on_login(self, request: Request, identity: Identity) -> Response:
        self.seen.append(identity)
        return JSONResponse({"sub": identity.sub})

    def begin(self) -> Any:
        return self.client.get("/auth/openid/login")

    def come_back(self, query: str) -> Any:
        return self.client.get(f"/auth/openid/callback?{query}")

    def is_refused(self, query: str) -> None:
        answer = self.come_back(query)
        assert answer.status_code == 401
        assert "WWW-Authenticate" in answer.headers
        assert self.seen == []


@pytest.fixture(params=[rapide.Rapide, rapide.fastapi.FastAPI], ids=["rapide", "fastapi"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """An application on both faces."""
    return Shop(request.param)


def test_a_user_comes_back_with_an_identity(shop: Shop) -> None:
    """State, nonce and challenge go out, and a verified identity comes in."""
    sent = shop.begin()
    assert sent.status_code == 303
    address = sent.headers["Location"]
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{_ISSUER}/authorize?")
    assert asked["scope"] == ["openid email profile"]
    assert asked["redirect_uri"] == [_CALLBACK]
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    cookie = sent.headers["Set-Cookie"]
    assert cookie.startswith("__Host-openid-")
    for attribute in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie
    answer = shop.come_back(shop.provider.agree(address))
    assert answer.json() == {"sub": "ann"}
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    assert (shop.seen[0].email, shop.seen[0].email_verified, shop.seen[0].iss) == (
        "ann@example.com",
        True,
        _ISSUER,
    )


@pytest.mark.row("CSR-02")
def test_a_state_is_used_once_and_by_one_browser(shop: Shop) -> None:
    """Missing, unknown, used before, or begun in another browser: refused."""
    query = shop.provider.agree(shop.begin().headers["Location"])
    code = query.partition("&")[0]
    for wrong in ("", code, f"{code}&state=unknown", f"{code}&state="):
        shop.is_refused(wrong)
    victim = Shop.browser(shop)
    assert victim.get(f"/auth/openid/callback?{query}").status_code == 401
    shop.is_refused(query)  # the attempt has used it up
    fresh = shop.provider.agree(shop.begin().headers["Location"])
    assert shop.come_back(fresh).status_code == 200
    shop.seen.clear()
    shop.is_refused(fresh)


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": ...},
        {"azp": "other"},
        {"aud": "other"},
        {"aud": ("other",)},
        {"iss": "https://evil.example"},
        {"exp": int(time.time()) - 120},
        {"iat": int(time.time()) + 600},
    ],
    # Not the values: every worker has to give a test the same name, whatever the time.
    ids=["nonce", "no-nonce", "azp", "aud", "auds", "iss", "exp", "iat"],
)
def test_an_identity_of_others_or_for_others_is_refused(changes: dict[str, Any]) -> None:
    """Another nonce, client, issuer or time; or no identity at all."""
    shop = Shop()
    shop.provider.changes = changes
    shop.is_refused(shop.provider.agree(shop.begin().headers["Location"]))


def test_another_key_is_refused() -> None:
    """What the provider's published keys have not signed is not his."""
    shop = Shop()
    query = shop.provider.agree(shop.begin().headers["Location"])
    assert shop.come_back(query).status_code == 200
    shop.seen.clear()
    shop.provider.key = Key.generate("ES256")
    query = shop.provider.agree(shop.begin().headers["Location"])
    shop.is_refused(query)


def test_answers_of_another_provider_are_refused() -> None:
    """The issuer of the answer is the one that was asked (RFC 9207), and a code is not endless."""
    shop = Shop()
    query = shop.provider.agree(shop.begin().headers["Location"])
    shop.is_refused(f"{query}&iss=https%3A%2F%2Fevil.example")
    state = shop.provider.agree(shop.begin().headers["Location"]).partition("&")[2]
    shop.is_refused(f"code={'x' * 5000}&{state}")


def test_a_provider_that_says_no_is_a_401() -> None:
    """The user has not agreed, or the code is not one."""
    shop = Shop()
    state = shop.provider.agree(shop.begin().headers["Location"]).partition("&")[2]
    shop.is_refused(f"error=access_denied&error_description=<script>&{state}")
    state = shop.provider.agree(shop.begin().headers["Location"]).partition("&")[2]
    shop.is_refused(f"code=unknown&{state}")


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://id.example/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
    ids=repr,
)
def test_a_description_that_is_not_his_is_not_used(change: dict[str, Any]) -> None:
    """Another issuer, or addresses that are not https: nobody is sent anywhere."""
    shop = Shop()
    shop.provider.metadata_changes = change
    answer = shop.begin()
    assert answer.status_code == 503
    assert "Location" not in answer.headers


def test_a_provider_that_is_away_is_a_503_until_it_was_read_once() -> None:
    """Later the last description stays."""
    shop = Shop()
    shop.provider.down = True
    assert shop.begin().status_code == 503
    shop.provider.down = False
    assert shop.begin().status_code == 303
    shop.provider.down = True
    shop.login._metadata_ends_at = 0.0
    assert shop.begin().status_code == 303


@pytest.mark.parametrize(
    ("issuer", "callback"),
    [("http://id.example", _CALLBACK), ("id.example", _CALLBACK), (_ISSUER, "http://app.example/cb")],
)
def test_only_https_starts(issuer: str, callback: str) -> None:
    """Provider and callback are https, with a code."""

    async def on_login(request: Request, identity: Identity) -> Response:
        return Response()

    with pytest.raises(AuthDeclarationError, match="RAP506"):
        OpenIDLogin(issuer, client_id="a", redirect_uri=callback, on_login=on_login, store=MemoryStore())


@pytest.mark.parametrize(
    "answer",
    [
        Response("<html>", media_type="text/html"),
        Response("", media_type="application/json"),
        Response("{", media_type="application/json"),
        Response("\xff", media_type="application/json"),
        *(JSONResponse(body) for body in (None, [], "x", 1, {}, {"error": None}, {"error": ["x"]})),
        *(JSONResponse({"id_token": token}) for token in (None, 1, "", {}, "x" * 100_000)),
        *(JSONResponse({"id_token": "x", "expires_in": value}) for value in ("soon", [], 10**400)),
        Response(status_code=302, headers={"Location": "https://evil.example/"}),
        Response(status_code=500),
    ],
    ids=lambda answer: f"{answer.status_code} {answer.body[:30]!r}",
)
def test_whatever_the_provider_answers_is_a_401(answer: Response) -> None:
    """A login fails; the application does not."""
    shop = Shop()
    query = shop.provider.agree(shop.begin().headers["Location"])
    shop.provider.answer = answer
    shop.is_refused(query)


def test_a_provider_that_names_itself_does_so_always(shop: Shop) -> None:
    """One that says that its answers name the issuer does not leave it out (RFC 9207, section 2.4)."""
    shop.provider.metadata_changes = {"authorization_response_iss_parameter_supported": True}
    shop.is_refused(shop.provider.agree(shop.begin().headers["Location"]))
    query = shop.provider.agree(shop.begin().headers["Location"])
    assert shop.come_back(f"{query}&iss=https%3A%2F%2Fid.example").status_code == 200
