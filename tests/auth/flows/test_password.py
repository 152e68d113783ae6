"""Login with user name and password: token, refresh, revoke, in the words of RFC 6749."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import pytest

import rapide
import rapide.fastapi
from rapide.auth import (
    Account,
    Attempts,
    Claims,
    MemoryStore,
    PasswordFlow,
    Passwords,
    RefreshTokens,
    Token,
    Tokens,
)
from rapide.testclient import TestClient

_PASSWORDS = Passwords()
_HASH = _PASSWORDS.hash_sync("correct horse")


class Shop:
    """An application with a password flow, its accounts, and a client."""

    def __init__(self, face: Any = rapide.Rapide, **options: Any) -> None:
        self.accounts = {
            "ann": Account(
                subject="1", password_hash=_HASH, scopes=("books:read", "books:write"), roles=("staff",)
            ),
            "bob": Account(subject="2", password_hash=_HASH),
            "robot": Account(subject="3"),
        }
        self.tokens = Tokens(secrets.token_urlsafe(32), issuer="https://api.example.com", audience="shop")
        options = {
            "find_account": self.accounts.get,
            "refresh": RefreshTokens(MemoryStore()),
            "passwords": _PASSWORDS,
            "attempts": Attempts(limit=1000),
            "scopes": {"books:read": "Read books"},
            **options,
        }
        self.flow = PasswordFlow(self.tokens, **options)
        self.app = face()
        self.app.include_router(self.flow.router)
        self.app.get("/me", response_model=None)(self._me())
        self.client = TestClient(self.app, raise_server_exceptions=False)

    def _me(self) -> Callable[..., Any]:
        tokens = self.tokens

        async def me(user: Annotated[Claims, Token(tokens)]) -> dict[str, Any]:
            return user.model_dump()

        return me

    def ask(self, **form: str) -> Any:
        return self.client.post("/auth/token", data=form)

    def log_in(self, username: str = "ann", password: str = "correct horse", **form: str) -> Any:
        return self.ask(grant_type="password", username=username, password=password, **form)

    def refresh(self, token: str, **form: str) -> Any:
        return self.ask(grant_type="refresh_token", refresh_token=token, **form)

    def me(self, token: str) -> Any:
        return self.client.get("/me", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(params=[rapide.Rapide, rapide.fastapi.FastAPI], ids=["rapide", "fastapi"])
def shop(request: pytest.FixtureRequest) -> Shop:
    """An application on both faces."""
    return Shop(request.param)


def _is_refused(answer: Any, code: str) -> None:
    assert (answer.status_code, answer.json()) == (400, {"error": code})
    assert answer.headers["Cache-Control"] == "no-store"


def test_login_gives_tokens_that_work(shop: Shop) -> None:
    """The answer is that of RFC 6749, section 5.1, is not kept by anybody, and its token opens a route."""
    answer = shop.log_in()
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    claims = shop.me(body["access_token"]).json()
    assert (claims["sub"], claims["scope"], claims["roles"]) == ("1", "books:read books:write", ["staff"])


def test_only_scopes_of_the_account_are_given(shop: Shop) -> None:
    """Those that were asked for, all of them, or none at all."""
    body = shop.log_in(scope="books:read books:read").json()
    assert body["scope"] == "books:read"
    assert shop.me(body["access_token"]).json()["scope"] == "books:read"
    _is_refused(shop.log_in(scope="books:read admin"), "invalid_scope")
    assert "scope" not in shop.log_in("bob").json()


@pytest.mark.row("AUT-05", "AUT-07")
@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ann", "wrong"),
        ("nobody", "correct horse"),
        ("robot", "correct horse"),
        ("Ann", "correct horse"),
        ("ann\x00", "correct horse"),
        ("a" * 400, "correct horse"),
        ("ann", "x" * 5000),
        ("ann", "é" * 100),
    ],
)
def test_who_cannot_log_in_is_not_told_why(shop: Shop, username: str, password: str) -> None:
    """Absent, without a password, or with a wrong one: the same answer."""
    _is_refused(shop.log_in(username, password), "invalid_grant")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "invalid_request"),
        ({"grant_type": "password", "username": "ann"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        (
            {"grant_type": "password", "username": "a", "password": "b", "client_id": "x" * 256},
            "invalid_request",
        ),
    ],
)
def test_wrong_requests_get_their_code(shop: Shop, form: dict[str, str], code: str) -> None:
    """The codes are those of RFC 6749, section 5.2."""
    _is_refused(shop.ask(**form), code)


def test_refreshing_gives_the_next_tokens(shop: Shop) -> None:
    """Each refresh token works once; using it again ends the login."""
    first = shop.log_in(scope="books:read").json()
    second = shop.refresh(first["refresh_token"]).json()
    assert second["scope"] == "books:read"
    assert shop.me(second["access_token"]).json()["sub"] == "1"
    _is_refused(shop.refresh(first["refresh_token"]), "invalid_grant")
    _is_refused(shop.refresh(second["refresh_token"]), "invalid_grant")


def test_refreshing_asks_for_the_account_again(shop: Shop) -> None:
    """Who has lost a scope has lost it at the next refresh; who is gone, or somebody else, is out."""
    token = shop.log_in().json()["refresh_token"]
    shop.accounts["ann"] = replace(shop.accounts["ann"], scopes=("books:read",), roles=())
    body = shop.refresh(token).json()
    claims = shop.me(body["access_token"]).json()
    assert (claims["scope"], claims["roles"]) == ("books:read", [])
    shop.accounts["ann"] = replace(shop.accounts["ann"], subject="99")
    _is_refused(shop.refresh(body["refresh_token"]), "invalid_grant")
    token = shop.log_in("bob").json()["refresh_token"]
    del shop.accounts["bob"]
    _is_refused(shop.refresh(token), "invalid_grant")


def test_revoking_logs_out(shop: Shop) -> None:
    """200 for a good token as for a stranger's (RFC 7009, section 2.2), and the login has ended."""
    first = shop.log_in().json()
    second = shop.refresh(first["refresh_token"]).json()
    for token in ("unknown", second["refresh_token"], second["refresh_token"]):
        answer = shop.client.post("/auth/revoke", data={"token": token, "token_type_hint": "refresh_token"})
        assert answer.status_code == 200
    _is_refused(shop.refresh(second["refresh_token"]), "invalid_grant")
    _is_refused(shop.client.post("/auth/revoke", data={}), "invalid_request")
    access = {"token": second["access_token"]}
    _is_refused(shop.client.post("/auth/revoke", data=access), "unsupported_token_type")
    documented = shop.app.openapi()["paths"]["/auth/revoke"]["post"]["responses"]["200"]
    assert "content" not in documented


def test_without_refresh_tokens_there_are_none() -> None:
    """No refresh token, no grant for one, and no route to revoke one."""
    shop = Shop(refresh=None)
    assert "refresh_token" not in shop.log_in().json()
    _is_refused(shop.refresh("x"), "unsupported_grant_type")
    assert shop.client.post("/auth/revoke", data={"token": "x"}).status_code == 404


def test_old_hashes_are_replaced_at_login() -> None:
    """The application is handed the new hash, once, when the password was right."""
    updated: list[tuple[str, str]] = []

    async def update(account: Account, hashed: str) -> None:
        updated.append((account.subject, hashed))

    shop = Shop(passwords=Passwords(time_cost=3), update_hash=update)
    shop.log_in(password="wrong")
    assert updated == []
    assert shop.log_in().status_code == 200
    assert [subject for subject, _ in updated] == ["1"]
    assert updated[0][1].startswith("$argon2id$v=19$m=19456,t=3,p=1$")


@pytest.mark.row("AUT-13")
def test_guessing_is_slowed_down() -> None:
    """After too many attempts at a name 429; other names go on, and success clears the count."""
    shop = Shop(attempts=Attempts(limit=3, window=timedelta(minutes=1)))
    for _ in range(2):
        _is_refused(shop.log_in(password="wrong"), "invalid_grant")
    assert shop.log_in().status_code == 200
    for _ in range(3):
        _is_refused(shop.log_in(password="wrong"), "invalid_grant")
    for password in ("wrong", "correct horse"):
        answer = shop.log_in(password=password)
        assert answer.status_code == 429
        assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert shop.log_in("bob").status_code == 200
    for _ in range(3):
        shop.log_in("nobody")
    assert shop.log_in("nobody").status_code == 429


@pytest.mark.row("AUT-11")
@pytest.mark.parametrize("broken", ["find_account", "refresh", "attempts"])
def test_what_fails_lets_nobody_in(broken: str) -> None:
    """A database that is away is a 500 without a word about it, and never a token."""

    def away(*_: Any, **__: Any) -> Any:
        raise OSError("the database is away")

    class Away(MemoryStore):
        get = put = replace = take = away

    options = {"find_account": away, "refresh": RefreshTokens(Away()), "attempts": Attempts(Away())}
    answer = Shop(**{broken: options[broken]}).log_in()
    assert answer.status_code == 500
    assert "away" not in answer.text
    assert "token" not in answer.text


def test_the_document_tells_where_tokens_come_from(shop: Shop) -> None:
    """The scheme is OAuth 2.0 with the flow, so that Swagger UI can log in."""
    document = shop.app.openapi()
    assert document["components"]["securitySchemes"]["Token"] == {
        "type": "oauth2",
        "flows": {
            "password": {
                "tokenUrl": "auth/token",
                "refreshUrl": "auth/token",
                "scopes": {"books:read": "Read books"},
            }
        },
    }
    form = document["paths"]["/auth/token"]["post"]["requestBody"]["content"]
    assert list(form) == ["application/x-www-form-urlencoded"]


def test_swagger_uis_empty_client_is_nobody(shop: Shop) -> None:
    """Its form sends an empty client id and an empty Basic header, and refreshes without."""
    form = {"grant_type": "password", "username": "ann", "password": "correct horse", "client_id": ""}
    answer = shop.client.post("/auth/token", data=form, headers={"Authorization": "Basic Og=="})
    assert answer.status_code == 200
    assert shop.refresh(answer.json()["refresh_token"]).status_code == 200
    bound = shop.log_in(client_id="app").json()
    assert shop.me(bound["access_token"]).json()["client_id"] == "app"
    _is_refused(shop.refresh(bound["refresh_token"], client_id="other"), "invalid_grant")


@pytest.mark.parametrize("is_async", [False, True])
def test_accounts_are_found_by_either_kind_of_function(is_async: bool) -> None:
    """`def` and `async def` both do."""
    accounts = {"ann": Account(subject="1", password_hash=_HASH)}

    async def find(name: str) -> Account | None:
        return accounts.get(name)

    assert Shop(find_account=find if is_async else accounts.get).log_in().status_code == 200


def test_a_closed_application_lets_people_log_in() -> None:
    """Where everything asks who is calling, the routes that tell do not."""
    shop = Shop()
    app = rapide.Rapide(auth=Token(shop.tokens))
    app.include_router(shop.flow.router)
    app.get("/open")(lambda: "here")
    client = TestClient(app)
    assert client.get("/open").status_code == 401
    form = {"grant_type": "password", "username": "ann", "password": "correct horse"}
    token = client.post("/auth/token", data=form).json()["access_token"]
    assert client.get("/open", headers={"Authorization": f"Bearer {token}"}).json() == "here"
    assert app.openapi()["paths"]["/open"]["get"]["security"] == [{"Token": []}]


def test_the_document_says_what_is_needed(shop: Shop) -> None:
    """What is answered with 400 where it is missing is required, though the model leaves it to the flow."""
    schemas = shop.app.openapi()["components"]["schemas"]
    assert schemas["TokenForm"]["required"] == ["grant_type"]
    assert schemas["RevocationForm"]["required"] == ["token"]
    for path in ("token", "revoke"):
        assert shop.client.post(f"/auth/{path}").json() == {"error": "invalid_request"}
