# ruff: noqa: D103 -- users write such things, so they are documented too
"""Applications with security schemes."""

from typing import Annotated, Any

from specimens.target import Depends, FastAPI, Security, load, specimen

security: Any = load("security")
models: Any = load("openapi.models")
base: Any = load("security.base")
SecurityScopes: Any = security.SecurityScopes

oauth2 = security.OAuth2PasswordBearer(tokenUrl="token", scopes={"me": "Read me", "items": "Read items"})


@specimen
def every_scheme() -> Any:
    app = FastAPI()
    schemes = [
        security.APIKeyQuery(name="key"),
        security.APIKeyHeader(name="X-Key", description="The key"),
        security.APIKeyCookie(name="key", scheme_name="cookieKey"),
        security.HTTPBasic(realm="r"),
        security.HTTPBearer(bearerFormat="JWT", description="B"),
        security.HTTPDigest(),
        security.HTTPBearer(scheme_name="second"),
        security.OAuth2PasswordBearer(tokenUrl="token", scopes={"a": "A"}, refreshUrl="refresh"),
        security.OAuth2AuthorizationCodeBearer(
            authorizationUrl="https://example.com", tokenUrl="t", scopes={"b": "B"}
        ),
        security.OpenIdConnect(openIdConnectUrl="https://example.com/.well-known/x"),
        security.OAuth2(
            flows={"implicit": {"authorizationUrl": "a", "scopes": {"x": "X"}}}, scheme_name="dictFlows"
        ),
        security.OAuth2(
            flows=models.OAuthFlows(
                clientCredentials=models.OAuthFlowClientCredentials(tokenUrl="t", scopes={}),
                password=models.OAuthFlowPassword(tokenUrl="p"),
            ),
            scheme_name="modelFlows",
            description="Flows",
        ),
    ]
    for index, scheme in enumerate(schemes):

        def endpoint(credentials: Annotated[Any, Security(scheme)]):
            pass

        app.get(f"/{index}")(endpoint)
    return app


def current(token: Annotated[str, Depends(oauth2)], scopes: SecurityScopes) -> str:
    return token


def active(user: Annotated[str, Security(current, scopes=["me"])]) -> str:
    return user


@specimen
def scopes() -> Any:
    app = FastAPI()

    @app.get("/none")
    def none(user: Annotated[str, Depends(current)]):
        pass

    @app.get("/me")
    def me(user: Annotated[str, Depends(active)]):
        pass

    @app.get("/items")
    def items(user: Annotated[str, Security(active, scopes=["items"])]):
        pass

    @app.get("/twice")
    def twice(
        a: Annotated[str, Security(active, scopes=["items", "me", "items"])],
        b: Annotated[str, Security(current, scopes=["other"])],
        c: Annotated[str, Depends(oauth2)],
    ):
        pass

    @app.get("/direct")
    def direct(a: Annotated[str, Security(oauth2, scopes=["z", "a"])]):
        pass

    @app.get("/route", dependencies=[Security(active, scopes=["route"])])
    def route():
        pass

    return app


@specimen
def several_schemes() -> Any:
    key = security.APIKeyHeader(name="X-Key")
    basic = security.HTTPBasic()
    app = FastAPI(dependencies=[Depends(key)])

    @app.get("/two")
    def two(a: Annotated[Any, Depends(basic)]):
        pass

    @app.get("/repeated")
    def repeated(a: Annotated[Any, Depends(key)], b: Annotated[Any, Depends(key, use_cache=False)]):
        pass

    @app.get("/extra", openapi_extra={"security": [{"more": []}]})
    def extra():
        pass

    @app.get("/same-name")
    def same_name(a: Annotated[Any, Depends(security.APIKeyHeader(name="Other"))]):
        pass

    return app


class OwnScheme(base.SecurityBase):
    def __init__(self) -> None:
        self.model = models.APIKey(**{"in": models.APIKeyIn.header}, name="own")
        self.scheme_name = "Own"

    async def __call__(self) -> str:
        return "x"


class PlainScheme(base.SecurityBase):
    scheme_name = "Plain"
    model = models.HTTPBase(scheme="odd", **{"x-extra": None, "x-more": 1})

    def __call__(self, q: int = 3) -> str:
        return "x"


@specimen
def own_schemes() -> Any:
    app = FastAPI()

    @app.get("/own")
    def own(a: Annotated[str, Depends(OwnScheme())]):
        pass

    @app.get("/plain")
    def plain(a: Annotated[str, Depends(PlainScheme())]):
        pass

    return app


@specimen
def password_form() -> Any:
    app = FastAPI()

    @app.post("/token")
    def token(form: Annotated[security.OAuth2PasswordRequestForm, Depends()]):
        pass

    @app.post("/strict")
    def strict(form: Annotated[security.OAuth2PasswordRequestFormStrict, Depends()]):
        pass

    return app
