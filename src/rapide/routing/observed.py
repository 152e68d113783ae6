"""Routing for applications with telemetry: it also reports which route and which mounts a request reaches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from starlette._utils import get_route_path
from starlette.routing import Host, Mount
from starlette.types import Receive, Scope, Send

from rapide._run.table import Found, Row
from rapide.behaviour import Behaviour
from rapide.routing.dispatch import Dispatcher, mounted_apps
from rapide.telemetry.observation import observation_of

__all__ = ["ObservedDispatcher"]

_BELOW_A_MOUNT = "/{path}"


class ObservedDispatcher(Dispatcher):
    """The tables of a router that is observed, and so is everything below it."""

    def __init__(self, router: Any, routes: list[Any], behaviour: Behaviour) -> None:
        super().__init__(router, routes, behaviour)
        for route in routes:
            if hasattr(route, "observe"):
                route.observe()
        for inner in _routers(mounted_apps(routes)):
            inner.observe()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the route that takes the connection."""
        path = get_route_path(scope)
        if scope["type"] != "http":
            await self._serve_websocket(path, scope, receive, send)
            return
        found = self.http.find(path, scope["method"], scope)
        if found.row is None:
            await self._without_route(found, path, scope, receive, send)
        else:
            await self.run(found.row, found.params, scope, receive, send)

    async def run(self, row: Row, params: dict[str, Any], scope: Scope, receive: Receive, send: Send) -> None:
        """Run a route that matched."""
        self.reached(row, scope)
        await super().run(row, params, scope, receive, send)

    async def _refuse_method(self, found: Found, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached(found.partial[0][0], scope)
        await super()._refuse_method(found, scope, receive, send)

    def reached(self, row: Row, scope: Scope) -> None:
        """Report the path of a route without its convertors."""
        route = row.target.route
        template = getattr(route, "reported_path", None) or getattr(route, "path_format", None)
        if isinstance(route, Mount):
            observation_of(scope).mount_entered(route.path_format.removesuffix(_BELOW_A_MOUNT))
        elif template is not None and not isinstance(route, Host):
            observation_of(scope).route_matched(template)


def _routers(apps: Iterable[Any]) -> Iterable[Any]:
    """Yield the routers below mounts that can be observed, through whatever layers stand around them."""
    for app in apps:
        layer: Any = app
        seen: set[int] = set()
        while layer is not None and id(layer) not in seen:
            seen.add(id(layer))
            router = getattr(layer, "router", layer)
            if hasattr(router, "observe"):
                yield router
                break
            layer = getattr(layer, "app", None)
