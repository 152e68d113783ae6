"""API keys: shown once, kept as a hash, with an owner, scopes and an expiry."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection

from rapide.auth.opaque import constant_time_equal, hash_secret
from rapide.auth.stores.base import Store
from rapide.declare.depends import Security
from rapide.exceptions import HTTPException
from rapide.security.base import Scheme
from rapide.security.scopes import SecurityScopes

if TYPE_CHECKING:
    from rapide.security.schemes import APIKey as APIKeyModel

__all__ = ["APIKey", "APIKeyLogin", "APIKeys", "VerifiedAPIKey"]

_SPACE = "api-keys"
_PREFIX = re.compile(r"[a-z][a-z0-9]{1,15}")
_NOBODYS = hash_secret(secrets.token_hex(32))


@dataclass(frozen=True, kw_only=True)
class APIKey:
    """What is known of a key; not the key itself, which nobody knows any more.

    Attributes:
        id: The part of the key that finds it, and names it in lists and logs.
        owner: Whose it is.
        name: What it is for.
        scopes: What it may be used for.
        created_at: When it was made.
        expires_at: When it expires, or None.
    """

    id: str
    owner: str
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None


class APIKeys:
    """Makes API keys, verifies them, and takes them back.

    A key is `prefix_id_secret`: the prefix lets scanners of leaked secrets find it, the id is looked up, and
    of the secret, 32 random bytes, only the hash is kept.

    Args:
        store: Where the keys are kept: one that outlives the process.
        prefix: What the keys begin with: 2 to 16 small letters and digits; "rap" by default.

    Raises:
        ValueError: The prefix has other characters.
    """

    def __init__(self, store: Store, *, prefix: str = "rap") -> None:
        if _PREFIX.fullmatch(prefix) is None:
            raise ValueError("prefix has 2 to 16 small letters and digits, a letter first")
        self._store = store
        self._prefix = prefix
        self._form = re.compile(rf"{prefix}_([0-9a-f]{{16}})_([0-9a-f]{{64}})")

    async def create(
        self,
        owner: str,
        *,
        name: str = "",
        scopes: Sequence[str] = (),
        expires_in: timedelta | None = timedelta(days=365),
    ) -> tuple[str, APIKey]:
        """Return a new key, to be shown this once, and what is known of it.

        Args:
            owner: Whose it is: the id of a user or a service.
            name: What it is for, for the owner's list.
            scopes: What it may be used for.
            expires_in: How long it is valid; a year by default, None for ever.

        Raises:
            ValueError: `expires_in` is not positive.
        """
        if expires_in is not None and expires_in <= timedelta(0):
            raise ValueError("expires_in is positive, or None")
        key_id, secret = secrets.token_hex(8), secrets.token_hex(32)
        now = time.time()
        entry = {
            "owner": owner,
            "name": name,
            "scopes": list(scopes),
            "created_at": now,
            "expires_at": None if expires_in is None else now + expires_in.total_seconds(),
            "secret": hash_secret(secret),
        }
        value = json.dumps(entry).encode()
        await self._store.put(_SPACE, key_id, value, expires_in=expires_in, group=hash_secret(owner))
        return f"{self._prefix}_{key_id}_{secret}", _describe(key_id, entry)

    async def verify(self, key: str) -> APIKey | None:
        """Return what is known of a key; None for one that is unknown, expired or taken back."""
        match = self._form.fullmatch(key) if len(key) <= 128 else None
        if match is None:
            return None
        value = await self._store.get(_SPACE, match[1])
        entry = None if value is None else json.loads(value)
        # An id that does not exist takes as long as a wrong secret.
        is_right = constant_time_equal(_NOBODYS if entry is None else entry["secret"], hash_secret(match[2]))
        if entry is None or not is_right:
            return None
        has_expired = entry["expires_at"] is not None and entry["expires_at"] <= time.time()
        return None if has_expired else _describe(match[1], entry)

    async def revoke(self, key_id: str, *, owner: str) -> bool:
        """Take back the key with this id, and tell whether this owner had one."""
        if key_id not in await self._store.keys_of(_SPACE, hash_secret(owner)):
            return False
        return await self._store.delete(_SPACE, key_id)

    async def revoke_all(self, owner: str) -> int:
        """Take back all keys of an owner, and return how many there were."""
        return await self._store.delete_group(_SPACE, hash_secret(owner))

    async def list_of(self, owner: str) -> list[APIKey]:
        """Return what is known of the keys of an owner, the oldest first."""
        found = []
        for key_id in await self._store.keys_of(_SPACE, hash_secret(owner)):
            value = await self._store.get(_SPACE, key_id)
            if value is not None:
                found.append(_describe(key_id, json.loads(value)))
        return sorted(found, key=lambda key: key.created_at)


class APIKeyLogin(Scheme):
    """The security scheme that verifies a key in a header. `VerifiedAPIKey` makes a dependency of it.

    Args:
        api_keys: What verifies the keys.
        header: The name of the header; "X-API-Key" by default. There is no choice of the query: addresses end
            up in logs, histories and `Referer` headers.
        scheme_name: The name of the scheme in the document; "APIKeyLogin" by default.
        description: A description for the document.
        auto_error: Whether a request without a key is answered with 401; otherwise the result is None. A
            wrong key is answered with 401 always.
    """

    def __init__(
        self,
        api_keys: APIKeys,
        *,
        header: str = "X-API-Key",
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._api_keys = api_keys
        self._header = header
        super().__init__(scheme_name=scheme_name, description=description, auto_error=auto_error, valid=True)

    def describe(self) -> APIKeyModel:
        """Return a new model of the scheme."""
        from rapide.security.schemes import APIKey as Model  # noqa: PLC0415 -- only documents need it

        return Model.model_validate({"in": "header", "name": self._header, "description": self._description})

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge. Every 401 needs one and keys have no registered one; this is FastAPI's."""
        return {"WWW-Authenticate": "APIKey"}

    async def __call__(self, request: HTTPConnection, scopes: SecurityScopes) -> APIKey | None:
        """Return what is known of the key. 401 for none or a wrong one, 403 where it lacks a scope."""
        sent = request.headers.getlist(self._header)
        if not sent:
            return self._accept(None)
        key = await self._api_keys.verify(sent[0]) if len(sent) == 1 else None
        if key is None:
            raise self.make_not_authenticated_error()
        if not set(scopes.scopes) <= set(key.scopes):
            raise HTTPException(403, "Not permitted")
        return key


def VerifiedAPIKey(  # noqa: N802 -- a marker, as Query and Security are
    api_keys: APIKeys | APIKeyLogin, *, scopes: Sequence[str] = ()
) -> Any:
    """Declare that a parameter is the `APIKey` that the request has in the header `X-API-Key`.

    ::

        Warehouse = Annotated[APIKey, VerifiedAPIKey(api_keys, scopes=["stock:write"])]

    Args:
        api_keys: What verifies the keys; or an `APIKeyLogin`, for other options of the scheme.
        scopes: The scopes that the key must have, all of them.
    """
    # One scheme for some keys: a key is verified once for each request.
    scheme = (
        api_keys
        if isinstance(api_keys, APIKeyLogin)
        else api_keys.__dict__.setdefault("_scheme", APIKeyLogin(api_keys))
    )
    return Security(scheme, scopes=list(scopes))


def _describe(key_id: str, entry: dict[str, Any]) -> APIKey:
    expires_at = entry["expires_at"]
    return APIKey(
        id=key_id,
        owner=entry["owner"],
        name=entry["name"],
        scopes=tuple(entry["scopes"]),
        created_at=datetime.fromtimestamp(entry["created_at"], UTC),
        expires_at=None if expires_at is None else datetime.fromtimestamp(expires_at, UTC),
    )
