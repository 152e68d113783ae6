"""A store in the memory of this process."""

import threading
import time
from dataclasses import dataclass
from datetime import timedelta

from rapide.auth.stores.base import check_names

__all__ = ["MemoryStore"]


@dataclass(slots=True)
class _Entry:
    value: bytes
    group: str | None
    expires_at: float | None  # seconds of the monotonic clock

    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= time.monotonic()


def _expiry(expires_in: timedelta | None) -> float | None:
    return None if expires_in is None else time.monotonic() + expires_in.total_seconds()


class MemoryStore:
    """A store in the memory of this process, for tests, development and applications of one process.

    It forgets everything when the process ends, and other worker processes see nothing of it. It may be used
    from several threads and event loops.

    Args:
        max_entries: How many entries each space holds. Where one more comes, what has expired goes; where
            nothing has, the entry that was written longest ago goes.

    Raises:
        ValueError: `max_entries` is less than 1.
    """

    def __init__(self, *, max_entries: int = 100_000) -> None:
        if max_entries < 1:
            raise ValueError("max_entries must be at least 1")
        self._max_entries = max_entries
        self._spaces: dict[str, dict[str, _Entry]] = {}
        self._groups: dict[tuple[str, str], set[str]] = {}
        self._lock = threading.Lock()

    async def get(self, space: str, key: str) -> bytes | None:
        """Return the value, or None where there is no such entry."""
        check_names(space, key)
        with self._lock:
            entry = self._find(space, key)
            return None if entry is None else entry.value

    async def put(
        self, space: str, key: str, value: bytes, *, expires_in: timedelta | None, group: str | None = None
    ) -> None:
        """Write an entry, in the place of any that has this key."""
        check_names(space, key, group)
        with self._lock:
            self._remove(space, key)
            entries = self._spaces.setdefault(space, {})
            if len(entries) >= self._max_entries:
                self._make_room(space)
            entries[key] = _Entry(bytes(value), group, _expiry(expires_in))
            if group is not None:
                self._groups.setdefault((space, group), set()).add(key)

    async def replace(
        self, space: str, key: str, old: bytes, new: bytes, *, expires_in: timedelta | None
    ) -> bool:
        """Write `new` if the value is `old`, and tell whether it was; the entry stays in its group."""
        check_names(space, key)
        with self._lock:
            entry = self._find(space, key)
            if entry is None or entry.value != old:
                return False
            entry.value = bytes(new)
            entry.expires_at = _expiry(expires_in)
            return True

    async def take(self, space: str, key: str) -> bytes | None:
        """Remove an entry and return its value: of all who ask, exactly one gets it."""
        check_names(space, key)
        with self._lock:
            entry = self._find(space, key)
            self._remove(space, key)
            return None if entry is None else entry.value

    async def delete(self, space: str, key: str) -> bool:
        """Remove an entry, and tell whether there was one."""
        return await self.take(space, key) is not None

    async def delete_group(self, space: str, group: str) -> int:
        """Remove all entries of a group, and return how many there were."""
        check_names(space, group=group)
        with self._lock:
            keys = self._live_keys(space, group)
            for key in keys:
                self._remove(space, key)
            return len(keys)

    async def keys_of(self, space: str, group: str) -> list[str]:
        """Return the keys of a group, sorted."""
        check_names(space, group=group)
        with self._lock:
            return self._live_keys(space, group)

    async def aclose(self) -> None:
        """Forget everything."""
        with self._lock:
            self._spaces.clear()
            self._groups.clear()

    def _find(self, space: str, key: str) -> _Entry | None:
        entry = self._spaces.get(space, {}).get(key)
        if entry is not None and entry.has_expired():
            self._remove(space, key)
            return None
        return entry

    def _live_keys(self, space: str, group: str) -> list[str]:
        keys = sorted(self._groups.get((space, group), ()))
        return [key for key in keys if self._find(space, key) is not None]

    def _remove(self, space: str, key: str) -> None:
        entry = self._spaces.get(space, {}).pop(key, None)
        if entry is None or entry.group is None:
            return
        members = self._groups[space, entry.group]
        members.discard(key)
        if not members:
            del self._groups[space, entry.group]

    def _make_room(self, space: str) -> None:
        entries = self._spaces[space]
        expired = [key for key, entry in entries.items() if entry.has_expired()]
        for key in expired or [next(iter(entries))]:
            self._remove(space, key)
