"""The frameworks that the catalogue is run against, behind one name: `rapide`, `rapide.fastapi`, and peers.

A peer is run in an environment of its own, by `scripts/security-catalogue`; so nothing here imports Rapide
unless it is what is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from catalogue_asking import Answer, ask

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
OURS = ("rapide", "rapide.fastapi")


class Face:
    """One framework. Names of its top module are attributes: `face.Depends`."""

    def __init__(self, name: str, note: Callable[[str], None]) -> None:
        self.name = name
        self._note = note
        self.is_native = name == "rapide"
        self.is_ours = name in OURS

    def __getattr__(self, name: str) -> Any:
        return getattr(self.part(), name)

    def part(self, name: str | None = None) -> Any:
        """Return a module of the framework; skip the test where there is no such surface."""
        if self.name == "litestar":
            pytest.skip("has no way to declare the same application")
        if self.name not in OURS and name in {"app", "behaviour"}:
            pytest.skip("has no such part")
        return importlib.import_module(self.name if name is None else f"{self.name}.{name}")

    def app(self, **options: Any) -> Any:
        """Return a new application."""
        return (self.Rapide if self.is_native else self.FastAPI)(**options)

    @property
    def small(self) -> Any:
        """The small application that all frameworks can have."""
        module = "catalogue_litestar_app" if self.name == "litestar" else "catalogue_small_app"
        return importlib.import_module(module).make(None if self.name == "litestar" else self)

    def post(self, target: str | bytes, *chunks: Any, content_type: str | None = JSON, **rest: Any) -> Answer:
        """Post to the small application."""
        return ask(self.small, "POST", target, *chunks, content_type=content_type, **rest)

    def get(self, target: str | bytes, **rest: Any) -> Answer:
        """Get from the small application."""
        return ask(self.small, "GET", target, **rest)

    def ours_only(self, reason: str) -> None:
        """Skip on peers what is about a name of Rapide's own."""
        if self.name not in OURS:
            pytest.skip(reason)

    def native_only(self, reason: str) -> None:
        """Skip on other faces a part that FastAPI's surface does not have."""
        if not self.is_native:
            pytest.skip(reason)

    def follows_fastapi(self, what: str) -> bool:
        """Tell whether the answer of FastAPI is the promise here, and note in the table what it is."""
        if self.name != "rapide.fastapi":
            return False
        self._note(what)
        return True
