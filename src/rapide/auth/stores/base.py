"""What every store of `rapide.auth` can do."""

from datetime import timedelta
from typing import Protocol

__all__ = ["LONGEST_GROUP", "LONGEST_KEY", "LONGEST_SPACE", "Store", "check_names"]

LONGEST_SPACE = 64
LONGEST_KEY = 255
LONGEST_GROUP = 255


class Store(Protocol):
    """Entries of bytes, each with a key in a space, that may expire and may belong to a group.

    A space keeps one use apart from the others ("refresh", "sessions"). A group holds what is taken back
    together, such as all entries of one user. Every method is one atomic step, whichever processes call it at
    once, and what has expired is as good as not there.

    The one rule for users of a store: an entry permits, its absence refuses. Then an entry that is lost or
    pushed out closes a door and never opens one. Keys and groups are no secrets: a store keeps them in clear,
    so hash a secret before it becomes a key.

    `space` has up to 64 characters, `key` and `group` up to 255, none of them a control character.
    `expires_in` counts from now; None never expires, and what is not positive has expired. Each method raises
    ValueError for names that are too long or hold a control character, and lets the errors of its database
    through: whoever asks must take an error for a refusal.
    """

    async def get(self, space: str, key: str) -> bytes | None:
        """Return the value, or None where there is no such entry."""
        ...

    async def put(
        self, space: str, key: str, value: bytes, *, expires_in: timedelta | None, group: str | None = None
    ) -> None:
        """Write an entry, in the place of any that has this key."""
        ...

    async def replace(
        self, space: str, key: str, old: bytes, new: bytes, *, expires_in: timedelta | None
    ) -> bool:
        """Write `new` if the value is `old`, and tell whether it was; the entry stays in its group."""
        ...

    async def take(self, space: str, key: str) -> bytes | None:
        """Remove an entry and return its value: of all who ask, exactly one gets it."""
        ...

    async def delete(self, space: str, key: str) -> bool:
        """Remove an entry, and tell whether there was one."""
        ...

    async def delete_group(self, space: str, group: str) -> int:
        """Remove all entries of a group, and return how many there were."""
        ...

    async def keys_of(self, space: str, group: str) -> list[str]:
        """Return the keys of a group, sorted."""
        ...

    async def aclose(self) -> None:
        """Close what the store has opened itself; what it was given stays open."""
        ...


def check_names(space: str, key: str | None = None, group: str | None = None) -> None:
    """Raise ValueError for a name that not every database keeps as it is."""
    for kind, name, longest in (
        ("space", space, LONGEST_SPACE),
        ("key", key, LONGEST_KEY),
        ("group", group, LONGEST_GROUP),
    ):
        if name is not None and not (0 < len(name) <= longest and name.isprintable()):
            raise ValueError(f"a {kind} has 1 to {longest} printable characters")
