"""How often somebody may try: the brake on guessing passwords."""

from __future__ import annotations

import json
import math
import time
from datetime import timedelta

from rapide.auth.opaque import hash_secret
from rapide.auth.stores.base import Store
from rapide.auth.stores.memory import MemoryStore
from rapide.exceptions import HTTPException

__all__ = ["Attempts"]

_SPACE = "attempts"


class Attempts:
    """Counts attempts by a key, and answers 429 with `Retry-After` when there are too many.

    A good key is the user name together with the address of the client: a stranger cannot lock out a user,
    and one who tries many names is slowed down at each. Put a limit on addresses alone in front of the
    application.

    An attempt counts before it is made, so that a hundred at once are a hundred; a successful one clears the
    count. A store that fails lets nobody try.

    Args:
        store: Where the counts are kept; in memory by default, each process for itself.
        limit: How many attempts may be made within `window`; 10 by default.
        window: The time, from the first attempt on, after which the count begins anew; 15 minutes by default.

    Raises:
        ValueError: `limit` is less than 1, or `window` not positive.
    """

    def __init__(
        self, store: Store | None = None, *, limit: int = 10, window: timedelta = timedelta(minutes=15)
    ) -> None:
        if limit < 1 or window <= timedelta(0):
            raise ValueError("limit is at least 1, and window positive")
        self._store = store or MemoryStore()
        self._limit = limit
        self._window = window.total_seconds()

    async def begin(self, *key: str) -> None:
        """Count an attempt; for one too many raise 429, with the seconds to wait in `Retry-After`."""
        name = _name(key)
        while True:
            value = await self._store.get(_SPACE, name)
            count, ends_at = json.loads(value) if value else (0, time.time() + self._window)
            wait = ends_at - time.time()
            if count >= self._limit:
                raise HTTPException(429, "Too many attempts", {"Retry-After": str(max(1, math.ceil(wait)))})
            counted = json.dumps([count + 1, ends_at]).encode()
            expiry = timedelta(seconds=wait)
            if value is None:
                # Two first attempts at once may count as one.
                await self._store.put(_SPACE, name, counted, expires_in=expiry)
                return
            if await self._store.replace(_SPACE, name, value, counted, expires_in=expiry):
                return

    async def succeeded(self, *key: str) -> None:
        """Forget the attempts of a key: the last one was right."""
        await self._store.delete(_SPACE, _name(key))


def _name(key: tuple[str, ...]) -> str:
    # The length of each part before it: no two keys make one text.
    return hash_secret("".join(f"{len(part)}:{part}" for part in key))
