"""The authorization code with PKCE: one code, one client, one address, one verifier."""

import base64
import hashlib
import re
import secrets
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlencode, urlsplit

import httpx2
import pytest

import rapide
import rapide.fastapi
from rapide.auth import (
    Account,
    Attempts,
    Client,
    CodeFlow,
    MemoryStore,
    PasswordFlow,
    Passwords,
    RefreshTokens,
    Tokens,
    generate_secret,
    hash_secret,
)
from rapide.errors import AuthDeclarationError
from rapide.testclient import TestClient

_PASSWORDS = Passwords()
_HASH = _PASSWORDS.hash_sync("correct horse")
_BACK = "https://app.example.com/callback?tenant=1"
# RFC 7636, appendix B.
_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
# With characters that a form encodes, as clients with secrets of their own may have.
_SECRET = generate_secret() + ":+ %é"
_NEXT_SECRET = generate_secret()
_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


class Shop:
    """An application with a code flow and two clients."""

    def __init__(self, face: Any = rapide.Rapide) -> None:
        self.accounts = {
            "ann": Account(subject="1", password_hash=_HASH, scopes=("books:read", "books:write"))
        }
        self.tokens = Tokens(secrets.token_urlsafe(32), issuer="https://api.example.com", audience="shop")
        refresh = RefreshTokens(MemoryStore())
        flow = CodeFlow(
            self.tokens,
            find_account=self.accounts.get,
            clients={
                "app": Client(redirect_uris=(_BACK, "http://127.0.0.1:8000/cb")),
                "reader": Client(redirect_uris=(_BACK,), scopes=("books:read",)),
                "web:1": Client(
                    redirect_uris=(_BACK,), secret_hashes=(hash_secret(_SECRET), hash_secret(_NEXT_SECRET))
                ),
            },
            store=MemoryStore(),
            refresh=refresh,
            passwords=_PASSWORDS,
            attempts=Attempts(limit=100),
        )
        self.app = face()
        self.app.include_router(flow.router)
        # One that knows no clients, over the same refresh tokens.
        other = PasswordFlow(
            Tokens(secrets.token_urlsafe(32), issuer="https://api.example.com", audience="other"),
            find_account=self.accounts.get,
            refresh=refresh,
            passwords=_PASSWORDS,
            prefix="/other",
        )
        self.app.include_router(other.router)
        self.client = TestClient(self.app, follow_redirects=False, raise_server_exceptions=False)

    def ask(self, **changes: str) -> dict[str, str]:
        asked = {
            "response_type": "code",
            "client_id": "app",
            "redirect_uri": _BACK,
            "state": "s&t=1",
            "code_challenge": _CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in asked.items() if value != "-"}

    def show(self, **changes: str) -> Any:
        return self.client.get("/auth/authorize", params=self.ask(**changes))

    def log_in(self, password: str = "correct horse", headers: Any = None, **changes: str) -> Any:
        form = {**self.ask(**changes), "username": "ann", "password": password}
        return self.client.post("/auth/authorize", data=form, headers=headers)

    def exchange_form(self, code: str, **changes: str) -> dict[str, str]:
        return {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": "app",
            "redirect_uri": _BACK,
            "code_verifier": _VERIFIER,
            **changes,
        }

    def exchange(self, code: str, headers: Any = None, **changes: str) -> Any:
        return self.client.post("/auth/token", data=self.exchange_form(code, **changes), headers=headers)

    def refresh(self, token: str, headers: Any = None, prefix: str = "/auth", **form: str) -> Any:
        form = {"grant_type": "refresh_token", "refresh_token": token, **form}
        return self.client.post(f"{prefix}/token", data=form, headers=headers)


def _basic(client_id: str, secret: str) -> dict[str, str]:
    """HTTP Basic as RFC 6749, section 2.3.1 has it: both parts encoded as in forms."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


@pytest.fixture(params=[rapide.Rapide, rapide.fastapi.FastAPI], ids=["rapide", "fastapi"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """An application on both faces."""
    return Shop(request.param)


def _sent_back(answer: Any) -> dict[str, str]:
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert address.startswith(_BACK + "&")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items() if name != "tenant"}


def test_a_code_becomes_tokens_once(shop: Shop) -> None:
    """The page, the way back with code, state and issuer, and tokens for who knows the verifier."""
    page = shop.show()
    assert page.status_code == 200
    assert 'name="state" value="s&amp;t=1"' in page.text
    back = _sent_back(shop.log_in(scope="books:read"))
    assert (back["state"], back["iss"]) == ("s&t=1", "https://api.example.com")
    body = shop.exchange(back["code"]).json()
    assert body["scope"] == "books:read"
    refreshed = shop.client.post(
        "/auth/token",
        data={"grant_type": "refresh_token", "refresh_token": body["refresh_token"], "client_id": "app"},
    )
    assert refreshed.status_code == 200
    again = shop.exchange(back["code"])
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
    # Somebody has a copy of the code: what the first one got ends (RFC 6749, section 4.1.2).
    token = refreshed.json()["refresh_token"]
    assert shop.refresh(token, client_id="app").json() == {"error": "invalid_grant"}


@pytest.mark.parametrize("seconds", [False, True], ids=["before the family", "after it"])
def test_of_two_at_once_with_one_code_nobody_keeps_tokens(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, seconds: bool
) -> None:
    """The second ends the login of the first, also where that is not finished yet."""
    code = _sent_back(shop.log_in())["code"]
    start = RefreshTokens.start
    others = []

    async def interrupted(refresh: RefreshTokens, *args: Any, **options: Any) -> str:
        token = await start(refresh, *args, **options) if seconds else ""
        transport = httpx2.ASGITransport(app=shop.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            others.append(await client.post("/auth/token", data=shop.exchange_form(code)))
        return token or await start(refresh, *args, **options)

    monkeypatch.setattr(RefreshTokens, "start", interrupted)
    answer = shop.exchange(code)
    assert [other.json() for other in others] == [{"error": "invalid_grant"}]
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


def test_less_can_be_asked_for_at_each_refresh(shop: Shop) -> None:
    """RFC 6749, section 6: never more than was agreed to, and the refused request uses nothing up."""
    token = shop.exchange(_sent_back(shop.log_in())["code"]).json()["refresh_token"]
    more = shop.refresh(token, client_id="app", scope="books:read admin")
    assert (more.status_code, more.json()) == (400, {"error": "invalid_scope"})
    less = shop.refresh(token, client_id="app", scope="books:read").json()
    assert less["scope"] == "books:read"
    assert shop.refresh(less["refresh_token"], client_id="app").json()["scope"] == "books:read books:write"


def test_a_parameter_twice_is_refused(shop: Shop) -> None:
    """RFC 6749, section 3.2: a proxy may have looked at the other one."""
    code = _sent_back(shop.log_in())["code"]
    body = urlencode(shop.exchange_form(code)) + "&client_id=reader"
    answer = shop.client.post(
        "/auth/token", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    # Rapide itself takes no field twice that is declared once.
    assert answer.status_code == 422 or answer.json() == {"error": "invalid_request"}
    assert shop.exchange(code).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": _CHALLENGE},
        {"client_id": "reader"},
        {"redirect_uri": "http://127.0.0.1:8000/cb"},
    ],
)
def test_a_code_is_bound_and_spent_by_the_first_attempt(shop: Shop, changes: dict[str, str]) -> None:
    """Another verifier, client or address gets nothing, and then nobody does."""
    code = _sent_back(shop.log_in())["code"]
    for attempt in (changes, {}):
        answer = shop.exchange(code, **attempt)
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.parametrize("missing", ["code", "client_id", "redirect_uri", "code_verifier"])
def test_nothing_of_the_exchange_can_be_left_out(shop: Shop, missing: str) -> None:
    """Without a verifier above all."""
    code = _sent_back(shop.log_in())["code"]
    answer = shop.exchange(**{"code": code, missing: ""})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "-"},
        {"client_id": "nobody"},
        {"redirect_uri": "-"},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "https://app.example.com/callback"},
        {"redirect_uri": _BACK + "x"},
        {"redirect_uri": _BACK.upper()},
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
def test_nobody_is_sent_to_an_unknown_address(shop: Shop, changes: dict[str, str]) -> None:
    """A page says so, and there is no way on from it."""
    for answer in (shop.show(**changes), shop.log_in(**changes)):
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "evil" not in answer.text
        assert "form-action 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "-"}, "unsupported_response_type"),
        ({"code_challenge": "-"}, "invalid_request"),
        ({"code_challenge_method": "-"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 44}, "invalid_request"),
        ({"state": "x" * 2000}, "invalid_request"),
    ],
)
def test_requests_without_proof_are_sent_back(shop: Shop, changes: dict[str, str], error: str) -> None:
    """PKCE with S256 is needed, and code is the only answer."""
    for answer in (shop.show(**changes), shop.log_in(**changes)):
        back = _sent_back(answer)
        assert back["error"] == error
        assert "code" not in back


def test_scopes_are_those_of_account_and_client(shop: Shop) -> None:
    """What the client may not have it does not get, asked for or not."""
    assert _sent_back(shop.log_in(scope="admin"))["error"] == "invalid_scope"
    assert _sent_back(shop.log_in(client_id="reader", scope="books:write"))["error"] == "invalid_scope"
    code = _sent_back(shop.log_in(client_id="reader"))["code"]
    assert shop.exchange(code, client_id="reader").json()["scope"] == "books:read"


def test_a_wrong_password_shows_the_page_again(shop: Shop) -> None:
    """With the same fields, and without the password."""
    answer = shop.log_in(password="wr<ong")
    assert answer.status_code == 400
    assert "is wrong" in answer.text
    assert "wr&lt;ong" not in answer.text
    assert "wr<ong" not in answer.text
    assert _CHALLENGE in answer.text


@pytest.mark.row("CSR-02")
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_from_elsewhere_is_refused(shop: Shop, headers: dict[str, str]) -> None:
    """Nobody logs a user in as somebody else from another site."""
    assert shop.log_in(headers=headers).status_code == 403


@pytest.mark.row("CSR-02")
@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}])
def test_our_own_form_is_accepted(shop: Shop, headers: dict[str, str]) -> None:
    """From a browser on our page, and from a program."""
    assert "code" in _sent_back(shop.log_in(headers=headers))


def test_the_page_is_closed_to_everything_else(shop: Shop) -> None:
    """No script, no frame, nothing from elsewhere, not kept; what was asked for is text."""
    page = shop.show(state='"><script>alert(1)</script>')
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://app.example.com" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"
    assert "<script" not in page.text
    assert re.search(r'name="state" value="&quot;&gt;&lt;script&gt;', page.text)


def test_an_account_that_is_gone_gets_no_tokens(shop: Shop) -> None:
    """Between the code and the tokens everything is looked at again."""
    code = _sent_back(shop.log_in())["code"]
    del shop.accounts["ann"]
    assert shop.exchange(code).json() == {"error": "invalid_grant"}


def test_any_verifier_of_the_rfc_does() -> None:
    """43 to 128 characters; the challenge is their SHA-256."""
    shop = Shop()
    for length in (43, 128):
        verifier = "~._-" + "a" * (length - 4)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        code = _sent_back(shop.log_in(code_challenge=challenge))["code"]
        assert shop.exchange(code, code_verifier=verifier).status_code == 200


@pytest.mark.parametrize(
    "uris",
    [
        (),
        ("http://app.example.com/cb",),
        ("https://*.example.com/cb",),
        ("https://app.example.com/cb#x",),
        ("javascript:alert(1)",),
        ("https:///cb",),
        ("/cb",),
        ("https://app.example.com/cb\r\nX: 1",),
        ("https://app.example.com/cb", "data:text/html,x"),
    ],
)
def test_unsafe_addresses_refuse_to_start(uris: tuple[str, ...]) -> None:
    """With a code."""
    with pytest.raises(AuthDeclarationError) as caught:
        Client(redirect_uris=uris)
    assert caught.value.code == "RAP507"


def test_addresses_of_applications_are_accepted() -> None:
    """A scheme of one's own, and this machine for programs that run on it."""
    Client(redirect_uris=("com.example.app:/callback", "http://localhost/cb", "http://[::1]:80/cb"))


def _is_invalid_client(answer: Any) -> None:
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="token"'
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("secret", [_SECRET, _NEXT_SECRET], ids=["present", "next"])
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_confidential_client_proves_who_it_is(shop: Shop, method: str, secret: str) -> None:
    """By either method of RFC 6749, section 2.3.1, with the secret of now or the next one: always."""
    code = _sent_back(shop.log_in(client_id="web:1"))["code"]
    if method == "client_secret_basic":
        proof: dict[str, Any] = {"headers": _basic("web:1", secret)}
        body = shop.exchange(code, client_id="", **proof).json()
    else:
        proof = {"client_id": "web:1", "client_secret": secret}
        body = shop.exchange(code, **proof).json()
    body = shop.refresh(body["refresh_token"], **proof).json()
    form = {"token": body["refresh_token"], **{k: v for k, v in proof.items() if k != "headers"}}
    assert shop.client.post("/auth/revoke", data=form, headers=proof.get("headers")).status_code == 200
    assert shop.refresh(body["refresh_token"], **proof).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "proof",
    [
        {"client_id": "web:1"},
        {"client_id": "web:1", "client_secret": ""},
        {"client_id": "web:1", "client_secret": "wrong"},
        {"client_id": "web:1", "client_secret": hash_secret(_SECRET)},
        {"client_id": "nobody"},
        {"client_id": "nobody", "client_secret": _SECRET},
        {"client_id": "app", "client_secret": _SECRET},
        {"client_id": "", "headers": _basic("web:1", "wrong")},
        {"client_id": "", "headers": _basic("web:1", "")},
        {"client_id": "", "headers": _basic("", _SECRET)},
        {"client_id": "", "headers": _basic("app", _SECRET)},
        {"client_id": "", "headers": {"Authorization": "Basic ???"}},
        {"client_id": "web:1", "headers": {"Authorization": "Bearer x"}},
        {"client_id": "", "headers": _basic("web:1", "x" * 5000)},
    ],
    ids=[
        *("nothing", "empty", "wrong", "hash", "unknown", "unknown-with-secret", "public-with-secret"),
        *(
            "basic-wrong",
            "basic-empty",
            "basic-nobody",
            "basic-public",
            "no-base64",
            "bearer",
            "long",
        ),
    ],
)
def test_who_cannot_prove_it_gets_nothing_and_spends_nothing(shop: Shop, proof: dict[str, Any]) -> None:
    """401 with a challenge, and the code is good for the client whose it is."""
    code = _sent_back(shop.log_in(client_id="web:1"))["code"]
    _is_invalid_client(shop.exchange(code, **proof))
    right = shop.exchange(code, client_id="web:1", client_secret=_SECRET)
    assert right.status_code == 200
    _is_invalid_client(shop.refresh(right.json()["refresh_token"], **proof))
    assert (
        shop.refresh(right.json()["refresh_token"], client_id="web:1", client_secret=_SECRET).status_code
        == 200
    )


@pytest.mark.parametrize(
    "twice",
    [{"client_secret": _SECRET, "client_id": ""}, {"client_id": "app"}],
    ids=["two methods", "two names"],
)
def test_one_method_for_each_request(shop: Shop, twice: dict[str, str]) -> None:
    """Header and form at once are refused, even if both are right (RFC 6749, section 2.3)."""
    answer = shop.exchange("x" * 43, headers=_basic("web:1", _SECRET), **twice)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_a_flow_without_clients_does_not_serve_those_that_have_a_secret(shop: Shop) -> None:
    """Beside a password flow with the same store, naming the client is no proof, and ends the family."""
    code = _sent_back(shop.log_in(client_id="web:1"))["code"]
    proof = {"client_id": "web:1", "client_secret": _SECRET}
    token = shop.exchange(code, **proof).json()["refresh_token"]
    answer = shop.client.post("/other/revoke", data={"token": token, "client_id": "web:1"})
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    for client_secret in ("", _SECRET):
        other = shop.refresh(token, prefix="/other", client_id="web:1", client_secret=client_secret)
        assert (other.status_code, other.json()) == (400, {"error": "invalid_grant"})
    assert shop.refresh(token, **proof).json() == {"error": "invalid_grant"}


def test_only_whose_token_it_is_revokes_it(shop: Shop) -> None:
    """RFC 7009, section 2.1: a confidential client proves who it is; nobody revokes another's token."""
    code = _sent_back(shop.log_in(client_id="web:1"))["code"]
    proof = {"client_id": "web:1", "client_secret": _SECRET}
    token = shop.exchange(code, **proof).json()["refresh_token"]
    for form in ({}, {"client_id": "app"}, {**proof, "client_secret": "wrong"}):
        _is_invalid_client(shop.client.post("/auth/revoke", data={"token": token, **form}))
    code = _sent_back(shop.log_in())["code"]
    public = shop.exchange(code).json()["refresh_token"]
    answer = shop.client.post("/auth/revoke", data={"token": public, "client_id": "reader"})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    assert shop.refresh(token, **proof).status_code == 200
    assert shop.refresh(public, client_id="app").status_code == 200


def test_two_headers_are_no_proof(shop: Shop) -> None:
    """Whichever of them is right."""
    header = ("Authorization", _basic("web:1", _SECRET)["Authorization"])
    assert shop.exchange("x" * 43, headers=[header, header], client_id="").status_code in {400, 401}


@pytest.mark.parametrize(
    "hashes",
    ["", "x", ("secret",), (_SECRET,), (hash_secret(_SECRET).upper(),)],
    ids=["no text", "text", "short", "secret", "large letters"],
)
def test_secrets_that_are_not_hashed_refuse_to_start(hashes: Any) -> None:
    """What the configuration holds is not what opens the door, and a text is no list of hashes."""
    with pytest.raises(AuthDeclarationError) as caught:
        Client(redirect_uris=(_BACK,), secret_hashes=hashes)
    assert caught.value.code == "RAP508"
    assert _SECRET not in str(caught.value)
