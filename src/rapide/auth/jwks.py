"""The key set of somebody else (RFC 7517, section 5), read over the network, bounded in every respect."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import anyio
import httpx2

from rapide.auth.fetching import FetchError, check_address, fetch_document
from rapide.auth.keys import ALGORITHMS, Key
from rapide.errors import AuthDeclarationError
from rapide.logger import logger

__all__ = ["RemoteKeys"]

_MOST_KEYS = 100
_SECRET_MEMBERS = frozenset({"d", "k", "p", "q", "dp", "dq", "qi", "oth"})
_PUBLIC = tuple(name for name, (kind, _) in ALGORITHMS.items() if kind != "oct")


class RemoteKeys:
    """The keys of an identity provider, to verify its tokens with: `Tokens(RemoteKeys(url), …)`.

    The set is read when the first token comes, again when it is older than `lifetime`, and when a token names
    an unknown key; but never twice within `min_interval`, whatever tokens come. While it cannot be read, the
    keys that were read last stay.

    Args:
        url: Where the set is: an https address. No redirect is followed.
        algorithms: The algorithms that are accepted; by default all but those of secrets.
        lifetime: After what time the set is read again; an hour by default.
        min_interval: The least time between two attempts; a minute by default.
        timeout: How long one attempt may take; 5 seconds by default.
        max_bytes: The largest set that is read; 256 KiB by default.
        allow_http: Whether the address may be http: only for a provider on the same machine.
        transport: What sends the requests instead of the network, for tests.

    Raises:
        AuthDeclarationError: The address is not https (RAP506); an algorithm does not exist, or is one of
            secrets (RAP503).
    """

    def __init__(
        self,
        url: str,
        *,
        algorithms: Iterable[str] = _PUBLIC,
        lifetime: timedelta = timedelta(hours=1),
        min_interval: timedelta = timedelta(minutes=1),
        timeout: timedelta = timedelta(seconds=5),
        max_bytes: int = 256 * 1024,
        allow_http: bool = False,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        check_address(url, allow_http=allow_http)
        self.url = url
        self.algorithms = tuple(algorithms)
        if not self.algorithms or not set(self.algorithms) <= set(_PUBLIC):
            raise AuthDeclarationError(
                "RAP503", f"The keys of others have the algorithms {', '.join(_PUBLIC)}"
            )
        self._lifetime = lifetime.total_seconds()
        self._min_interval = min_interval.total_seconds()
        self._timeout = timeout.total_seconds()
        self._max_bytes = max_bytes
        self._transport = transport
        self._keys: dict[tuple[str | None, str], Key] = {}
        self._stale_at = self._next_attempt = 0.0
        self._lock = anyio.Lock()

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """Return the key with this id and algorithm; without an id the only key. None where there is none."""
        key = self._find(kid, algorithm)
        if key is not None and (time.monotonic() < self._stale_at or self._lock.locked()):
            return key  # while one request reads the set again, the others go on with what is known
        async with self._lock:
            if time.monotonic() >= self._next_attempt:
                self._next_attempt = time.monotonic() + self._min_interval
                await self._refresh()
        return self._find(kid, algorithm)

    def _find(self, kid: str | None, algorithm: str) -> Key | None:
        if kid is not None:
            return self._keys.get((kid, algorithm))
        fitting = [key for (_, name), key in self._keys.items() if name == algorithm]
        return fitting[0] if len(fitting) == 1 else None

    async def _refresh(self) -> None:
        try:
            document = await fetch_document(
                self.url, timeout=self._timeout, max_bytes=self._max_bytes, transport=self._transport
            )
            self._keys = self._usable(document)
        except (FetchError, ValueError) as error:
            logger.warning("the last keys of %s stay: %s", self.url, error)
            return
        self._stale_at = time.monotonic() + self._lifetime

    def _usable(self, document: Mapping[str, Any]) -> dict[tuple[str | None, str], Key]:
        entries = document.get("keys")
        if not isinstance(entries, list) or len(entries) > _MOST_KEYS:
            raise ValueError(f"not a list of up to {_MOST_KEYS} keys")
        keys = {}
        for jwk in entries:
            if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig" or _SECRET_MEMBERS & set(jwk):
                continue
            for algorithm in self._algorithms_of(jwk):
                key = _make_key(jwk, algorithm)
                if key is not None:
                    keys[jwk.get("kid"), algorithm] = key
        if not keys:
            raise ValueError("no key that can be used")
        return keys

    def _algorithms_of(self, jwk: Mapping[str, Any]) -> list[str]:
        """Return the accepted algorithms of a key: the one that it names, or all of its type."""
        kind, curve, named = jwk.get("kty"), jwk.get("crv"), jwk.get("alg")
        return [
            name
            for name in self.algorithms
            if ALGORITHMS[name] == (kind, curve if kind in {"EC", "OKP"} else None) and named in {None, name}
        ]


def _make_key(jwk: Mapping[str, Any], algorithm: str) -> Key | None:
    if not isinstance(jwk.get("kid"), str | None):
        return None
    try:
        return Key.from_jwk(jwk, algorithm=algorithm)
    except AuthDeclarationError:
        return None  # one key that cannot be used does not spoil the others
