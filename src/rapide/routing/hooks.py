"""Included routers that decide for themselves: with `matches` or `handle` of their own.

Their routes stand together behind one row of the table, which asks the router.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from starlette._utils import get_route_path
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from rapide._run.table import Found
from rapide.behaviour import Behaviour
from rapide.routing.dispatch import Dispatcher
from rapide.routing.include import Inclusion

__all__ = ["Place", "place_of", "table_routes"]

_places: ContextVar[Mapping[int, Place]] = ContextVar("rapide.places", default=MappingProxyType({}))


class Place(BaseRoute):
    """The routes of a router at one place, as one route; each inclusion is a place of its own."""

    def __init__(self, router: Any, dispatcher: Dispatcher) -> None:
        self.router = self.included_router = router
        self._dispatcher = dispatcher

    def matches(self, scope: Any) -> tuple[Match, Any]:
        """Ask the router whether it takes a connection."""
        with _At(self):
            found: tuple[Match, Any] = self.router.matches(scope)
        return found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the router run what it took."""
        with _At(self):
            await self.router.handle(scope, receive, send)

    def find(self, scope: Any) -> Found:
        """Return what the routes of this place say."""
        path = get_route_path(scope)
        if scope["type"] == "websocket":
            return self._dispatcher.websocket.find(path, "", scope)
        return self._dispatcher.http.find(path, scope["method"], scope)

    def look_up(self, scope: Any) -> tuple[Match, Any]:
        """Return how the routes of this place match a connection, and what to put into its scope."""
        if scope["type"] not in ("http", "websocket"):
            return Match.NONE, {}
        found = self.find(scope)
        if found.row is not None:
            match, row, params = Match.FULL, found.row, found.params
        elif found.partial:
            match, (row, params) = Match.PARTIAL, found.partial[0]
        else:
            return Match.NONE, {}
        route = row.target.route
        if row.match is not None:
            return match, {**params, "route": route}
        outer = scope.get("path_params") or {}
        endpoint = getattr(route, "endpoint", None)
        return match, {"route": route, "endpoint": endpoint, "path_params": {**outer, **params}}

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the route of this place that takes a connection; the router's default when none does."""
        found = self.find(scope)
        if found.row is not None:
            await self._dispatcher.run(found.row, found.params, scope, receive, send)
        elif found.partial:
            row, params = found.partial[0]
            await self._dispatcher.run_partial(row, params, scope, receive, send)
        else:
            await self.router.default(scope, receive, send)


class _At:
    """Says, for the code inside, at which of its places a router is asked."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def __enter__(self) -> None:
        self._token = _places.set({**_places.get(), id(self._place.router): self._place})

    def __exit__(self, *exc: object) -> None:
        _places.reset(self._token)


def place_of(router: Any) -> Place:
    """Return the place at which a router is asked: that of the inclusion, or the router by itself."""
    return _places.get().get(id(router)) or Place(router, router.dispatcher)


def _decides(router: Any, standard: type) -> bool:
    own = router.__dict__.keys() & {"matches", "handle"}
    return bool(own) or any(
        getattr(type(router), name) is not getattr(standard, name) for name in ("matches", "handle")
    )


def table_routes(router: Any, standard: type, behaviour: Behaviour) -> list[Any]:
    """Return what stands in the table of a router.

    That is its flat routes, and places of included routers that decide. `standard` is the class whose
    `matches` and `handle` decide nothing.
    """
    routes = list(router.routes)
    if not any(_decides(inner, standard) for inner in _included(router)):
        return routes
    group = _Group(router, standard, behaviour)
    return list(group.walk(router, lambda route: route))


def _included(router: Any) -> Iterator[Any]:
    for item in router._items:
        if isinstance(item, Inclusion):
            yield item.router
            yield from _included(item.router)


class _Group:
    """Puts the routes of each router that decides behind one."""

    def __init__(self, outermost: Any, standard: type, behaviour: Behaviour) -> None:
        self._outermost = outermost
        self._standard = standard
        self._behaviour = behaviour

    def walk(self, router: Any, here: Callable[[Any], Any]) -> Iterator[Any]:
        """Yield the routes of a router, each as `here` gives it: as it is in the outermost, or None."""
        for item in router._items:
            if not isinstance(item, Inclusion):
                yield here(item)
                continue
            inner = [route for route in self.walk(item.router, _through(item, here)) if route is not None]
            if _decides(item.router, self._standard):
                dispatcher = self._outermost._dispatcher_class(self._outermost, inner, self._behaviour)
                yield Place(item.router, dispatcher)
            else:
                yield from inner


def _through(inclusion: Inclusion, here: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def bound(route: Any) -> Any:
        known = inclusion.bound.get(id(route))
        return here(known[1]) if known is not None else None

    return bound
