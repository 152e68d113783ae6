"""A stable view of routes for tools: every item has path, methods and endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from starlette.routing import BaseRoute

__all__ = ["RouteContext", "iter_route_contexts"]


class RouteContext:
    """A route where it is bound; what is not here is looked up on the route itself."""

    def __init__(self, route: BaseRoute, _route_context: Any = None) -> None:
        self.route = route
        self._route_context = _route_context

    @property
    def original_route(self) -> Any:
        """The route as it was declared, before any inclusion."""
        return getattr(self.route, "original_route", self.route)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("route", "_route_context"):
            raise AttributeError(name)
        return getattr(self.route, name, None)

    def matches(self, scope: Any) -> Any:
        """Match as the route does."""
        return self.route.matches(scope)

    def __repr__(self) -> str:
        return f"RouteContext({self.route!r})"


def iter_route_contexts(routes: Iterable[Any]) -> Iterator[RouteContext]:
    """Yield a context for every route; contexts pass through."""
    for route in routes:
        if isinstance(route, RouteContext):
            yield route
        else:
            yield RouteContext(route, route if hasattr(route, "original_route") else None)
