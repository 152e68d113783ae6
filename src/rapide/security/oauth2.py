# ruff: noqa: N803 -- the names of URLs are OpenAPI's
"""OAuth 2.0: the schemes that read its tokens, and the form of its password grant."""

import inspect
from typing import TYPE_CHECKING, Annotated, Any

from starlette.requests import HTTPConnection

from rapide.declare.params import Form
from rapide.security.base import Scheme, is_text, reads_strictly
from rapide.security.scopes import SecurityScopes
from rapide.security.utils import get_authorization_scheme_param

if TYPE_CHECKING:
    from rapide.security.schemes import OAuth2 as OAuth2Model
    from rapide.security.schemes import OAuthFlows

__all__ = [
    "OAuth2",
    "OAuth2AuthorizationCodeBearer",
    "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "SecurityScopes",
]


class OAuth2PasswordRequestForm:
    """The form of the password grant (RFC 6749, section 4.3.2). Use it as a dependency: `Depends()`.

    Args:
        grant_type: "password". May be absent, which the RFC does not allow but many clients do.
        username: The user name.
        password: The password.
        scope: The scopes asked for, separated by spaces.
        client_id: The client's id, where it is not in the `Authorization` header.
        client_secret: The client's secret, likewise.

    Attributes:
        scopes: `scope` as a list. The other arguments are attributes of the same names.
    """

    def __init__(
        self,
        *,
        grant_type: Annotated[str | None, Form(pattern="^password$")] = None,
        username: Annotated[str, Form()],
        password: Annotated[str, Form(json_schema_extra={"format": "password"})],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None,
    ) -> None:
        self.grant_type = grant_type
        self.username = username
        self.password = password
        self.scopes = scope.split()
        self.client_id = client_id
        self.client_secret = client_secret


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    """The form of the password grant, to the letter: `grant_type` must be sent (RFC 6749, section 4.3.2).

    Args and attributes are those of `OAuth2PasswordRequestForm`.
    """

    def __init__(
        self,
        grant_type: Annotated[str, Form(pattern="^password$")],
        username: Annotated[str, Form()],
        password: Annotated[str, Form()],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form()] = None,
    ) -> None:
        super().__init__(
            grant_type=grant_type,
            username=username,
            password=password,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )


class _OAuth2Signature:
    """The signature of `OAuth2`, whose default for `flows` is a model that only this loads."""

    def __get__(self, instance: object, owner: type["OAuth2"]) -> inspect.Signature | None:
        if instance is not None or "__signature__" not in vars(owner):
            return None  # `inspect` goes on to look at `__call__` or the subclass's `__init__`
        from rapide.security.schemes import OAuthFlows  # noqa: PLC0415 -- only documents need the models

        _, *parameters = inspect.signature(owner.__init__).parameters.values()
        return inspect.Signature(
            [p.replace(default=OAuthFlows()) if p.name == "flows" else p for p in parameters]
        )


class OAuth2(Scheme):
    """OAuth 2.0 with any flows. The result of the dependency is the whole `Authorization` header.

    Args:
        flows: The flows, as a model or as a dict of that form; none by default.
        scheme_name: The name of the scheme in the document; the name of the class by default.
        description: A description for the document.
        auto_error: Whether an absent header is answered with 401; otherwise the result is None.
    """

    __signature__ = _OAuth2Signature()
    model: "OAuth2Model"

    def __init__(
        self,
        *,
        flows: "OAuthFlows | dict[str, dict[str, Any]] | None" = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._flows: Any = {} if flows is None else flows
        super().__init__(
            scheme_name=scheme_name, description=description, auto_error=auto_error, valid=flows is None
        )

    def describe(self) -> "OAuth2Model":
        """Return a new model of the scheme."""
        from rapide.security.schemes import OAuth2 as Model  # noqa: PLC0415 -- only documents need it

        return Model.model_validate({"flows": self._flows, "description": self._description})

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge: OAuth 2.0's tokens are nearly always bearer tokens (RFC 6750, section 3)."""
        return {"WWW-Authenticate": "Bearer"}

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the `Authorization` header of the connection."""
        return self._accept(request.headers.get("Authorization") or None)


class _BearerToken(OAuth2):
    """What the schemes share whose flow is declared by its URLs and whose result is the token alone."""

    def _declare(self, flow: str, urls: dict[str, str], refresh_url: str | None, scopes: Any) -> None:
        valid = is_text(*urls.values(), optional=[refresh_url])
        if isinstance(scopes, dict):
            scopes = dict(scopes)  # the caller's may change before the model is made
            valid = valid and is_text(*scopes, *scopes.values())
        self._flows = {flow: {**urls, "refreshUrl": refresh_url, "scopes": scopes or {}}}
        if not valid or not isinstance(scopes, dict | None):
            self.model = self.describe()  # reports the mistake here

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the bearer token of the connection."""
        scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() != "bearer" or (not token and reads_strictly(request)):
            return self._accept(None)
        return token


class OAuth2PasswordBearer(_BearerToken):
    """A bearer token that was got with the password grant. The result of the dependency is the token.

    `Bearer` with nothing after it is no token (RFC 6750, section 2.1). FastAPI's behaviour takes it for an
    empty token.

    Args:
        tokenUrl: Where the token is got; relative to the document.
        scheme_name: The name of the scheme in the document; the name of the class by default.
        scopes: The scopes that can be asked for, with descriptions.
        description: A description for the document.
        auto_error: Whether an absent token is answered with 401; otherwise the result is None.
        refreshUrl: Where a token is refreshed; relative to the document.
    """

    def __init__(
        self,
        tokenUrl: str,
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
        refreshUrl: str | None = None,
    ) -> None:
        super().__init__(scheme_name=scheme_name, description=description, auto_error=auto_error)
        self._declare("password", {"tokenUrl": tokenUrl}, refreshUrl, scopes)


class OAuth2AuthorizationCodeBearer(_BearerToken):
    """A bearer token that was got with an authorization code. The result of the dependency is the token.

    `Bearer` with nothing after it is no token (RFC 6750, section 2.1). FastAPI's behaviour takes it for an
    empty token.

    Args:
        authorizationUrl: Where the user grants access; relative to the document.
        tokenUrl: Where the token is got; relative to the document.
        refreshUrl: Where a token is refreshed; relative to the document.
        scheme_name: The name of the scheme in the document; the name of the class by default.
        scopes: The scopes that can be asked for, with descriptions.
        description: A description for the document.
        auto_error: Whether an absent token is answered with 401; otherwise the result is None.
    """

    def __init__(  # noqa: PLR0913, PLR0917 -- FastAPI's signature
        self,
        authorizationUrl: str,
        tokenUrl: str,
        refreshUrl: str | None = None,
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(scheme_name=scheme_name, description=description, auto_error=auto_error)
        urls = {"authorizationUrl": authorizationUrl, "tokenUrl": tokenUrl}
        self._declare("authorizationCode", urls, refreshUrl, scopes)
