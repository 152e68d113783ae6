"""Where the oracle takes values from: the same request, read lazily and without haste."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from rapide._run.values import Scope, cookies_of, header_lists_of, query_lists_of

__all__ = ["MISSING", "Sources"]


class _Missing:
    """The one value that means that nothing was sent."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Any = _Missing()


class Sources:
    """The places of a request. `body` is parsed data or a form; MISSING where there is none."""

    def __init__(self, scope: Scope, body: Any = MISSING) -> None:
        self.scope = scope
        self.body = body

    @cached_property
    def path(self) -> dict[str, Any]:
        """Path parameters after their convertors."""
        return self.scope.get("path_params") or {}

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """Query parameters, all values."""
        return query_lists_of(self.scope)

    @cached_property
    def header(self) -> dict[str, list[str]]:
        """Headers by lower-case name, all values."""
        return header_lists_of(self.scope)

    @cached_property
    def cookie(self) -> dict[str, list[str]]:
        """Cookies."""
        return {name: [value] for name, value in cookies_of(self.scope).items()}
