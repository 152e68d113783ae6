"""What the token endpoints of all flows share (RFC 6749, section 5; RFC 7009)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from rapide.auth.accounts import Account, Login
from rapide.auth.flows.clients import Caller, Client, OAuthError, identify_caller
from rapide.auth.refresh import Grant, InvalidGrantError, RefreshTokens
from rapide.auth.tokens import Tokens
from rapide.declare.depends import public
from rapide.declare.params import Form
from rapide.routing import APIRouter

__all__ = ["TokenEndpoint", "TokenError", "TokenForm", "TokenResponse"]

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenForm(BaseModel):
    """All that a token request may hold. What is missing is found by the grant, whose error it is."""

    model_config = ConfigDict(json_schema_extra={"required": ["grant_type"]})

    grant_type: str | None = None
    username: str | None = None
    password: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None
    scope: str | None = None
    refresh_token: str | None = None
    code: str | None = None
    redirect_uri: str | None = None
    code_verifier: str | None = None
    client_id: str | None = None
    client_secret: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None


class RevocationForm(BaseModel):
    """What a request holds that takes a token back (RFC 7009, section 2.1)."""

    # Without it the answer is in OAuth's words: the document says that it is needed, the model does not.
    model_config = ConfigDict(json_schema_extra={"required": ["token"]})

    token: Annotated[str, Field(default_factory=str, json_schema_extra={"minLength": 1})]
    token_type_hint: str = ""
    client_id: str | None = None
    client_secret: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None


class TokenResponse(BaseModel):
    """A successful answer (RFC 6749, section 5.1)."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 -- the name of a type
    expires_in: int
    refresh_token: str | None = None
    scope: str | None = None


class TokenError(BaseModel):
    """An answer of RFC 6749, section 5.2."""

    error: str


@dataclass(frozen=True)
class Agreement:
    """What a token request has come to.

    Attributes:
        account: Whom the tokens are about.
        grant: What was agreed to.
        family: The id that the refresh tokens shall have, or None for any.
        stands: Tells, when the tokens are made, whether it still stands; None where nothing could end it.
    """

    account: Account
    grant: Grant
    family: str | None = None
    stands: Callable[[], Awaitable[bool]] | None = None


ReadGrant = Callable[[Request, TokenForm, Caller], Awaitable[Agreement]]


class TokenEndpoint:
    """The routes `/token` and `/revoke`, with the grants that a flow gives them.

    Args:
        tokens: What issues the access tokens.
        login: What finds the accounts.
        refresh: What makes the refresh tokens; without it there are none.
        grants: Grant type -> what reads the form and returns the account, and what was agreed to.
        prefix: Where the routes are.
        clients: The clients that there are; None where a flow knows none.
    """

    def __init__(
        self,
        tokens: Tokens[Any],
        login: Login,
        refresh: RefreshTokens | None,
        *,
        grants: Mapping[str, ReadGrant],
        prefix: str,
        clients: Mapping[str, Client] | None = None,
    ) -> None:
        self._tokens = tokens
        self._login = login
        self._refresh = refresh
        self._grants = grants
        self._clients = clients
        self.router = APIRouter(prefix=prefix, tags=["authentication"], auth=public)
        responses: dict[int | str, dict[str, Any]] = {
            400: {"model": TokenError, "description": "OAuth 2.0 error"}
        }
        if clients is not None:
            responses[401] = {"model": TokenError, "description": "Not the client that it says"}
        self.router.post(
            "/token", response_model=TokenResponse, responses=responses, summary="Get an access token"
        )(self.issue_token)
        if refresh is not None:
            self.router.post(
                "/revoke",
                response_model=None,
                response_class=Response,  # nothing is in a success (RFC 7009, section 2.2)
                responses=responses,
                summary="Log out",
            )(self.revoke_token)

    async def issue_token(self, request: Request, form: Annotated[TokenForm, Form()]) -> Response:
        """Give tokens for what the form holds (RFC 6749, section 3.2)."""
        try:
            body = await self._answer(request, form)
        except OAuthError as error:
            return _refuse(error)
        return Response(
            body.model_dump_json(exclude_none=True), headers=_NO_STORE, media_type="application/json"
        )

    async def _answer(self, request: Request, form: TokenForm) -> TokenResponse:
        sent = await request.form()
        if not form.grant_type or len(sent) < len(sent.multi_items()):  # one parameter twice
            raise OAuthError("invalid_request")
        caller = self._identify(request, form)
        following: str | None
        if form.grant_type == "refresh_token" and self._refresh is not None:
            account, grant, following = await self._exchange(self._refresh, form, caller)
        elif form.grant_type in self._grants:
            agreement = await self._grants[form.grant_type](request, form, caller)
            account, grant = agreement.account, agreement.grant
            following = None if self._refresh is None else await self._start(self._refresh, agreement)
        else:
            raise OAuthError("unsupported_grant_type")
        token = self._tokens.issue(
            account.subject,
            scopes=grant.scopes,
            roles=account.roles,
            client_id=grant.client_id,
            **account.claims,
        )
        return TokenResponse(
            access_token=token,
            expires_in=int(self._tokens.lifetime.total_seconds()),
            refresh_token=following,
            scope=" ".join(grant.scopes) or None,
        )

    async def _start(self, refresh: RefreshTokens, agreement: Agreement) -> str:
        token = await refresh.start(agreement.grant, family=agreement.family)
        if agreement.stands is not None and not await agreement.stands():
            await refresh.revoke(token)
            raise OAuthError("invalid_grant")
        return token

    def _identify(self, request: Request, form: TokenForm | RevocationForm) -> Caller:
        return identify_caller(
            request, self._clients, client_id=form.client_id, client_secret=form.client_secret
        )

    async def _exchange(
        self, refresh: RefreshTokens, form: TokenForm, caller: Caller
    ) -> tuple[Account, Grant, str]:
        if not form.refresh_token:
            raise OAuthError("invalid_request")
        asked = frozenset((form.scope or "").split())
        before = await refresh.find(form.refresh_token) if asked else None
        if before is not None and not asked.issubset(before.scopes):
            raise OAuthError("invalid_scope")
        try:
            grant, following = await refresh.exchange(
                form.refresh_token,
                client_id=caller.client_id,
                client_is_authenticated=caller.is_authenticated,
            )
        except InvalidGrantError:
            raise OAuthError("invalid_grant") from None
        account = await self._login.find(grant.login)
        if account is None or account.subject != grant.subject:
            await refresh.revoke(following)
            raise OAuthError("invalid_grant")
        # Who may do less than at login gets less now, and who asks for less (RFC 6749, section 6).
        granted = tuple(
            scope for scope in grant.scopes if scope in account.scopes and (not asked or scope in asked)
        )
        return account, Grant(**{**vars(grant), "scopes": granted}), following

    async def revoke_token(self, request: Request, form: Annotated[RevocationForm, Form()]) -> Response:
        """Take back a refresh token, and all that came from the same login (RFC 7009)."""
        try:
            await self._revoke(request, form)
        except OAuthError as error:
            return _refuse(error)
        return Response(status_code=200, headers=_NO_STORE)

    async def _revoke(self, request: Request, form: RevocationForm) -> None:
        if not form.token:
            raise OAuthError("invalid_request")
        caller = self._identify(request, form)
        if form.token.count(".") == 2:  # an access token cannot be taken back: it expires soon
            raise OAuthError("unsupported_token_type")
        grant = None if self._refresh is None else await self._refresh.find(form.token)
        if self._refresh is None or grant is None:
            return
        if grant.client_is_authenticated and not caller.is_authenticated:
            raise OAuthError("invalid_client")
        if caller.client_id is not None and grant.client_id not in {None, caller.client_id}:
            raise OAuthError("invalid_grant")
        await self._refresh.revoke(form.token)


def _refuse(error: OAuthError) -> Response:
    return JSONResponse({"error": error.code}, error.status, error.headers)


def choose_scopes(asked: str | None, account: Account) -> tuple[str, ...]:
    """Return what is granted: what was asked for, all of which the account must have, or all that it has."""
    scopes = tuple(dict.fromkeys((asked or "").split()))
    if not set(scopes) <= set(account.scopes):
        raise OAuthError("invalid_scope")
    return scopes or account.scopes
