"""Names of FastAPI's tree of routers. Here `app.routes` is flat: nothing is an instance of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.routing import BaseRoute

from rapide.routing import APIRouter
from rapide.routing.lifespan import DefaultLifespan as _DefaultLifespan
from rapide.routing.lifespan import merged as _merge_lifespan_context

__all__ = [
    "_DefaultLifespan",
    "_EffectiveRouteContext",
    "_IncludedRouter",
    "_iter_routes_with_context",
    "_merge_lifespan_context",
]


class _IncludedRouter(BaseRoute):
    """An included router among routes: here the router's routes are in the list instead."""

    original_router: APIRouter


class _EffectiveRouteContext:
    """A route where it is included: here `app.routes` has it, with all that holds for it there."""


def _iter_routes_with_context(routes: Iterable[Any]) -> Iterator[tuple[Any, None]]:
    """Yield (route, None) for each route: it says itself all that there is to know."""
    for route in routes:
        yield route, None
