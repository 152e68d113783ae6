"""Protection against cross-site request forgery: what foreign pages request with their visitors' cookies.

Browsers say whose page made a request, by `Sec-Fetch-Site` or `Origin`, and pages cannot change what they
say. That decides. A token decides about what no browser of today sends: a request with cookies and with
neither header.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapide.auth.cookies import SafeCookie
from rapide.auth.csrf_form import find_form_token, has_form
from rapide.auth.refusals import refuse
from rapide.errors import AccessError
from rapide.security.origins import carries_credentials, foreign_origin, header_values, is_origin

__all__ = ["CSRFMiddleware", "CSRFPolicy", "csrf_token", "make_token", "token_is_valid"]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_ISSUER = "rapide.csrf"
_HALF = 32
# Text that no other use of the same key signs.
_PURPOSE = b"rapide csrf token\0"


class CSRFPolicy:
    """Decides whether a request may change something.

    Methods that change nothing (RFC 9110, section 9.2.1) pass. Others pass when the browser says that a
    page of the same origin made them, or nobody's page did; when the page is of a trusted origin; and when
    they bring no credentials that a browser adds by itself. The opening of a WebSocket with cookies needs
    the same origin, too.

    Args:
        trusted_origins: Origins of other pages that may, such as "https://app.example.com".
        without_origin: What happens to a request with cookies that says nothing of its page: "token" lets it
            pass with a token in `header`, or in `field`, "refuse" does not, "allow" does.
        header: The header with the token.
        field: The field of a form with the token, where no header has one. It stands in the first 64 KiB.

    Raises:
        AccessError: a trusted origin is none, or the policy has no such name.
    """

    def __init__(
        self,
        *,
        trusted_origins: Iterable[str] = (),
        without_origin: Literal["token", "refuse", "allow"] = "token",
        header: str = "X-CSRF-Token",
        field: str = "csrf_token",
    ) -> None:
        self.trusted_origins = tuple(origin.lower() for origin in trusted_origins)
        for origin in self.trusted_origins:
            if not is_origin(origin):
                raise AccessError("RAP607", f"{origin!r} is no origin of a page")
        if without_origin not in {"token", "refuse", "allow"}:
            raise AccessError(
                "RAP607", f'without_origin is "token", "refuse" or "allow", not {without_origin!r}'
            )
        self._without_origin = without_origin
        self._header = header.lower().encode("ascii")
        self._field = field

    async def admit(
        self, scope: Scope, receive: Receive, *, has_cookie: bool, is_valid: Callable[[str], bool]
    ) -> Receive | None:
        """Return what receives the messages of a connection that passes, and None for one that does not.

        Args:
            scope: The connection.
            receive: What receives its messages.
            has_cookie: Whether it brings the cookie that is protected.
            is_valid: Tells whether a token is right.
        """
        if self._allows(scope, has_cookie=has_cookie, is_valid=is_valid):
            return receive
        if not self._may_be_in_form(scope):
            return None
        token, receive_again = await find_form_token(scope, receive, self._field)
        return receive_again if token is not None and is_valid(token) else None

    def _may_be_in_form(self, scope: Scope) -> bool:
        """Tell whether a token decides, and none is in the header: browsers send forms without one."""
        return (
            scope["type"] == "http"
            and self._without_origin == "token"
            and not any(header_values(scope, name) for name in (b"sec-fetch-site", b"origin", self._header))
            and has_form(scope)
        )

    def _allows(self, scope: Scope, *, has_cookie: bool, is_valid: Callable[[str], bool]) -> bool:
        foreign = foreign_origin(scope, self.trusted_origins)
        if scope["type"] == "websocket":
            return not (foreign and carries_credentials(scope))
        if scope["method"] in SAFE_METHODS:
            return True
        sites = header_values(scope, b"sec-fetch-site")
        if sites:
            return (
                sites in (["same-origin"], ["none"]) or self._is_named(scope) or _is_bearer(scope, has_cookie)
            )
        if foreign is None:
            return not has_cookie or self._allows_unknown(scope, is_valid)
        return not foreign or _is_bearer(scope, has_cookie)

    def _is_named(self, scope: Scope) -> bool:
        """Tell whether the page is of a trusted origin; the browser has said that it is not of our own."""
        origins = header_values(scope, b"origin")
        return len(origins) == 1 and origins[0].lower() in self.trusted_origins

    def _allows_unknown(self, scope: Scope, is_valid: Callable[[str], bool]) -> bool:
        if self._without_origin != "token":
            return self._without_origin == "allow"
        tokens = header_values(scope, self._header)
        return len(tokens) == 1 and is_valid(tokens[0])


def _is_bearer(scope: Scope, has_cookie: bool) -> bool:
    """Tell whether there are credentials that only programs add, about which browsers ask before (CORS)."""
    values = header_values(scope, b"authorization")
    return not has_cookie and len(values) == 1 and values[0].partition(" ")[0].lower() == "bearer"


def make_token(key: str) -> str:
    """Return a token for `key`: another text each time, so that compressed answers give nothing away."""
    mask = secrets.token_bytes(_HALF)
    return urlsafe_b64encode(mask + _mixed(mask, _signature(key))).decode("ascii").rstrip("=")


def token_is_valid(token: str, key: str) -> bool:
    """Tell whether a token was made for `key`, in a time that does not depend on it."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"==")
    except ValueError:
        return False
    if len(raw) != 2 * _HALF:
        return False
    return hmac.compare_digest(_mixed(raw[:_HALF], raw[_HALF:]), _signature(key))


def _signature(key: str) -> bytes:
    return hmac.digest(key.encode("utf-8"), _PURPOSE, "sha256")


def _mixed(mask: bytes, value: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(mask, value, strict=True))


def offer_token(scope: Scope, make: Callable[[], str]) -> None:
    """Say how `csrf_token` makes a token for this connection."""
    scope[_ISSUER] = make


async def csrf_token(connection: HTTPConnection) -> str:
    """Return a token for the visitor's next requests. It is a dependency.

    Send it in the header `X-CSRF-Token`, or as the field `csrf_token` of a form.

    Raises:
        RuntimeError: neither SessionMiddleware nor CSRFMiddleware is there.
    """
    make: Callable[[], str] | None = connection.scope.get(_ISSUER)
    if make is None:
        raise RuntimeError("csrf_token needs SessionMiddleware, with its policy, or CSRFMiddleware")
    return make()


class CSRFMiddleware:
    """ASGI middleware: protects applications whose cookies are not those of `SessionMiddleware`.

    A signed cookie, `__Host-csrf`, is what a token has to fit (signed double submit).

    Args:
        app: The application. secrets: Random secrets of at least 32 characters. The first signs; the
        others, former ones, only verify. policy: What passes; `CSRFPolicy()` by default. development:
        Whether plain http on localhost gets a cookie without `Secure`.

    Raises:
        AccessError: a secret is missing, or too short.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        secrets: Sequence[str],
        policy: CSRFPolicy | None = None,
        development: bool = False,
    ) -> None:
        if isinstance(secrets, str) or not secrets or any(len(secret) < 32 for secret in secrets):
            raise AccessError("RAP607", "CSRFMiddleware needs a list of secrets of at least 32 characters")
        self.app = app
        self._secrets = tuple(secrets)
        self._policy = policy or CSRFPolicy()
        self._cookie = SafeCookie("csrf", development=development)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection, or refuse it with 403."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        known = self._cookie.read(scope)
        identity = known if known is not None and self._is_signed(known) else None
        admitted = await self._policy.admit(
            scope,
            receive,
            has_cookie=any(name == b"cookie" for name, _ in scope["headers"]),
            is_valid=lambda token: identity is not None and token_is_valid(token, identity),
        )
        if admitted is None:
            await refuse(scope, receive, send, 403)
            return
        issued: list[str] = []

        def make() -> str:
            if identity is None and not issued:
                issued.append(self._sign(secrets.token_urlsafe(_HALF)))
            return make_token(identity or issued[0])

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start" and issued:
                headers = MutableHeaders(scope=message)
                headers.append("set-cookie", self._cookie.written(scope, issued[0]))
                headers.add_vary_header("Cookie")
                headers["cache-control"] = "no-store"
            await send(message)

        offer_token(scope, make)
        await self.app(scope, admitted, send_with_cookie)

    def _sign(self, value: str, secret: str | None = None) -> str:
        # The name of the cookie is signed too: what is right in another cookie is not right in this one.
        key = hashlib.sha256(b"rapide csrf cookie\0" + (secret or self._secrets[0]).encode()).digest()
        return f"{value}.{hmac.digest(key, value.encode('ascii'), 'sha256').hex()}"

    def _is_signed(self, cookie: str) -> bool:
        value = cookie.rpartition(".")[0]
        if not value.isascii():
            return False
        sent = cookie.encode("utf-8", "replace")
        return any(
            hmac.compare_digest(self._sign(value, secret).encode("ascii"), sent) for secret in self._secrets
        )
