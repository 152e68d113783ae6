"""Login with user name and password, as routes: token, refresh, revoke."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from rapide.auth.accounts import FindAccount, Login, UpdateHash
from rapide.auth.attempts import Attempts
from rapide.auth.flows.clients import Caller, OAuthError
from rapide.auth.flows.endpoint import Agreement, TokenEndpoint, TokenForm, choose_scopes
from rapide.auth.passwords import Passwords
from rapide.auth.refresh import Grant, RefreshTokens
from rapide.auth.tokens import Tokens

__all__ = ["PasswordFlow"]


class PasswordFlow:
    """OAuth 2.0's password flow for your own clients, ready as a router (RFC 6749, section 4.3).

    ::

        login = PasswordFlow(tokens, find_account=find_account, refresh=RefreshTokens(store))
        app.include_router(login.router)

    `POST /auth/token` takes the user name and the password, or a refresh token, and answers with tokens;
    `POST /auth/revoke` logs out. Swagger UI's "Authorize" uses them. For clients of others use `CodeFlow`:
    they should never see a password.

    Every failure is 400 with a code of RFC 6749, section 5.2: `invalid_grant` for a name that does not exist
    as for a wrong password, after the same time. Too many attempts are 429.

    Args:
        tokens: What issues the access tokens.
        find_account: Returns the account with a user name, or None; refreshing asks it, too. `def` runs on a
            thread.
        refresh: What makes the refresh tokens. Without it there are none, and no route to revoke one.
        update_hash: Called with the account and a new hash where the kept one should be replaced.
        passwords: What verifies the passwords; with OWASP's parameters by default.
        attempts: The brake on guessing; 10 attempts in 15 minutes by default, counted in memory.
        scopes: The scopes that can be asked for, with descriptions, for the document.
        prefix: Where the routes are; "/auth" by default.
        token_url: The address of the token route in the document, where it is not `prefix` + "/token".

    Attributes:
        router: The routes.
        login: What checks the passwords, for routes of your own.
    """

    def __init__(
        self,
        tokens: Tokens[Any],
        *,
        find_account: FindAccount,
        refresh: RefreshTokens | None = None,
        update_hash: UpdateHash | None = None,
        passwords: Passwords | None = None,
        attempts: Attempts | None = None,
        scopes: Mapping[str, str] | None = None,
        prefix: str = "/auth",
        token_url: str | None = None,
    ) -> None:
        self.login = Login(find_account, update_hash=update_hash, passwords=passwords, attempts=attempts)
        endpoint = TokenEndpoint(tokens, self.login, refresh, grants={"password": self._grant}, prefix=prefix)
        self.router = endpoint.router
        address = token_url or f"{prefix}/token".lstrip("/")
        flow: dict[str, Any] = {"tokenUrl": address, "scopes": dict(scopes or {})}
        if refresh is not None:
            flow["refreshUrl"] = address
        tokens.flows["password"] = flow

    async def _grant(self, request: Request, form: TokenForm, caller: Caller) -> Agreement:
        if form.username is None or form.password is None:
            raise OAuthError("invalid_request")
        account = await self.login.check(request, form.username, form.password)
        if account is None:
            raise OAuthError("invalid_grant")
        grant = Grant(
            subject=account.subject,
            login=form.username,
            scopes=choose_scopes(form.scope, account),
            client_id=caller.client_id,
        )
        return Agreement(account, grant)
