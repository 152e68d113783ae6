"""What stands around an operation: security requirements, callbacks, the user's own members."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rapide.openapi.fragments import plain
from rapide.openapi.parameters import walk_dependencies
from rapide.plan import Call, plan_of
from rapide.security.base import SecurityBase

__all__ = ["describe_callbacks", "describe_security"]


def _schemes(call: Call) -> Iterator[tuple[SecurityBase, tuple[str, ...]]]:
    for edge in walk_dependencies(call):
        function: Any = edge.call.function
        if isinstance(function, SecurityBase):
            yield function, edge.scopes


def describe_security(call: Call) -> tuple[list[dict[str, list[str]]], dict[str, Any]]:
    """Return the security requirements of a graph, and its schemes by name.

    Each scheme is a requirement of its own, with the scopes of all its uses.
    """
    scopes_by_name: dict[str, dict[str, None]] = {}
    schemes: dict[str, Any] = {}
    for scheme, scopes in _schemes(call):
        name = scheme.scheme_name
        schemes[name] = plain(scheme.model)
        scopes_by_name.setdefault(name, {}).update(dict.fromkeys(scopes))
    return [{name: list(scopes)} for name, scopes in scopes_by_name.items()], schemes


def describe_callbacks(route: Any, describe: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Return the callbacks of an operation by name; `describe` makes the path item of a route."""
    return {
        callback.name: {callback.path: describe(callback)}
        for callback in route.callbacks or ()
        if plan_of(callback) is not None
    }
