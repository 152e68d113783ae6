"""`Basic`: the account of a request's user name and password, as a type hint (RFC 7617)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import HTTPConnection

from rapide.auth.accounts import Account, Login
from rapide.declare.depends import Security
from rapide.exceptions import HTTPException
from rapide.security.http import HTTPBasic, read_basic
from rapide.security.scopes import SecurityScopes

__all__ = ["Basic", "BasicLogin"]


class BasicLogin(HTTPBasic):
    """The security scheme that verifies user name and password of each request.

    `Basic` makes a dependency of it.

    Browsers and programs send the password with every request, and each costs a slow hash: for programs that
    call often, prefer an API key.

    Args:
        login: What checks the passwords.
        realm: What the credentials are for; browsers show it.
        scheme_name: The name of the scheme in the document; "BasicLogin" by default.
        description: A description for the document.
        auto_error: Whether a request without credentials is answered with 401; otherwise the result is None,
            as it is where they are of another scheme, for `any_of`. Wrong credentials are answered with 401
            always.
    """

    def __init__(
        self,
        login: Login,
        *,
        realm: str = "api",
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(scheme_name=scheme_name, realm=realm, description=description, auto_error=auto_error)
        self._login = login

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge, which asks for UTF-8 (RFC 7617, section 2.1)."""
        challenge = super().make_authenticate_headers()["WWW-Authenticate"]
        return {"WWW-Authenticate": f'{challenge}, charset="UTF-8"'}

    async def __call__(  # type: ignore[override]  # an account, and not what was sent
        self, request: HTTPConnection, scopes: SecurityScopes
    ) -> Account | None:
        """Return the account. 401 for wrong credentials, 403 where it lacks a scope."""
        headers = request.headers.getlist("Authorization")
        if not self.auto_error and (not headers or (len(headers) == 1 and _is_of_another(headers[0]))):
            return None
        credentials = read_basic(headers[0]) if len(headers) == 1 else None
        account = None
        if credentials is not None:
            account = await self._login.check(request, *credentials)
        if account is None:
            raise self.make_not_authenticated_error()
        if not set(scopes.scopes) <= set(account.scopes):
            raise HTTPException(403, "Not permitted")
        return account


def _is_of_another(header: str) -> bool:
    scheme, _, rest = header.partition(" ")
    return bool(scheme) and bool(rest.strip()) and scheme.lower() != "basic"


def Basic(  # noqa: N802 -- a marker, as Query and Security are
    login: Login | BasicLogin, *, scopes: Sequence[str] = ()
) -> Any:
    """Declare that a parameter is the `Account` whose user name and password the request has.

    ::

        User = Annotated[Account, Basic(Login(find_account))]

    Args:
        login: What checks the passwords; or a `BasicLogin`, for other options of the scheme.
        scopes: The scopes that the account must have, all of them.
    """
    scheme = (
        login if isinstance(login, BasicLogin) else login.__dict__.setdefault("_basic", BasicLogin(login))
    )
    return Security(scheme, scopes=list(scopes))
