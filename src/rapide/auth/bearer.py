"""`Token`: the claims of the bearer token of a request, as a type hint (RFC 6750)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from starlette.requests import HTTPConnection

from rapide.auth.claims import Claims
from rapide.auth.compact import InvalidTokenError
from rapide.auth.tokens import Tokens
from rapide.declare.depends import Security
from rapide.exceptions import HTTPException
from rapide.logger import logger
from rapide.security.base import Scheme
from rapide.security.scopes import SecurityScopes

if TYPE_CHECKING:
    from rapide.security.schemes import SecurityBase as SecurityBaseModel

__all__ = ["Token", "TokenBearer"]

ClaimsT = TypeVar("ClaimsT", bound=Claims)


class TokenBearer(Scheme, Generic[ClaimsT]):
    """The security scheme of tokens: it verifies the token of a request, and is described in OpenAPI.

    `Token` makes a dependency of it.

    Args:
        tokens: What verifies the tokens.
        scheme_name: The name of the scheme in the document; "Token" by default.
        description: A description for the document.
        auto_error: Whether a request without a token is answered with 401; otherwise the result is None, as
            it is where the credentials are of another scheme, for `any_of`. A token that is not accepted is
            answered with 401 always.
    """

    def __init__(
        self,
        tokens: Tokens[ClaimsT],
        *,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self.tokens = tokens
        super().__init__(
            scheme_name=scheme_name or "Token", description=description, auto_error=auto_error, valid=True
        )

    def describe(self) -> SecurityBaseModel:
        """Return a new model: OAuth 2.0 with the flows that issue the tokens, or a bearer token as such."""
        from rapide.security.schemes import HTTPBearer, OAuth2  # noqa: PLC0415 -- only documents need them

        if self.tokens.flows:
            return OAuth2.model_validate({"flows": self.tokens.flows, "description": self._description})
        return HTTPBearer(bearerFormat="JWT", description=self._description)

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge to a request without a token (RFC 6750, section 3)."""
        return {"WWW-Authenticate": "Bearer"}

    async def __call__(self, request: HTTPConnection, scopes: SecurityScopes) -> ClaimsT | None:
        """Return the claims of the token. 401 for none or a wrong one, 403 where it lacks a scope."""
        headers = request.headers.getlist("Authorization")
        if not headers:
            return self._accept(None)
        scheme, _, token = headers[0].partition(" ")
        if len(headers) > 1 or not scheme or not token.strip():
            # Nobody is anonymous who has sent something that nobody understands.
            raise self.make_not_authenticated_error()
        if scheme.lower() != "bearer":
            return self._accept(None)
        try:
            claims = await self.tokens.verify(token.strip())
        except InvalidTokenError as error:
            logger.debug("token refused: %s", error)
            raise _refusal(401, "Not authenticated", "invalid_token") from None
        if not claims.scopes.issuperset(scopes.scopes):
            raise _refusal(403, "Not permitted", "insufficient_scope", scopes.scope_str)
        return claims


def _refusal(status: int, detail: str, error: str, scope: str = "") -> HTTPException:
    challenge = f'Bearer error="{error}"' + (f', scope="{scope}"' if scope else "")
    return HTTPException(status, detail, {"WWW-Authenticate": challenge})


def Token(  # noqa: N802 -- a marker, as Query and Security are
    tokens: Tokens[Any] | TokenBearer[Any], *, scopes: Sequence[str] = (), optional: bool = False
) -> Any:
    """Declare that a parameter is the claims of the request's bearer token.

    ::

        User = Annotated[Claims, Token(tokens)]
        Editor = Annotated[Claims, Token(tokens, scopes=["books:write"])]

    A request without a token, or with one that is not accepted, gets 401; one whose token lacks a scope 403.
    Both say nothing of why. The scheme and the scopes are in the OpenAPI document.

    Args:
        tokens: What verifies the token; or a `TokenBearer`, to give the scheme another name.
        scopes: The scopes that the token must have, all of them.
        optional: Whether there may be none, or credentials of another scheme: the parameter is None then. A
            wrong token gets 401 all the same.
    """
    scheme = tokens if isinstance(tokens, TokenBearer) else _scheme(tokens, optional)
    return Security(scheme, scopes=list(scopes))


def _scheme(tokens: Tokens[Any], optional: bool) -> TokenBearer[Any]:
    """Return the one scheme of some tokens, so that a token is verified once for each request."""
    name = "_optional_scheme" if optional else "_scheme"
    scheme: TokenBearer[Any] | None = tokens.__dict__.get(name)
    if scheme is None:
        scheme = tokens.__dict__[name] = TokenBearer(tokens, auto_error=not optional)
    return scheme
