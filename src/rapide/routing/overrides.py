"""Replacing dependencies: for an application as a whole, or for the code inside a `with` block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from rapide.plan.nodes import Call, walk_calls

__all__ = ["active_overrides", "overridden", "scoped_overrides"]

# Application's id -> replacements in force for the code of this context.
_scoped: ContextVar[Mapping[int, Mapping[Any, Callable[..., Any]]]] = ContextVar("rapide.overrides", default={})
_used = False


@contextmanager
def scoped_overrides(provider: Any, replacements: Mapping[Any, Callable[..., Any]]) -> Iterator[None]:
    """Replace dependencies of `provider` in this context only; blocks nest, and parallel contexts do not see each other."""
    global _used  # noqa: PLW0603 -- one look at a flag keeps requests without overrides fast
    _used = True
    scoped = _scoped.get()
    inner = {**scoped.get(id(provider), {}), **replacements}
    token = _scoped.set({**scoped, id(provider): inner})
    try:
        yield
    finally:
        _scoped.reset(token)


def active_overrides(provider: Any) -> Mapping[Any, Callable[..., Any]] | None:
    """Return the replacements in force, None when there are none."""
    general: Mapping[Any, Callable[..., Any]] | None = provider.dependency_overrides if provider is not None else None
    if _used:
        scoped = _scoped.get().get(id(provider))
        if scoped:
            return {**(general or {}), **scoped}
    return general or None


def overridden(endpoint: Call, overrides: Mapping[Any, Any]) -> tuple[tuple[Any, Any], ...] | None:
    """Return the pairs of `overrides` that concern a graph, as a key; None when none does.

    Replacements can bring dependencies that are replaced too, so with any hit all pairs count.
    """
    functions = [call.function for call in walk_calls(endpoint)][:-1]
    hit = any(_is_key(function, overrides) for function in functions)
    return tuple(overrides.items()) if hit else None


def _is_key(function: Any, overrides: Mapping[Any, Any]) -> bool:
    try:
        return function in overrides
    except TypeError:  # an unhashable callable cannot have been given as a key
        return False
