"""Login with an external provider: OpenID Connect's code flow with PKCE, state and nonce, as routes."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import anyio
import httpx2
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]  # it has no types
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]  # Authlib has no types
from pydantic import ConfigDict, StrictBool, StrictStr
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rapide.auth.claims import Claims
from rapide.auth.compact import InvalidTokenError
from rapide.auth.fetching import FetchError, check_address, fetch_document
from rapide.auth.jwks import RemoteKeys
from rapide.auth.opaque import constant_time_equal, generate_secret, hash_secret
from rapide.auth.stores.base import Store
from rapide.auth.tokens import Tokens
from rapide.declare.depends import public
from rapide.exceptions import HTTPException
from rapide.logger import logger
from rapide.routing import APIRouter

__all__ = ["Identity", "OpenIDLogin"]

_SPACE = "openid"
_LOGIN_LIFETIME = timedelta(minutes=10)
_METADATA_LIFETIME = 3600.0
_TIMEOUT = 10.0
_MOST_BYTES = 256 * 1024
_LONGEST_PARAMETER = 4096


class Identity(Claims):
    """What a provider says of a user (OpenID Connect Core, section 5.1); other claims are in `model_extra`.

    The user is `iss` and `sub` together. An e-mail address may change its owner: do not find accounts by it
    unless `email_verified` is true, and you trust this provider with it.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    nonce: StrictStr
    azp: StrictStr | None = None
    email: StrictStr | None = None
    email_verified: StrictBool = False
    name: StrictStr | None = None
    preferred_username: StrictStr | None = None
    picture: StrictStr | None = None


class _IdentityTokens(Tokens[Identity]):
    """Identity tokens: their header may say nothing of a class; they are kept apart by audience and nonce."""

    def is_of_class(self, typ: str) -> bool:
        """Tell whether a header says nothing, or JWT."""
        return not typ or super().is_of_class(typ)


class OpenIDLogin:
    """Logs users in with an external provider, ready as a router (OpenID Connect Core; RFC 7636; RFC 9700).

    `GET /login` sends the browser to the provider, with a new state, nonce and verifier, and a cookie that
    only this browser has. `GET /callback` takes the answer, once and from that browser alone, exchanges the
    code, verifies the identity token, and calls `on_login`, whose response is sent: there you set a session,
    or issue tokens. Every failure is 401.

    Args:
        issuer: The address of the provider, whose `/.well-known/openid-configuration` is read.
        client_id: The id that the provider has given the application.
        client_secret: The secret, where it has one.
        redirect_uri: The full address of the callback, as it is registered with the provider.
        on_login: `async def (request, identity) -> Response`.
        store: Where logins are kept that have begun; one that all processes share.
        scopes: What is asked for; "openid", "email" and "profile" by default.
        prefix: Where the routes are; "/auth/openid" by default. Each provider needs its own.
        allow_http: Whether the provider may be http: only for one on the same machine.
        transport: What sends requests to the provider instead of the network, for tests.

    Raises:
        AuthDeclarationError: The address of the provider or of the callback is not https (RAP506).

    Attributes:
        router: The routes.
    """

    def __init__(
        self,
        issuer: str,
        *,
        client_id: str,
        redirect_uri: str,
        on_login: Callable[[Request, Identity], Awaitable[Response]],
        store: Store,
        client_secret: str | None = None,
        scopes: Sequence[str] = ("openid", "email", "profile"),
        prefix: str = "/auth/openid",
        allow_http: bool = False,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        check_address(issuer, allow_http=allow_http)
        check_address(redirect_uri, allow_http=allow_http)
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._on_login = on_login
        self._store = store
        self._scope = " ".join(dict.fromkeys(("openid", *scopes)))
        self._allow_http = allow_http
        self._transport = transport
        # One name for each provider: two logins at once do not disturb each other.
        self._cookie = "__Host-openid-" + hash_secret(f"{issuer} {client_id}")[:12]
        self._metadata: dict[str, Any] = {}
        self._metadata_ends_at = 0.0
        self._identities: tuple[str, _IdentityTokens] | None = None
        self.router = APIRouter(prefix=prefix, tags=["authentication"], auth=public)
        options: dict[str, Any] = {"include_in_schema": False, "response_model": None}
        self.router.get("/login", **options)(self.begin)
        self.router.get("/callback", **options)(self.finish)

    async def begin(self) -> Response:
        """Send the browser to the provider."""
        try:
            metadata = await self._read_metadata()
        except FetchError as error:
            logger.warning("login with %s: %s", self._issuer, error)
            raise HTTPException(503, "The identity provider cannot be reached") from None
        state, browser = generate_secret(), generate_secret()
        begun = {"nonce": generate_secret(), "verifier": generate_secret(48), "browser": hash_secret(browser)}
        await self._store.put(
            _SPACE, hash_secret(state), json.dumps(begun).encode(), expires_in=_LOGIN_LIFETIME
        )
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=state,
                nonce=begun["nonce"],
                code_verifier=begun["verifier"],
            )
        response = RedirectResponse(address, 303, {"Cache-Control": "no-store"})
        response.set_cookie(
            self._cookie,
            browser,
            max_age=int(_LOGIN_LIFETIME.total_seconds()),
            secure=True,
            httponly=True,
            samesite="lax",
        )
        return response

    async def finish(self, request: Request, code: str = "", state: str = "", iss: str = "") -> Response:
        """Take the provider's answer, and hand the user to the application."""
        try:
            identity = await self._identify(request, code, state, iss)
        except (InvalidTokenError, FetchError, AuthlibBaseError, httpx2.HTTPError) as error:
            # What the provider says may hold what the user or an attacker has written: its kind is enough.
            reason = str(error) if isinstance(error, InvalidTokenError) else type(error).__name__
            logger.warning("login with %s refused: %s", self._issuer, reason)
            raise HTTPException(401, "Login failed", {"WWW-Authenticate": "Bearer"}) from None
        response = await self._on_login(request, identity)
        response.delete_cookie(self._cookie, secure=True, httponly=True, samesite="lax")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    async def _identify(self, request: Request, code: str, state: str, iss: str) -> Identity:
        value = await self._store.take(_SPACE, hash_secret(state)) if state else None
        if value is None:
            raise InvalidTokenError("a state that is unknown, old or used")
        begun = json.loads(value)
        browser = request.cookies.get(self._cookie, "")
        if not constant_time_equal(begun["browser"], hash_secret(browser)):
            raise InvalidTokenError("another browser has begun this login")
        if (iss and iss != self._issuer) or not 0 < len(code) <= _LONGEST_PARAMETER:
            raise InvalidTokenError("an error, or the answer of another provider")  # RFC 9207
        metadata = await self._read_metadata()
        if not iss and metadata.get("authorization_response_iss_parameter_supported") is True:
            raise InvalidTokenError("an answer that does not say whose it is")
        token = await self._exchange(metadata["token_endpoint"], code, begun["verifier"])
        identity = await self._identity_tokens(metadata).verify(token)
        if not constant_time_equal(identity.nonce, begun["nonce"]):
            raise InvalidTokenError("another nonce")
        if identity.azp not in {None, self._client_id}:
            raise InvalidTokenError("made for another client")
        return identity

    async def _exchange(self, address: str, code: str, verifier: str) -> str:
        """Return the identity token that the provider gives for a code."""
        try:
            with anyio.fail_after(_TIMEOUT):
                async with self._client() as client:
                    answer = await client.fetch_token(address, code=code, code_verifier=verifier)
        except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
            # What Authlib raises where the answer is late, or not the object that it takes it for.
            raise InvalidTokenError(f"no answer that can be read: {type(error).__name__}") from None
        token = answer.get("id_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise InvalidTokenError("no identity token")
        return token

    def _client(self) -> Any:
        return AsyncOAuth2Client(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method="client_secret_basic" if self._client_secret else "none",
            scope=self._scope,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            follow_redirects=False,
            timeout=_TIMEOUT,
            transport=self._transport,
        )

    def _identity_tokens(self, metadata: dict[str, Any]) -> _IdentityTokens:
        address = metadata["jwks_uri"]
        if self._identities is None or self._identities[0] != address:
            keys = RemoteKeys(address, allow_http=self._allow_http, transport=self._transport)
            tokens = _IdentityTokens(
                keys,
                issuer=self._issuer,
                audience=self._client_id,
                claims=Identity,
                typ="JWT",
                leeway=timedelta(seconds=60),
                several_audiences=True,
            )
            self._identities = address, tokens
        return self._identities[1]

    async def _read_metadata(self) -> dict[str, Any]:
        """Return the provider's own description (OpenID Connect Discovery), read again after an hour."""
        if time.monotonic() < self._metadata_ends_at:
            return self._metadata
        address = self._issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            metadata = await fetch_document(
                address, timeout=_TIMEOUT, max_bytes=_MOST_BYTES, transport=self._transport
            )
            self._check_metadata(metadata)
        except FetchError:
            if not self._metadata:
                raise
            logger.warning("the last description of %s stays", self._issuer)
            metadata = self._metadata
        self._metadata, self._metadata_ends_at = metadata, time.monotonic() + _METADATA_LIFETIME
        return metadata

    def _check_metadata(self, metadata: dict[str, Any]) -> None:
        if metadata.get("issuer") != self._issuer:
            raise FetchError("the description of another issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            try:
                check_address(str(metadata.get(name, "")), allow_http=self._allow_http)
            except ValueError:
                raise FetchError(f"{name} is no https address") from None
