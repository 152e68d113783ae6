"""Login on a page of ours, for clients that must not see the password: code and PKCE, as routes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rapide.auth.accounts import FindAccount, Login, UpdateHash
from rapide.auth.attempts import Attempts
from rapide.auth.flows.clients import Caller, Client, OAuthError
from rapide.auth.flows.endpoint import Agreement, TokenEndpoint, TokenForm, choose_scopes
from rapide.auth.flows.login_page import PAGE_HEADERS, error_page, login_page
from rapide.auth.opaque import constant_time_equal, generate_secret, hash_secret
from rapide.auth.passwords import Passwords
from rapide.auth.refresh import Grant, RefreshTokens
from rapide.auth.stores.base import Store
from rapide.auth.tokens import Tokens
from rapide.declare.params import Form, Query

__all__ = ["CodeFlow"]

_SPACE = "codes"
_CODE_LIFETIME = timedelta(seconds=60)
# RFC 7636, sections 4.1 and 4.2.
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LONGEST_STATE = 1024


class AuthorizationRequest(BaseModel):
    """What a client asks for (RFC 6749, section 4.1.1; RFC 7636, section 4.3)."""

    response_type: str = ""
    client_id: str = ""
    redirect_uri: str = ""
    scope: str = ""
    state: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""


class LoginForm(AuthorizationRequest):
    """The same again, with what the user has entered."""

    username: str = ""
    password: Annotated[str, Form(json_schema_extra={"format": "password"})] = ""


class CodeFlow:
    """OAuth 2.0's authorization code with PKCE, ready as a router.

    RFC 6749, section 4.1; RFC 7636; RFC 9700.

    `GET /auth/authorize` shows a page on which the user logs in, and which sends him back to the client with
    a code. `POST /auth/token` gives tokens for the code, once and within a minute, to who knows the verifier;
    and for a refresh token. `POST /auth/revoke` logs out. Clients with a secret prove at both that they have
    it, and need the verifier all the same; `S256` is the only challenge.

    Args:
        tokens: What issues the access tokens.
        find_account: Returns the account with a user name, or None; refreshing asks it, too. `def` runs on a
            thread.
        clients: The clients by their id.
        store: Where codes are kept; one that all processes share.
        refresh: What makes the refresh tokens. Without it there are none.
        update_hash: Called with the account and a new hash where the kept one should be replaced.
        passwords: What verifies the passwords; with OWASP's parameters by default.
        attempts: The brake on guessing; 10 attempts in 15 minutes by default, counted in memory.
        scopes: The scopes that can be asked for, with descriptions, for the document.
        prefix: Where the routes are; "/auth" by default. An application with both flows needs two prefixes.
        title: What the page calls the application.

    Attributes:
        router: The routes.
        login: What checks the passwords, for routes of your own.
    """

    def __init__(
        self,
        tokens: Tokens[Any],
        *,
        find_account: FindAccount,
        clients: Mapping[str, Client],
        store: Store,
        refresh: RefreshTokens | None = None,
        update_hash: UpdateHash | None = None,
        passwords: Passwords | None = None,
        attempts: Attempts | None = None,
        scopes: Mapping[str, str] | None = None,
        prefix: str = "/auth",
        title: str = "Log in",
    ) -> None:
        self.login = Login(find_account, update_hash=update_hash, passwords=passwords, attempts=attempts)
        self._clients = dict(clients)
        self._store = store
        self._refresh = refresh
        self._issuer = tokens.issuer
        self._title = title
        endpoint = TokenEndpoint(
            tokens,
            self.login,
            refresh,
            grants={"authorization_code": self._grant},
            clients=self._clients,
            prefix=prefix,
        )
        self.router = endpoint.router
        options: dict[str, Any] = {"include_in_schema": False, "response_model": None}
        self.router.get("/authorize", **options)(self.show_login)
        self.router.post("/authorize", **options)(self.log_in)
        base = prefix.lstrip("/")
        flow: dict[str, Any] = {
            "authorizationUrl": f"{base}/authorize",
            "tokenUrl": f"{base}/token",
            "scopes": dict(scopes or {}),
        }
        if refresh is not None:
            flow["refreshUrl"] = flow["tokenUrl"]
        tokens.flows["authorizationCode"] = flow

    async def show_login(self, asked: Annotated[AuthorizationRequest, Query()]) -> Response:
        """Show the page, or send the user back with what is wrong."""
        return self._refusal(asked) or self._page(asked)

    async def log_in(self, request: Request, form: Annotated[LoginForm, Form()]) -> Response:
        """Check name and password, and send the user back with a code."""
        if _is_foreign(request):
            return error_page("This form was sent from another site.", 403)
        refused = self._refusal(form)
        if refused is not None:
            return refused
        account = await self.login.check(request, form.username, form.password)
        if account is None:
            return self._page(form, failed=True)
        try:
            scopes = choose_scopes(form.scope, account)
        except OAuthError as error:
            return self._send_back(form, error=error.code)
        allowed = self._clients[form.client_id].scopes
        if allowed is not None:
            if form.scope and not set(scopes) <= set(allowed):
                return self._send_back(form, error="invalid_scope")
            scopes = tuple(scope for scope in scopes if scope in allowed)
        code = generate_secret()
        kept = {
            "subject": account.subject,
            "login": form.username,
            "scopes": scopes,
            "client_id": form.client_id,
            "redirect_uri": form.redirect_uri,
            "challenge": form.code_challenge,
        }
        await self._store.put(_SPACE, hash_secret(code), json.dumps(kept).encode(), expires_in=_CODE_LIFETIME)
        return self._send_back(form, code=code)

    def _refusal(self, asked: AuthorizationRequest) -> Response | None:
        client = self._clients.get(asked.client_id)
        if client is None or asked.redirect_uri not in client.redirect_uris:
            # Nobody is sent to an address that no client has (RFC 6749, section 4.1.2.1).
            return error_page("This link does not come from an application that is known here.", 400)
        if asked.response_type != "code":
            return self._send_back(asked, error="unsupported_response_type")
        is_proof = asked.code_challenge_method == "S256" and _CHALLENGE.fullmatch(asked.code_challenge)
        if not is_proof or len(asked.state) > _LONGEST_STATE:
            return self._send_back(asked, error="invalid_request")
        return None

    def _send_back(self, asked: AuthorizationRequest, **answer: str) -> Response:
        if asked.state and len(asked.state) <= _LONGEST_STATE:
            answer["state"] = asked.state
        answer["iss"] = self._issuer  # RFC 9207: which of several servers has answered
        joiner = "&" if "?" in asked.redirect_uri else "?"
        return RedirectResponse(
            asked.redirect_uri + joiner + urlencode(answer, errors="replace"), 303, PAGE_HEADERS
        )

    def _page(self, asked: AuthorizationRequest, *, failed: bool = False) -> HTMLResponse:
        fields = {name: getattr(asked, name) for name in AuthorizationRequest.model_fields}
        return login_page(self._title, fields, failed=failed, target=asked.redirect_uri)

    async def _grant(self, _: Request, form: TokenForm, caller: Caller) -> Agreement:
        if not form.code or not caller.client_id or not form.redirect_uri or not form.code_verifier:
            raise OAuthError("invalid_request")
        key = hash_secret(form.code)
        kept, used = await self._use(key, form, caller.client_id)
        if kept is None:
            # Whoever comes second with a code, or with the wrong one, ends what came of it
            # (RFC 6749, section 4.1.2): first the code, which the one before looks at again.
            await self._store.delete(_SPACE, key)
            if self._refresh is not None:
                await self._refresh.end(_family_of(form.code))
            raise OAuthError("invalid_grant")
        account = await self.login.find(kept["login"])
        if account is None or account.subject != kept["subject"]:
            raise OAuthError("invalid_grant")
        grant = Grant(
            subject=kept["subject"],
            login=kept["login"],
            scopes=tuple(scope for scope in kept["scopes"] if scope in account.scopes),
            client_id=kept["client_id"],
            client_is_authenticated=caller.is_authenticated,
        )

        async def stands() -> bool:
            return await self._store.get(_SPACE, key) == used

        return Agreement(account, grant, _family_of(form.code), stands)

    async def _use(self, key: str, form: TokenForm, client_id: str) -> tuple[dict[str, Any] | None, bytes]:
        """Return what a code stands for, to the first who proves that it is his, and what is kept of it."""
        value = await self._store.get(_SPACE, key)
        kept: dict[str, Any] = {"is_used": True} if value is None else json.loads(value)
        used = json.dumps({"is_used": True, "by": generate_secret(16)}).encode()
        is_his = "is_used" not in kept and kept["client_id"] == client_id and _is_proven(kept, form)
        if value is None or not is_his:
            return None, used
        won = await self._store.replace(_SPACE, key, value, used, expires_in=_CODE_LIFETIME)
        return (kept if won else None), used


def _family_of(code: str) -> str:
    """Return the id of the refresh tokens that a code becomes: so they are found when it comes again."""
    digest = hashlib.sha256(b"rapide refresh family\0" + code.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode("ascii")


def _is_proven(kept: Mapping[str, Any], form: TokenForm) -> bool:
    """Tell whether a code was given for this address, and to who knows the verifier."""
    verifier = form.code_verifier or ""
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return (
        kept["redirect_uri"] == form.redirect_uri
        and _VERIFIER.fullmatch(verifier) is not None
        and constant_time_equal(kept["challenge"], challenge)
    )


def _is_foreign(request: Request) -> bool:
    """Tell whether a browser says that another site has sent the form. Programs say nothing."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.url.netloc
