"""How often somebody may try: the brake on guessing passwords."""

from __future__ import annotations

import math
import secrets
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

    An attempt counts before it is made, so that a hundred at once are a hundred, in whichever process; then
    fewer than `limit` may pass, and never more. A successful one clears the count. A store that fails lets
    nobody try.

    Args:
        store: Where the counts are kept; in memory by default, each process for itself.
        limit: How many attempts may be made within `window`; 10 by default.
        window: For how long an attempt counts; 15 minutes by default.

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
        self._window = window

    async def begin(self, *key: str) -> None:
        """Count an attempt; for one too many raise 429, with the seconds to wait in `Retry-After`."""
        group = _name(key)
        # An entry for each, written before it is counted: of any that pass, the last sees all the others.
        ends_at = time.time() + self._window.total_seconds()
        own = f"{ends_at:.3f} {secrets.token_hex(8)}"
        await self._store.put(_SPACE, own, b"", expires_in=self._window, group=group)
        counted = await self._store.keys_of(_SPACE, group)
        if len(counted) > self._limit:
            await self._store.delete(_SPACE, own)
            wait = float(counted[0].partition(" ")[0]) - time.time()
            raise HTTPException(429, "Too many attempts", {"Retry-After": str(max(1, math.ceil(wait)))})

    async def succeeded(self, *key: str) -> None:
        """Forget the attempts of a key: the last one was right."""
        await self._store.delete_group(_SPACE, _name(key))


def _name(key: tuple[str, ...]) -> str:
    # The length of each part before it: no two keys make one text.
    return hash_secret("".join(f"{len(part)}:{part}" for part in key))
