"""Security schemes as a user's type checker sees them.

Nothing here runs; `application.py` says how to read it.
"""

# pyright: reportUnusedFunction=false

from typing import Annotated, assert_type

from rapide import Depends, Rapide, Request, Security
from rapide.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
    OpenIdConnect,
    SecurityScopes,
)

app = Rapide()
bearer = OAuth2PasswordBearer(tokenUrl="token", scopes={"read": "Read."}, auto_error=False)
code = OAuth2AuthorizationCodeBearer(authorizationUrl="authorize", tokenUrl="token", refreshUrl="refresh")
key = APIKeyHeader(name="x-key", description="The key.")
basic = HTTPBasic(realm="shop")
token = HTTPBearer(bearerFormat="JWT")

OAuth2PasswordBearer(token_url="token")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
APIKeyHeader()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
APIKeyQuery("key")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def call_schemes(request: Request) -> None:
    """What a scheme gives when it is called."""
    assert_type(await bearer(request), str | None)
    assert_type(await code(request), str | None)
    assert_type(await key(request), str | None)
    assert_type(await APIKeyCookie(name="key")(request), str | None)
    assert_type(await APIKeyQuery(name="key")(request), str | None)
    assert_type(await basic(request), HTTPBasicCredentials | None)
    assert_type(await token(request), HTTPAuthorizationCredentials | None)
    assert_type(await HTTPDigest()(request), HTTPAuthorizationCredentials | None)
    assert_type(await OAuth2(flows={})(request), str | None)
    assert_type(await OpenIdConnect(openIdConnectUrl="https://id.example")(request), str | None)


@app.get("/me")
async def me(
    sent: Annotated[str | None, Depends(bearer)],
    credentials: Annotated[HTTPBasicCredentials, Depends(basic)],
    authorization: Annotated[HTTPAuthorizationCredentials, Security(token, scopes=["read"])],
    scopes: SecurityScopes,
) -> list[str]:
    """Take what the schemes give."""
    assert_type(credentials.username, str)
    assert_type(authorization.scheme, str)
    assert_type(scopes.scopes, list[str])
    assert_type(scopes.scope_str, str)
    return [sent or "", *scopes.scopes]


@app.post("/token")
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    strict: Annotated[OAuth2PasswordRequestFormStrict, Depends()],
) -> dict[str, str]:
    """Take the form of the password flow."""
    assert_type(form.username, str)
    assert_type(form.scopes, list[str])
    assert_type(strict.client_id, str | None)
    return {"access_token": form.username, "token_type": "bearer"}
