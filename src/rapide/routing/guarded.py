"""Plain routes behind dependencies: the documentation of an application, for those who may see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.routing import Route

from rapide.declare.depends import AUTH, Depends, public
from rapide.routing.declaring import declaring

__all__ = ["guarded"]

# The routes that tell something about the API; the others serve files that are the same everywhere.
_GUARDED = frozenset({"openapi", "swagger_ui_html", "redoc_html"})


def guarded(routes: Iterable[Route], dependencies: Sequence[Depends], app: Any) -> list[Route]:
    """Return the routes of the documentation of `app`, which its `auth` does not hold for: one logs in there.

    With `dependencies`, those that tell something are operations, before which these run, and nothing else
    that is declared for the application's operations.
    """
    made = [
        _operation(route, dependencies, app) if dependencies and route.name in _GUARDED else route
        for route in routes
    ]
    for route in made:
        vars(route)[AUTH] = public
    return made


def _operation(route: Route, dependencies: Sequence[Depends], app: Any) -> Route:
    with declaring(app.behaviour, whole=True):
        made: Route = app.router_class.route_class_default(
            route.path,
            route.endpoint,
            name=route.name,
            dependencies=dependencies,
            response_model=None,
            include_in_schema=False,
            dependency_overrides_provider=app,
        )
    return made
