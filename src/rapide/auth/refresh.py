"""Refresh tokens: each is used once, a second use ends the whole family (RFC 9700, section 4.14.2)."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rapide.auth.opaque import constant_time_equal, generate_secret, hash_secret
from rapide.auth.stores.base import Store
from rapide.errors import AuthDeclarationError
from rapide.logger import logger

__all__ = ["Grant", "InvalidGrantError", "RefreshTokens"]

_SPACE = "refresh"
# The id of the family and the secret of its present token, 16 and 32 random bytes.
_TOKEN = re.compile(r"([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})")
_MOST_LEEWAY = timedelta(seconds=60)


class InvalidGrantError(Exception):
    """A refresh token, or an authorization code, that is not accepted. The reason is for logs alone."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What somebody has agreed to at login, and what every refresh gives again.

    Attributes:
        subject: Who has logged in.
        login: The name with which the account is found again.
        scopes: What was agreed to.
        client_id: The client that it was given to, or None.
        client_is_authenticated: Whether that client has proved who it is, and has to each time.
    """

    subject: str
    login: str
    scopes: tuple[str, ...] = ()
    client_id: str | None = None
    client_is_authenticated: bool = False


class RefreshTokens:
    """Makes refresh tokens, exchanges them, and takes them back.

    All tokens that came from one login are a family, and one entry of the store: the hash of the token that
    is valid now. An exchange replaces that hash, in one step that one caller wins. So at any moment, after
    any crash, exactly one token of a family is valid, or none. Who presents another one of the family has an
    old copy; nobody knows whether he or the holder of the new one is the thief, so that the family ends and
    the user logs in again.

    A client whose answer was lost on the way has only an old token, and logs in again too.

    Args:
        store: Where the families are kept.
        lifetime: How long after the login the last token of a family is valid; 30 days by default.
        idle: How long one token is valid while nobody uses it; 7 days by default.
        reuse_leeway: For how long after an exchange the token before is only refused, and does not end the
            family: for clients that refresh in two windows at once. None by default, a minute at most. Within
            that time a theft goes unnoticed.

    Raises:
        AuthDeclarationError: A time is out of bounds (RAP505).
    """

    def __init__(
        self,
        store: Store,
        *,
        lifetime: timedelta = timedelta(days=30),
        idle: timedelta = timedelta(days=7),
        reuse_leeway: timedelta = timedelta(0),
    ) -> None:
        nothing = timedelta(0)
        if lifetime <= nothing or idle <= nothing or not nothing <= reuse_leeway <= _MOST_LEEWAY:
            raise AuthDeclarationError(
                "RAP505", "Lifetimes are positive, and the leeway is 60 seconds at most"
            )
        self._store = store
        self._lifetime = lifetime.total_seconds()
        self._idle = idle.total_seconds()
        self._leeway = reuse_leeway.total_seconds()

    async def start(self, grant: Grant, *, family: str | None = None) -> str:
        """Return the first token of a new family: somebody has logged in.

        Args:
            grant: What he has agreed to.
            family: The id of the family, 16 random bytes in base64url, to end it by; a new one by default.

        Raises:
            ValueError: The id has another form.
        """
        family, secret = family or generate_secret(16), generate_secret(32)
        if _TOKEN.fullmatch(f"{family}.{secret}") is None:
            raise ValueError("a family has an id of 22 characters of base64url")
        entry = {
            "subject": grant.subject,
            "login": grant.login,
            "scopes": list(grant.scopes),
            "client_id": grant.client_id,
            "client_is_authenticated": grant.client_is_authenticated,
            "ends_at": time.time() + self._lifetime,
            "token": hash_secret(secret),
        }
        await self._store.put(
            _SPACE,
            hash_secret(family),
            _encode(entry),
            expires_in=self._expiry(entry),
            group=hash_secret(grant.subject),
        )
        return f"{family}.{secret}"

    async def exchange(
        self, token: str, *, client_id: str | None = None, client_is_authenticated: bool = False
    ) -> tuple[Grant, str]:
        """Return what was granted, and the next token. The one that was presented is not valid any more.

        Raises:
            InvalidGrantError: It is unknown, expired, used before, or was given to another client, or to one
                that has to prove who it is and has not. In the last three cases the family ends.
        """
        key, secret = _take_apart(token)
        value = await self._store.get(_SPACE, key)
        if value is None:
            raise InvalidGrantError("unknown, expired or taken back")
        entry: dict[str, Any] = json.loads(value)
        is_present = constant_time_equal(entry["token"], hash_secret(secret))
        grant = _granted(entry)
        is_owner = grant.client_id in {None, client_id} and (
            client_is_authenticated or not grant.client_is_authenticated
        )
        if not is_present or not is_owner:
            await self._suspect(key, entry, secret)
        following = generate_secret(32)
        changed = {
            **entry,
            "token": hash_secret(following),
            "before": entry["token"],
            "changed_at": time.time(),
        }
        won = await self._store.replace(_SPACE, key, value, _encode(changed), expires_in=self._expiry(entry))
        if not won:  # somebody else has exchanged the same token just now, or the family was taken back
            await self._suspect(key, changed, secret)
        return grant, f"{token.partition('.')[0]}.{following}"

    async def find(self, token: str) -> Grant | None:
        """Return what was granted with the family of a token, an old one too; None where there is none."""
        try:
            key, _ = _take_apart(token)
        except InvalidGrantError:
            return None
        value = await self._store.get(_SPACE, key)
        return None if value is None else _granted(json.loads(value))

    async def revoke(self, token: str) -> bool:
        """Take back the family of a token, an old one too: log out. Tell whether there was one."""
        try:
            key, _ = _take_apart(token)
        except InvalidGrantError:
            return False
        return await self._store.delete(_SPACE, key)

    async def end(self, family: str) -> bool:
        """Take back a family by the id that it was started with. Tell whether there was one."""
        return await self._store.delete(_SPACE, hash_secret(family))

    async def revoke_all(self, subject: str, *, except_for: Iterable[str] = ()) -> int:
        """Take back all families of a user: log out everywhere, after a change of the password for one.

        Args:
            subject: The user.
            except_for: Tokens whose families stay.
        """
        kept = {_take_apart(token)[0] for token in except_for}
        if not kept:
            return await self._store.delete_group(_SPACE, hash_secret(subject))
        keys = await self._store.keys_of(_SPACE, hash_secret(subject))
        return sum([await self._store.delete(_SPACE, key) for key in keys if key not in kept])

    async def _suspect(self, key: str, entry: dict[str, Any], secret: str) -> None:
        """Refuse a token that is not the present one, and end its family."""
        is_previous = constant_time_equal(entry.get("before", ""), hash_secret(secret))
        if not (is_previous and time.time() - entry["changed_at"] < self._leeway):
            await self._store.delete(_SPACE, key)
            logger.warning("a refresh token was used twice, or by another client: its family has ended")
        raise InvalidGrantError("not the present token of its family")

    def _expiry(self, entry: dict[str, Any]) -> timedelta:
        return timedelta(seconds=min(self._idle, entry["ends_at"] - time.time()))


def _take_apart(token: str) -> tuple[str, str]:
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise InvalidGrantError("not a refresh token")
    return hash_secret(match[1]), match[2]


def _granted(entry: Mapping[str, Any]) -> Grant:
    return Grant(
        subject=entry["subject"],
        login=entry["login"],
        scopes=tuple(entry["scopes"]),
        client_id=entry["client_id"],
        client_is_authenticated=entry.get("client_is_authenticated", False),
    )


def _encode(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode()
