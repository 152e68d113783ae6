"""Scopes, roles and policies as dependencies."""

import asyncio
import base64
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

import rapide.fastapi
from rapide import Depends, Rapide, Security
from rapide.auth import (
    Account,
    APIKey,
    APIKeyLogin,
    APIKeys,
    Basic,
    BasicLogin,
    Claims,
    Login,
    MemoryStore,
    Passwords,
    Token,
    Tokens,
    VerifiedAPIKey,
    all_of,
    any_of,
    requires,
)
from rapide.errors import AccessError
from rapide.security import APIKeyHeader, HTTPBearer, SecurityScopes
from rapide.testclient import TestClient

bearer = HTTPBearer(auto_error=False)
key = APIKeyHeader(name="X-Key", auto_error=False)


@dataclass
class User:
    name: str
    roles: list[str] = field(default_factory=list)
    scopes: str = ""


USERS = {
    "ada": User("ada", ["staff", "buyer"], "read write"),
    "bob": User("bob", ["buyer"], "read"),
    "eve": User("eve"),
}


async def current_user(token: Annotated[Any, Depends(bearer)]) -> User | None:
    """The user whose name is the token."""
    return None if token is None else USERS.get(token.credentials)


CurrentUser = Annotated[User | None, Depends(current_user)]


def _served(auth: Any, path: str = "/") -> TestClient:
    app = Rapide()

    @app.get(path, auth=auth)
    async def read() -> str:
        return "let in"

    return TestClient(app, raise_server_exceptions=False)


def statuses(client: TestClient, path: str = "/") -> list[int]:
    """What a stranger, an unknown token, Ada, Bob and Eve get."""
    headers = [{}, *({"Authorization": f"Bearer {name}"} for name in ("nobody", "ada", "bob", "eve"))]
    return [client.get(path, headers=each).status_code for each in headers]


def test_roles_are_asked_for() -> None:
    """One of the roles is enough; a stranger gets 401, a user without them 403."""
    assert statuses(_served(requires(current_user, roles="staff"))) == [401, 401, 200, 403, 403]
    assert statuses(_served(requires(current_user, roles=["staff", "buyer"]))) == [401, 401, 200, 200, 403]


def test_scopes_are_asked_for() -> None:
    """All scopes are needed; the 403 names them as RFC 6750 says."""
    client = _served(requires(current_user, scopes="read write"))
    assert statuses(client) == [401, 401, 200, 403, 403]
    refusal = client.get("/", headers={"Authorization": "Bearer bob"})
    assert refusal.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="read write"'
    assert client.get("/").headers["www-authenticate"] == "Bearer"


def test_scopes_and_roles_are_asked_for_together() -> None:
    """Somebody with the role and without the scope is refused, and the other way round."""
    assert statuses(_served(requires(current_user, scopes="read", roles="staff")))[2:] == [200, 403, 403]


def test_scopes_reach_the_dependencies_and_the_document() -> None:
    """Whoever reads the token sees the scopes that the operation asks for, and so do clients."""
    seen = []

    async def scoped(scopes: SecurityScopes, user: CurrentUser) -> User | None:
        seen.append(scopes.scope_str)
        return user

    client = _served(requires(scoped, scopes=["read"]))
    assert statuses(client)[2] == 200
    assert set(seen) == {"read"}
    operation = client.app.openapi()["paths"]["/"]["get"]
    assert operation["security"] == [{"HTTPBearer": ["read"]}]
    assert {"401", "403"} <= set(operation["responses"])


def test_requirement_gives_the_caller() -> None:
    """As a parameter it is the user, known to have the role."""
    app = Rapide()

    @app.get("/")
    async def read(user: Annotated[User, requires(current_user, roles="staff")]) -> str:
        return user.name

    client = TestClient(app)
    assert client.get("/", headers={"Authorization": "Bearer ada"}).json() == "ada"
    assert client.get("/", headers={"Authorization": "Bearer bob"}).status_code == 403
    assert client.get("/").status_code == 401


def may_read(order: int, user: CurrentUser) -> bool | None:
    """Staff reads all orders, everybody else the even ones."""
    if user is None:
        return None
    return "staff" in user.roles or order % 2 == 0


def test_policy_is_a_plain_function() -> None:
    """It can be called by a test as it is, and decides about the resource in the path."""
    assert may_read(1, USERS["ada"]) is True
    assert may_read(1, USERS["bob"]) is False
    client = _served(may_read, "/orders/{order}")
    assert statuses(client, "/orders/1") == [401, 401, 200, 403, 403]
    assert statuses(client, "/orders/2") == [401, 401, 200, 200, 200]


def test_all_of_needs_all() -> None:
    """Each guard has to let pass; the result is that of the first."""
    client = _served(all_of(may_read, requires(current_user, scopes="read")), "/orders/{order}")
    assert statuses(client, "/orders/1") == [401, 401, 200, 403, 403]
    assert statuses(client, "/orders/2") == [401, 401, 200, 200, 403]


def _by_key(value: Annotated[str | None, Depends(key)]) -> bool | None:
    return None if value is None else value == "warehouse"


def test_any_of_needs_one() -> None:
    """A user or a key: whoever one of them lets pass, passes; the challenges are those of both."""
    client = _served(any_of(may_read, _by_key), "/orders/{order}")
    assert statuses(client, "/orders/1") == [401, 401, 200, 403, 403]
    assert client.get("/orders/1", headers={"X-Key": "warehouse"}).status_code == 200
    assert client.get("/orders/1", headers={"X-Key": "wrong"}).status_code == 403
    assert client.get("/orders/1").headers["www-authenticate"] == "Bearer, APIKey"
    operation = client.app.openapi()["paths"]["/orders/{order}"]["get"]
    assert operation["security"] == [{"HTTPBearer": []}, {"APIKeyHeader": []}]


def test_falsy_answers_are_answers() -> None:
    """Only None and False refuse: a user may be a number, an empty text or a list."""

    async def zero() -> int | None:
        return 0

    assert _served(zero).get("/").status_code == 200
    assert _served(any_of(zero)).get("/").status_code == 200


def test_caller_without_the_attribute_is_a_fault_and_no_permission() -> None:
    """Where a class cannot be looked at beforehand, a missing attribute is an error of the server."""

    async def somebody() -> Any:
        return "a text has no roles"

    assert _served(requires(somebody, roles="staff")).get("/").status_code == 500


def test_attribute_that_is_none_holds_nothing() -> None:
    """A user whose roles are None has none."""

    async def somebody() -> Any:
        return User("x", None)  # type: ignore[arg-type]

    assert _served(requires(somebody, roles="staff")).get("/").status_code == 403


def test_singular_attributes_count() -> None:
    """Tokens have `scope`, and many users have one `role`."""

    @dataclass
    class Claims:
        scope: str
        role: str

    async def claims() -> Claims:
        return Claims("read write", "staff")

    assert _served(requires(claims, scopes="read", roles="staff")).get("/").status_code == 200


def _no_roles() -> int: ...


def _always() -> User: ...


def _strict(token: Annotated[Any, Depends(HTTPBearer())]) -> bool | None: ...


def _unannotated(): ...


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: requires(current_user), "RAP604"),
        (lambda: requires(_no_roles, roles="staff"), "RAP604"),
        (lambda: any_of(_always), "RAP605"),
        (lambda: any_of(_strict), "RAP605"),
        (lambda: any_of(_unannotated), "RAP603"),
        (lambda: all_of(_unannotated), "RAP603"),
        (any_of, "RAP601"),
        (all_of, "RAP601"),
    ],
)
def test_wrong_permissions_refuse_to_start(make: Any, code: str) -> None:
    """What could let in everybody or nobody is an error at import, with a code and a remedy."""
    with pytest.raises(AccessError) as error:
        make()
    assert error.value.code == code


def test_permissions_nest() -> None:
    """What is made of guards is a guard."""
    policy = any_of(_by_key, all_of(current_user, requires(current_user, roles="staff")))
    client = _served(Security(policy.dependency))
    assert statuses(client) == [401] * 2 + [200, 403, 403]


def test_nothing_is_loaded_unless_it_is_used() -> None:
    """`import rapide` loads nothing of `rapide.auth`, and `public` loads no permissions."""
    code = (
        "import sys, rapide; assert 'rapide.auth' not in sys.modules\n"
        "from rapide.auth import public; assert 'rapide.auth.permissions' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("face", [rapide.Rapide, rapide.fastapi.FastAPI])
def test_several_schemes_share_one_header(face: Any) -> None:
    """A password, a token or a key: each is tried, a wrong one is not covered by the others' absence."""
    passwords = Passwords()
    login = Login(
        {"ann": Account(subject="ann", password_hash=passwords.hash_sync("correct horse"))}.get,
        passwords=passwords,
    )
    tokens = Tokens(secrets.token_urlsafe(32), issuer="https://api.example.com", audience="shop")
    api_keys = APIKeys(MemoryStore())
    basic = BasicLogin(login, auto_error=False)
    key_login = APIKeyLogin(api_keys, auto_error=False)

    def by_password(user: Annotated[Account | None, Basic(basic)]) -> str | None:
        return user and user.subject

    def by_token(claims: Annotated[Claims | None, Token(tokens, optional=True)]) -> str | None:
        return claims and claims.sub

    def by_key(key: Annotated[APIKey | None, VerifiedAPIKey(key_login)]) -> str | None:
        return key and key.owner

    app, anyone = face(), any_of(by_password, by_token, by_key)

    @app.get("/")
    def read(caller: Annotated[str, anyone]) -> str:
        return caller

    client = TestClient(app)

    def ask(**headers: str) -> tuple[int, Any]:
        answer = client.get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})
        return answer.status_code, answer.json() if answer.status_code == 200 else None

    def encoded(password: str) -> str:
        return "Basic " + base64.b64encode(f"ann:{password}".encode()).decode()

    key, _ = asyncio.run(api_keys.create("bob"))
    token = tokens.issue("eve")
    assert ask(authorization=encoded("correct horse")) == (200, "ann")
    assert ask(authorization=f"Bearer {token}") == (200, "eve")
    assert ask(x_api_key=key) == (200, "bob")
    assert ask(authorization=f"Bearer {token}", x_api_key=key) == (200, "eve")
    for wrong in (encoded("wrong"), "Bearer x", "Digest x", "Basic ?", "Basic", "x", ""):
        assert ask(authorization=wrong) == (401, None)
    assert ask(authorization=encoded("wrong"), x_api_key=key) == (401, None)
    assert ask(authorization="Bearer x", x_api_key=key) == (401, None)
    challenge = client.get("/").headers["WWW-Authenticate"]
    assert [challenge.count(scheme) for scheme in ("Basic", "Bearer", "APIKey")] == [1, 1, 1]
