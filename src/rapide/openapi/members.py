"""Documents in the making: objects whose members are made one by one.

A document of a thousand operations is a megabyte. Made and written member by member it never is one object
in memory, and other threads get their turn between two members.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = ["Members", "Pace", "collected", "encoded", "unpaced"]

# Called between two pieces of work, as often as possible.
Pace = Callable[[], None]


def unpaced() -> None:
    """Go on: nobody waits."""


class Members:
    """An object of a document, whose members are made when they are asked for, once."""

    __slots__ = ("_members",)

    def __init__(self, members: Iterable[tuple[str, Any]]) -> None:
        self._members = members

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self._members)


def collected(value: Any) -> Any:
    """Return `value` as plain data."""
    return {name: collected(member) for name, member in value} if isinstance(value, Members) else value


def encoded(value: Any, levels: int = 0) -> Iterator[str]:
    """Yield the JSON text of `value`, a text for each member; of plain data, down to so many `levels`."""
    if levels and isinstance(value, dict) and all(type(name) is str for name in value):
        value = Members(value.items())
    if not isinstance(value, Members):
        yield _encode(value)
        return
    before = "{"
    for name, member in value:
        yield f"{before}{_encode(name)}:"
        yield from encoded(member, levels - 1 if levels else 0)
        before = ","
    yield "}" if before == "," else "{}"


def _encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
