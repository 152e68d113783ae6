"""Who is calling, and may they: packages for tokens, sessions, forged requests and permissions."""

from urllib.parse import parse_qs, urlsplit

import pytest


def _bearer(token):
    return {"authorization": f"Bearer {token}"}


@pytest.mark.package("authx", "access")
def test_authx(environment):
    """Tokens by header and by cookie, fresh ones, refresh tokens; refusals by its handlers."""
    with environment.serve("access", PACKAGE="authx") as program:
        assert program.get("/me").status_code == 401
        assert program.get("/me", headers=_bearer("nonsense")).status_code in {401, 422}
        tokens = program.post("/login", params={"username": "ada"}).json()
        program.cookies.clear()
        assert program.get("/me", headers=_bearer(tokens["access_token"])).json() == "ada"
        assert program.get("/me", headers=_bearer(tokens["refresh_token"])).status_code in {401, 422}
        again = program.post("/refresh", headers=_bearer(tokens["refresh_token"])).json()["access_token"]
        assert program.get("/me", headers=_bearer(again)).json() == "ada"
        assert program.delete("/all", headers=_bearer(again)).status_code in {401, 422}
        assert program.delete("/all", headers=_bearer(tokens["access_token"])).json() == "gone"


@pytest.mark.package("fastapi-login", "access")
def test_fastapi_login(environment):
    """A login by form, tokens by header and by cookie, scopes."""
    with environment.serve("access", PACKAGE="fastapi-login") as program:
        wrong = program.post("/login", data={"username": "ada", "password": "wrong"})
        assert (wrong.status_code, wrong.json()) == (401, {"detail": "Invalid credentials"})
        token = program.post("/login", data={"username": "ada", "password": "right"}).json()["access_token"]
        assert program.get("/me").json() == "ada"
        program.cookies.clear()
        assert program.get("/me").status_code == 401
        assert program.get("/me", headers=_bearer(token)).json() == "ada"
        assert program.get("/read", headers=_bearer(token)).json() == "ada"
        assert program.get("/write", headers=_bearer(token)).status_code == 400


@pytest.mark.package("fastapi-jwt", "access")
def test_fastapi_jwt(environment):
    """Tokens by header and by cookie, through security classes of its own."""
    with environment.serve("access", PACKAGE="fastapi-jwt") as program:
        assert program.get("/me").status_code == 401
        token = program.post("/login").json()["access_token"]
        assert program.get("/me").json() == "ada"
        program.cookies.clear()
        assert program.get("/me", headers=_bearer(token)).json() == "ada"
        assert program.get("/openapi.json").json()["components"]["securitySchemes"]


@pytest.mark.package("fastapi-csrf-protect", "access")
def test_fastapi_csrf_protect(environment):
    """A token in a cookie and a header; without one of them, or after its use, a refusal."""
    with environment.serve("access", PACKAGE="fastapi-csrf-protect") as program:
        assert program.post("/form").status_code == 400
        token = program.get("/form").json()["token"]
        assert program.post("/form").status_code == 422
        wrong = program.post("/form", headers={"x-csrf-token": "wrong"})
        assert wrong.status_code in {401, 403}
        sent = program.post("/form", headers={"x-csrf-token": token})
        assert sent.json() == "sent"
        assert "fastapi-csrf-token" not in program.cookies


@pytest.mark.package("fastapi-sso", "access")
def test_fastapi_sso(environment, collector):
    """A redirect to the provider with a state, and a refusal of a callback with another."""
    with environment.serve("access", PACKAGE="fastapi-sso", PROVIDER=collector.url) as program:
        answer = program.get("/login")
        assert answer.status_code in {302, 303, 307}
        target = urlsplit(answer.headers["location"])
        assert f"{target.scheme}://{target.netloc}" == collector.url
        asked = parse_qs(target.query)
        assert asked["client_id"] == ["us"]
        assert asked["redirect_uri"] == ["http://localhost/callback"]
        refused = program.get("/callback", params={"code": "c", "state": "other"})
        assert refused.status_code in {400, 401}, refused.text
        assert collector.sent == []
        program.get("/callback", params={"code": "c", "state": asked["state"][0]})
        [sent] = collector.sent[:1]
        assert sent.path == "/token"
        assert parse_qs(sent.body.decode())["code"] == ["c"]


@pytest.mark.package("fastapi-permissions", "access")
def test_fastapi_permissions(environment):
    """Access control lists on what a dependency returns."""
    with environment.serve("access", PACKAGE="fastapi-permissions") as program:
        ada = {"x-user": "ada"}
        assert program.get("/notes/ben").status_code == 403
        assert program.get("/notes/ben", headers=ada).json() == "ben"
        assert program.put("/notes/ben", headers=ada).status_code == 403
        assert program.put("/notes/ada", headers=ada).json() == "ada"


@pytest.mark.package("starsessions", "access")
def test_starsessions(environment):
    """A session that is loaded before the endpoint and saved after it."""
    with environment.serve("access", PACKAGE="starsessions") as program:
        assert [program.post("/count").json() for _ in range(3)] == [1, 2, 3]
        program.cookies.clear()
        assert program.post("/count").json() == 1


@pytest.mark.package("starlette-csrf", "access")
def test_starlette_csrf(environment):
    """A cookie that has to come back as a header."""
    with environment.serve("access", PACKAGE="starlette-csrf") as program:
        assert program.get("/form").status_code == 200
        assert program.post("/form").status_code == 403
        assert program.post("/form", headers={"x-csrftoken": program.cookies["csrftoken"]}).json() == "sent"


@pytest.mark.package("casbin", "access")
def test_casbin(environment):
    """A policy that a dependency enforces, by user, path and method."""
    with environment.serve("access", PACKAGE="casbin") as program:
        ada = {"x-user": "ada"}
        assert program.get("/notes/1", headers=ada).json() == 1
        assert program.get("/notes/1").status_code == 403
        assert program.post("/notes/1", headers=ada).status_code == 403
