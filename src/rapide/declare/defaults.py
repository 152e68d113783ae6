"""Telling "left at its default" from "set to the same value"."""

from __future__ import annotations

from typing import Any, TypeVar, cast

__all__ = ["UNSET", "Default", "DefaultPlaceholder"]

T = TypeVar("T")


class DefaultPlaceholder:
    """A default value that knows that it is one.

    Options that a router, an include call or an application may set for their routes carry their default in
    one of these, so that the innermost *explicit* value wins. It is as true as the value it holds, and equal
    to a placeholder of an equal value.
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DefaultPlaceholder) and other.value == self.value

    def __hash__(self) -> int:
        return hash((DefaultPlaceholder, str(self.value)))

    def __repr__(self) -> str:
        return f"Default({self.value!r})"


def Default(value: T) -> T:  # noqa: N802 -- FastAPI's name
    """Wrap `value` as a default that an explicit value replaces; typed as the value itself."""
    return cast("T", DefaultPlaceholder(value))


# "Nobody said anything", for options where None is a value.
UNSET: Any = DefaultPlaceholder(None)
