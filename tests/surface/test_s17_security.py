"""Section 17: the security classes, what they accept, return and answer."""

import base64
from typing import Annotated, Any

import anyio
import pytest
from starlette.exceptions import HTTPException as StarletteHTTPException
from surface_target import (
    APIRouter,
    Depends,
    FastAPI,
    HTTPConnection,
    HTTPException,
    Request,
    Security,
    SecurityScopes,
    TestClient,
    load,
)

security = load("security")
HTTPBase = load("security.http").HTTPBase
APIKeyBase = load("security.api_key").APIKeyBase
SecurityBase = load("security.base").SecurityBase

FLOWS = {"password": {"tokenUrl": "token", "scopes": {}}}


def basic(text):
    """Return a Basic authorization header."""
    raw = text if isinstance(text, bytes) else text.encode()
    return {"authorization": "Basic " + base64.b64encode(raw).decode()}


def authorization(value):
    """Return an authorization header."""
    return {"headers": {"authorization": value}}


def ask(scheme, **request):
    """Send one request to an endpoint that gives back what the scheme returned."""
    app = FastAPI()

    @app.get("/")
    def endpoint(credentials: Any = Depends(scheme)):
        found = credentials if credentials is None or isinstance(credentials, str) else vars(credentials)
        return {"found": found}

    return TestClient(app).get("/", **request)


def refused(answer, challenge):
    """Tell whether the answer is the standard refusal with this challenge."""
    expected = (401, {"detail": "Not authenticated"}, challenge)
    return (answer.status_code, answer.json(), answer.headers.get("www-authenticate")) == expected


MAKERS = {
    "query": (lambda **kw: security.APIKeyQuery(name="key", **kw), "APIKey"),
    "header": (lambda **kw: security.APIKeyHeader(name="x-key", **kw), "APIKey"),
    "cookie": (lambda **kw: security.APIKeyCookie(name="key", **kw), "APIKey"),
    "base": (lambda **kw: HTTPBase(scheme="other-x", **kw), "Other-X"),
    "basic": (security.HTTPBasic, "Basic"),
    "realm": (lambda **kw: security.HTTPBasic(realm="my shop", **kw), 'Basic realm="my shop"'),
    "bearer": (security.HTTPBearer, "Bearer"),
    "digest": (security.HTTPDigest, "Digest"),
    "oauth2": (lambda **kw: security.OAuth2(flows=FLOWS, **kw), "Bearer"),
    "password": (lambda **kw: security.OAuth2PasswordBearer("token", **kw), "Bearer"),
    "code": (lambda **kw: security.OAuth2AuthorizationCodeBearer("authorize", "token", **kw), "Bearer"),
    "openid": (lambda **kw: security.OpenIdConnect(openIdConnectUrl="/oid", **kw), "Bearer"),
}

ACCEPTED = [
    ("query", {"params": {"key": "k"}}, "k"),
    ("query", {"params": [("key", "a"), ("key", "b")]}, "b"),
    ("header", {"headers": {"X-Key": "k"}}, "k"),
    ("header", {"headers": {"X-Key": " k "}}, " k "),
    ("cookie", {"headers": {"cookie": "key=k"}}, "k"),
    ("base", authorization("Any thing at all"), {"scheme": "Any", "credentials": "thing at all"}),
    ("basic", {"headers": basic("user:pass")}, {"username": "user", "password": "pass"}),
    ("basic", {"headers": basic("user:pa:ss")}, {"username": "user", "password": "pa:ss"}),
    ("basic", {"headers": basic("user:")}, {"username": "user", "password": ""}),
    ("basic", {"headers": basic(":")}, {"username": "", "password": ""}),
    ("basic", authorization("bASIC  YTpi"), {"username": "a", "password": "b"}),
    ("realm", {"headers": basic("user:pass")}, {"username": "user", "password": "pass"}),
    ("bearer", authorization("Bearer t"), {"scheme": "Bearer", "credentials": "t"}),
    ("bearer", authorization("BEARER   t u  "), {"scheme": "BEARER", "credentials": "t u"}),
    ("digest", authorization('Digest username="a"'), {"scheme": "Digest", "credentials": 'username="a"'}),
    ("digest", authorization("digest x"), {"scheme": "digest", "credentials": "x"}),
    ("oauth2", authorization("Whatever it is"), "Whatever it is"),
    ("password", authorization("Bearer t"), "t"),
    ("password", authorization("bearer   t  "), "t"),
    ("password", authorization("Bearer"), ""),
    ("password", authorization("Bearer "), ""),
    ("code", authorization("Bearer t"), "t"),
    ("code", authorization("BEARER"), ""),
    ("openid", authorization("Any t"), "Any t"),
]

REFUSED = [
    *[(name, {}) for name in MAKERS],
    ("query", {"params": {"key": ""}}),
    ("header", {"headers": {"x-key": ""}}),
    ("cookie", {"headers": {"cookie": "key="}}),
    ("base", authorization("onlyscheme")),
    ("basic", authorization("Bearer t")),
    ("bearer", authorization("Bearer")),
    ("bearer", authorization("Bearer ")),
    ("bearer", authorization("Basic YTpi")),
    ("bearer", authorization("t")),
    ("digest", authorization("Basic YTpi")),
    ("digest", authorization("Digest")),
    ("password", authorization("Basic YTpi")),
    ("code", authorization("Basic YTpi")),
    ("oauth2", authorization("")),
    ("openid", authorization("")),
]


# --- credentials


@pytest.mark.parametrize(("name", "request_parts", "found"), ACCEPTED)
@pytest.mark.parametrize("auto_error", [True, False])
def test_credentials_are_returned(name, request_parts, found, auto_error):
    """17: each class returns what its row says, whatever auto_error.

    Rows: 17 APIKeyQuery, APIKeyHeader, APIKeyCookie, HTTPBase, HTTPBasic, HTTPBearer, HTTPDigest, OAuth2,
    OAuth2PasswordBearer, OAuth2AuthorizationCodeBearer, OpenIdConnect
    """
    make, _ = MAKERS[name]
    answer = ask(make(auto_error=auto_error), **request_parts)
    assert (answer.status_code, answer.json()) == (200, {"found": found})


@pytest.mark.parametrize(("name", "request_parts"), REFUSED)
def test_missing_or_wrong_credentials_are_refused_with_a_challenge(name, request_parts):
    """17: 401 {"detail": "Not authenticated"} and WWW-Authenticate."""
    make, challenge = MAKERS[name]
    assert refused(ask(make(), **request_parts), challenge)


@pytest.mark.parametrize(("name", "request_parts"), REFUSED)
def test_missing_or_wrong_credentials_are_none_without_auto_error(name, request_parts):
    """17: with auto_error=False the dependency gets None."""
    make, _ = MAKERS[name]
    answer = ask(make(auto_error=False), **request_parts)
    assert (answer.status_code, answer.json()) == (200, {"found": None})


@pytest.mark.parametrize(
    "value",
    [
        "Basic !!!",
        "Basic",
        "Basic ",
        basic("no colon")["authorization"],
        basic("é:b")["authorization"],
        basic(b"\xe9:b")["authorization"],
    ],
)
def test_malformed_basic_credentials_are_refused(value):
    """17: base64 that cannot be decoded, text that is not ASCII, or no colon."""
    assert refused(ask(security.HTTPBasic(), **authorization(value)), "Basic")
    assert refused(ask(security.HTTPBasic(realm="r"), **authorization(value)), 'Basic realm="r"')
    lenient = ask(security.HTTPBasic(auto_error=False), **authorization(value))
    assert refused(lenient, "Basic") or lenient.json() == {"found": None}  # quirk: refused there


# --- construction


@pytest.mark.parametrize("name", MAKERS)
def test_scheme_has_the_common_attributes(name):
    """17: model, scheme_name (the class's by default), auto_error."""
    make, _ = MAKERS[name]
    scheme = make()
    assert isinstance(scheme, SecurityBase)
    assert (scheme.scheme_name, scheme.auto_error) == (type(scheme).__name__, True)
    named = make(scheme_name="Own", description="Text.", auto_error=False)
    assert (named.scheme_name, named.auto_error, named.model.description) == ("Own", False, "Text.")


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("query", {"type": "apiKey", "in": "query", "name": "key"}),
        ("header", {"type": "apiKey", "in": "header", "name": "x-key"}),
        ("cookie", {"type": "apiKey", "in": "cookie", "name": "key"}),
        ("base", {"type": "http", "scheme": "other-x"}),
        ("basic", {"type": "http", "scheme": "basic"}),
        ("bearer", {"type": "http", "scheme": "bearer"}),
        ("digest", {"type": "http", "scheme": "digest"}),
        ("oauth2", {"type": "oauth2", "flows": FLOWS}),
        ("password", {"type": "oauth2", "flows": FLOWS}),
        ("openid", {"type": "openIdConnect", "openIdConnectUrl": "/oid"}),
    ],
)
def test_model_describes_the_scheme(name, model):
    """17: `model` is the OpenAPI object of the scheme."""
    make, _ = MAKERS[name]
    assert make().model.model_dump(mode="json", by_alias=True, exclude_none=True) == model


@pytest.mark.parametrize(
    "make",
    [
        lambda: security.APIKeyQuery("key"),
        security.APIKeyHeader,
        lambda: security.HTTPBasic("realm"),
        lambda: security.HTTPBearer("JWT"),
        lambda: security.OAuth2({}),
        lambda: security.OpenIdConnect("/oid"),
        security.OpenIdConnect,
        security.OAuth2PasswordBearer,
        lambda: security.OAuth2AuthorizationCodeBearer("authorize"),
        HTTPBase,
    ],
)
def test_constructor_refuses_positional_or_missing_arguments(make):
    """17: constructors are keyword-only, names and URLs are required."""
    with pytest.raises(TypeError):
        make()


def test_oauth2_takes_flows_as_model():
    """17: flows are given as a dict or as the OpenAPI model."""
    models = load("openapi.models")
    flows = models.OAuthFlows(password=models.OAuthFlowPassword(tokenUrl="token", scopes={}))
    dumped = security.OAuth2(flows=flows).model.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert dumped["flows"] == FLOWS


def test_classes_are_related():
    """2.13: API keys share a base, HTTP schemes and OAuth2 schemes theirs."""
    assert issubclass(security.APIKeyQuery, APIKeyBase)
    assert issubclass(security.HTTPBearer, HTTPBase)
    assert issubclass(security.OAuth2PasswordBearer, security.OAuth2)
    assert issubclass(HTTPBase, SecurityBase)


# --- override points


def test_error_can_be_replaced():
    """17: make_not_authenticated_error gives the exception that is raised."""

    class Mine(security.HTTPBearer):
        def make_not_authenticated_error(self):
            return HTTPException(403, "mine")

    answer = ask(Mine())
    assert (answer.status_code, answer.json()) == (403, {"detail": "mine"})


@pytest.mark.parametrize("base", ["basic", "bearer", "digest"])
def test_challenge_of_http_schemes_can_be_replaced(base):
    """17: make_authenticate_headers gives the headers of the refusal."""
    parent = type(MAKERS[base][0]())

    class Mine(parent):
        def make_authenticate_headers(self):
            return {"WWW-Authenticate": "Mine"}

    assert refused(ask(Mine()), "Mine")


@pytest.mark.parametrize("name", MAKERS)
def test_error_is_an_http_exception_with_headers(name):
    """17: the default error can be made and raised by user code."""
    make, challenge = MAKERS[name]
    error = make().make_not_authenticated_error()
    assert isinstance(error, StarletteHTTPException)  # quirk: API keys and OpenID raise Starlette's own there
    assert (error.status_code, error.detail) == (401, "Not authenticated")
    assert error.headers == {"WWW-Authenticate": challenge}


def test_scheme_can_be_called_by_hand():
    """17: `await scheme(connection)` works outside dependency injection."""
    scope = {"type": "http", "headers": [(b"authorization", b"Bearer t")]}

    async def main():
        return await security.OAuth2PasswordBearer("token")(Request(scope)), await security.HTTPBearer()(
            HTTPConnection(scope)
        )

    token, credentials = anyio.run(main)
    assert token == "t"
    assert (credentials.scheme, credentials.credentials) == ("Bearer", "t")


def test_subclass_may_extend_the_call():
    """17: a subclass calls the parent and adds its own check."""

    class Strict(security.APIKeyHeader):
        async def __call__(self, request: Request):
            key = await super().__call__(request)
            if key != "good":
                raise HTTPException(403, "bad key")
            return key

    assert ask(Strict(name="x-key"), headers={"x-key": "good"}).json() == {"found": "good"}
    assert ask(Strict(name="x-key"), headers={"x-key": "evil"}).status_code == 403


def test_two_schemes_can_be_alternatives():
    """17: with auto_error=False an endpoint may accept either credential."""
    app = FastAPI()
    key, bearer = security.APIKeyHeader(name="x-key", auto_error=False), security.HTTPBearer(auto_error=False)

    def either(k: Annotated[str | None, Depends(key)], b: Annotated[Any, Depends(bearer)]):
        if k is None and b is None:
            raise HTTPException(401)
        return k or b.credentials

    @app.get("/")
    def endpoint(who: Annotated[str, Depends(either)]):
        return who

    client = TestClient(app)
    assert client.get("/", headers={"x-key": "k"}).json() == "k"
    assert client.get("/", headers={"authorization": "Bearer b"}).json() == "b"
    assert client.get("/").status_code == 401


def test_scheme_guards_routers_and_applications():
    """17: a scheme in `dependencies` guards everything below."""
    bearer = security.HTTPBearer()
    app, router = FastAPI(), APIRouter(dependencies=[Depends(bearer)])
    router.get("/guarded")(lambda: "in")
    app.get("/free")(lambda: "free")
    app.include_router(router)
    client = TestClient(app)
    assert client.get("/free").json() == "free"
    assert client.get("/guarded").status_code == 401
    assert client.get("/guarded", headers={"authorization": "Bearer t"}).json() == "in"


# --- scopes


def test_scopes_are_collected_from_the_outside_in():
    """7.7: effective scopes are inherited ones, then own, without duplicates; not those of siblings."""
    app = FastAPI()

    def seen(scopes: SecurityScopes):
        return [scopes.scopes, scopes.scope_str]

    def inner(value: Any = Security(seen, scopes=["c", "a"])):
        return value

    @app.get("/", dependencies=[Security(seen, scopes=["other"])])
    def endpoint(
        deep: Any = Security(inner, scopes=["a", "b"]),
        flat: Any = Depends(seen),
        own: Any = Security(seen, scopes=["x", "x"]),
    ):
        return [deep, flat, own]

    assert TestClient(app).get("/").json() == [[["a", "b", "c"], "a b c"], [[], ""], [["x"], "x"]]


def test_security_scopes_can_be_made_by_hand():
    """17: SecurityScopes(scopes) has a list and its text."""
    assert (SecurityScopes().scopes, SecurityScopes().scope_str) == ([], "")
    scopes = SecurityScopes(scopes=["a", "b"])
    assert (scopes.scopes, scopes.scope_str) == (["a", "b"], "a b")


# --- password forms


@pytest.mark.parametrize(
    ("form", "plain", "strict"),
    [
        ({}, 422, 422),
        ({"username": "u", "password": "p"}, 200, 422),
        ({"username": "u", "password": "p", "grant_type": "password"}, 200, 200),
        ({"username": "u", "password": "p", "grant_type": "other"}, 422, 422),
        ({"username": "u", "password": "p", "grant_type": ""}, 200, 422),
        ({"username": "u", "grant_type": "password"}, 422, 422),
    ],
)
def test_password_form_checks_its_fields(form, plain, strict):
    """17: username and password are required, grant_type must be "password", and is required when strict."""
    app = FastAPI()

    @app.post("/plain")
    def take(given: Any = Depends(security.OAuth2PasswordRequestForm)):
        return vars(given)

    @app.post("/strict")
    def take_strict(given: Any = Depends(security.OAuth2PasswordRequestFormStrict)):
        return vars(given)

    client = TestClient(app)
    assert client.post("/plain", data=form).status_code == plain
    assert client.post("/strict", data=form).status_code == strict


@pytest.mark.parametrize("kind", ["OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict"])
def test_password_form_gives_its_fields(kind):
    """17: scope is split into `scopes`, the client's fields are optional."""
    app = FastAPI()

    @app.post("/")
    def take(given: Any = Depends(getattr(security, kind))):
        return vars(given)

    client = TestClient(app)
    form = {"username": "u", "password": "p", "grant_type": "password"}
    assert client.post("/", data=form).json() == {
        **form,
        "scopes": [],
        "client_id": None,
        "client_secret": None,
    }
    full = {**form, "scope": "a b  c", "client_id": "i", "client_secret": "s"}
    assert client.post("/", data=full).json() == {
        **form,
        "scopes": ["a", "b", "c"],
        "client_id": "i",
        "client_secret": "s",
    }


def test_password_form_reports_the_missing_fields():
    """17: the errors are those of form fields."""
    app = FastAPI()

    @app.post("/")
    def take(given: Any = Depends(security.OAuth2PasswordRequestFormStrict)): ...

    errors = TestClient(app).post("/").json()["detail"]
    assert [(error["type"], error["loc"]) for error in errors] == [
        ("missing", ["body", "grant_type"]),
        ("missing", ["body", "username"]),
        ("missing", ["body", "password"]),
    ]


def test_password_form_can_be_made_by_hand():
    """17: the class takes keyword arguments only."""
    form = security.OAuth2PasswordRequestForm(username="u", password="p", scope="x y")
    assert (form.username, form.scopes, form.grant_type, form.client_id) == ("u", ["x", "y"], None, None)
    with pytest.raises(TypeError):
        security.OAuth2PasswordRequestForm("u", "p")


# --- utilities


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (None, ("", "")),
        ("", ("", "")),
        ("a", ("a", "")),
        ("a b", ("a", "b")),
        ("a   b ", ("a", "b")),
        ("a b c", ("a", "b c")),
        (" a b", ("", "a b")),
    ],
)
def test_authorization_value_is_split_at_the_first_space(value, parts):
    """2.13: get_authorization_scheme_param(value) -> (scheme, stripped parameter)."""
    assert load("security.utils").get_authorization_scheme_param(value) == parts


def test_credentials_are_models():
    """17: HTTPBasicCredentials and HTTPAuthorizationCredentials are models with two texts."""
    given = security.HTTPBasicCredentials(username="a", password="b")
    assert given.model_dump() == {"username": "a", "password": "b"}
    token = security.HTTPAuthorizationCredentials(scheme="S", credentials="c")
    assert token.model_dump() == {"scheme": "S", "credentials": "c"}
