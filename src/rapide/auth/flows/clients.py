"""Who asks for tokens: the clients of a flow, and how they prove who they are (RFC 6749, section 2.3)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus, urlsplit

from starlette.requests import Request

from rapide.auth.opaque import constant_time_equal, hash_secret
from rapide.errors import AuthDeclarationError
from rapide.security.http import read_basic

__all__ = ["Caller", "Client", "OAuthError", "identify_caller"]

_LONGEST = 255
_HASH = re.compile(r"[0-9a-f]{64}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# Compared where there is no hash: who asks learns from the time no more than from the answer.
_NOBODYS = hash_secret(secrets.token_hex(32))


class OAuthError(Exception):
    """An answer of RFC 6749, section 5.2, by its registered code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def status(self) -> int:
        """The status of the answer: 401 for a client that is not who it says, 400 for all else."""
        return 401 if self.code == "invalid_client" else 400

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer, with a challenge where the client could prove who it is."""
        kept = {"Cache-Control": "no-store", "Pragma": "no-cache"}
        return {**kept, "WWW-Authenticate": 'Basic realm="token"'} if self.status == 401 else kept


@dataclass(frozen=True)
class Client:
    """A client that may ask for tokens.

    A single-page, mobile or desktop application is public: it could not keep a secret. An application on a
    server is confidential: it has one, made with `generate_secret()`, and proves at the token endpoint that
    it has, by HTTP Basic (`client_secret_basic`) or in the form (`client_secret_post`).

    Args:
        redirect_uris: Where the user may be sent back to, letter by letter: https, http on this machine, or
            the scheme of an application such as `com.example.app:/callback`.
        scopes: The scopes that it may ask for; None for all.
        secret_hashes: For a confidential client what `hash_secret` makes of its secret; two of them while
            the secret is being changed. The secret itself is kept by the client alone.

    Raises:
        AuthDeclarationError: There is no such address, or one that is not safe (RAP507); a hash is not one of
            `hash_secret` (RAP508).
    """

    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...] | None = None
    secret_hashes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.redirect_uris or not all(map(_is_safe, self.redirect_uris)):
            raise AuthDeclarationError("RAP507", "A client needs redirect_uris that are safe")
        hashes: object = self.secret_hashes  # a text would be a client without a secret
        if not isinstance(hashes, tuple) or not all(map(_HASH.fullmatch, hashes)):
            raise AuthDeclarationError("RAP508", "secret_hashes is a tuple of what hash_secret() returns")

    @property
    def is_confidential(self) -> bool:
        """Whether it has to prove who it is."""
        return bool(self.secret_hashes)

    def has_secret(self, secret: str) -> bool:
        """Tell whether this is its secret, in a time that does not depend on it."""
        digest = hash_secret(secret)
        # All are compared, whichever is right.
        are_equal = [constant_time_equal(digest, known) for known in self.secret_hashes or (_NOBODYS,)]
        return any(are_equal)


def _is_safe(uri: str) -> bool:
    parts = urlsplit(uri)
    if parts.fragment or "#" in uri or not uri.isascii() or not uri.isprintable() or "*" in uri:
        return False
    if parts.scheme == "http":
        return parts.hostname in _LOOPBACK
    return (parts.scheme == "https" and bool(parts.hostname)) or "." in parts.scheme


_NOBODY = Client(redirect_uris=("https://nobody.invalid",))


@dataclass(frozen=True)
class Caller:
    """The client that has sent a request.

    Attributes:
        client_id: Its id, or None where it has said none.
        is_authenticated: Whether it has proved that with its secret.
    """

    client_id: str | None
    is_authenticated: bool = False


def identify_caller(
    request: Request,
    clients: Mapping[str, Client] | None,
    *,
    client_id: str | None,
    client_secret: str | None,
) -> Caller:
    """Return the client of a token request.

    Args:
        request: The request, whose header `Authorization` may name the client.
        clients: The clients that there are; None where a flow has none, and what is said is only kept.
        client_id: What the form says.
        client_secret: What the form says.

    Raises:
        OAuthError: The client is not known, has not proved who it is, or did so twice.
    """
    if len(client_id or "") > _LONGEST:
        raise OAuthError("invalid_request")
    if clients is None:
        return Caller(client_id or None)
    headers = request.headers.getlist("Authorization")
    if headers:
        named = _read_header(headers)
        if client_secret or client_id not in {None, "", named[0]}:
            raise OAuthError("invalid_request")  # one method for each request (RFC 6749, section 2.3)
        client_id, client_secret = named
    if not client_id:
        return Caller(None)
    client = clients.get(client_id)
    # No secret and an empty one are the same (RFC 6749, section 2.3.1).
    is_right = (client or _NOBODY).has_secret(client_secret or "")
    must_prove = client is None or client.is_confidential or bool(client_secret)
    if must_prove and not is_right:
        raise OAuthError("invalid_client")
    return Caller(client_id, is_right)


def _read_header(headers: list[str]) -> tuple[str, str]:
    """Return id and secret of HTTP Basic, whose parts are encoded as in forms (RFC 6749, section 2.3.1)."""
    credentials = read_basic(headers[0]) if len(headers) == 1 else None
    if credentials is None or not credentials[0] or max(map(len, credentials)) > 3 * _LONGEST:
        raise OAuthError("invalid_client")
    client_id, client_secret = map(unquote_plus, credentials)
    return client_id, client_secret
