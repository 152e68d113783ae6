"""What stands around an operation: security requirements, callbacks, the user's own members."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from rapide.openapi.fragments import plain
from rapide.openapi.parameters import walk_dependencies
from rapide.plan import Call, RoutePlan, plan_of
from rapide.security.base import SecurityBase

__all__ = ["describe_callbacks", "describe_schemes", "describe_security"]


def _schemes(call: Call) -> Iterator[tuple[SecurityBase, tuple[str, ...]]]:
    for edge in walk_dependencies(call):
        function: Any = edge.call.function
        if isinstance(function, SecurityBase):
            yield function, edge.scopes


Requirement = dict[str, list[str]]


def describe_schemes(call: Call) -> dict[str, Any]:
    """Return the security schemes of a graph by name."""
    return {scheme.scheme_name: plain(scheme.model) for scheme, _ in _schemes(call)}


def describe_security(plan: RoutePlan) -> list[Requirement]:
    """Return the security requirements of an operation, with the scopes of all uses of a scheme.

    Schemes that refuse a request without credentials stand together in each requirement, as all of them are
    needed. One that lets it pass (`auto_error=False`) is an alternative; so is nothing, unless `auth` asks
    who is calling. With FastAPI's behaviour each scheme is a requirement of its own.
    """
    scopes: dict[str, dict[str, None]] = {}
    strict: set[str] = set()
    for scheme, asked in _schemes(plan.endpoint):
        scopes.setdefault(scheme.scheme_name, {}).update(dict.fromkeys(asked))
        if getattr(scheme, "auto_error", True):
            strict.add(scheme.scheme_name)
    each = {name: list(asked) for name, asked in scopes.items()}
    if not plan.behaviour.joint_security:
        return [{name: asked} for name, asked in each.items()]
    required = {name: asked for name, asked in each.items() if name in strict}
    alternatives = [{**required, name: asked} for name, asked in each.items() if name not in strict]
    if required or (alternatives and plan.auth is None):
        alternatives.insert(0, required)
    return alternatives


def describe_callbacks(route: Any, describe: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """Return the callbacks of an operation by name; `describe` makes the path item of a route."""
    return {
        callback.name: {callback.path: describe(callback)}
        for callback in route.callbacks or ()
        if plan_of(callback) is not None
    }
