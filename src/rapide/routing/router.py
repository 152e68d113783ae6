"""Routers: collecting path operations and other routers."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Unpack

from starlette.datastructures import URLPath
from starlette.routing import Match, NoMatchFound, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from rapide._analyse.route import check_auth
from rapide.behaviour import Behaviour
from rapide.declare.defaults import UNSET
from rapide.declare.depends import Auth, Depends, is_unset
from rapide.errors import RouterError
from rapide.options import (
    INCLUDE_DEFAULTS,
    ROUTER_DEFAULTS,
    IncludeOptions,
    RouteOptions,
    RouterOptions,
    with_defaults,
)
from rapide.routing.body_limit import BodyLimit
from rapide.routing.declaring import declaring
from rapide.routing.dispatch import Dispatcher, not_found
from rapide.routing.flat import RouteList
from rapide.routing.frontends import Frontends
from rapide.routing.hooks import place_of, table_routes
from rapide.routing.include import Inclusion, Layer, bind, closed, first_explicit, regrouped
from rapide.routing.lifespan import DefaultLifespan, Lifespan, as_lifespan, merged
from rapide.routing.limits import check_form_limits, check_max_body_size, check_timeout
from rapide.routing.observed import ObservedDispatcher
from rapide.routing.raw import RawRoutes
from rapide.routing.route import APIRoute
from rapide.routing.socket import APIWebSocketRoute
from rapide.routing.template import TemplatePath
from rapide.routing.verbs import Verbs

__all__ = ["APIRouter"]

# First requests may come from many threads; lists are short to make, so one lock serves all routers.
_BUILDING = threading.RLock()


def _check_prefix(prefix: str) -> None:
    if prefix and not prefix.startswith("/"):
        raise RouterError("RAP301", "A path prefix must start with '/'")
    if prefix.endswith("/"):
        raise RouterError("RAP302", "A path prefix must not end with '/', as the routes will start with '/'")


class APIRouter(Verbs, RawRoutes):
    """Collects path operations and other routers; `RouterOptions` lists the options.

    Included routers stay live: what is added to them later appears wherever they are included. A router is an
    ASGI application of its own, too.
    """

    route_class_default: ClassVar[type[APIRoute]] = APIRoute
    socket_class: ClassVar[type[APIWebSocketRoute]] = APIWebSocketRoute

    def __init__(self, **options: Unpack[RouterOptions]) -> None:
        values = with_defaults(options, ROUTER_DEFAULTS, f"{type(self).__name__}.__init__")
        _check_prefix(values["prefix"])
        self.prefix: str = values["prefix"]
        self.tags = list(values["tags"] or ())
        self.dependencies = list(values["dependencies"] or ())
        self.responses = dict(values["responses"] or {})
        self.callbacks = list(values["callbacks"] or ())
        self.deprecated = values["deprecated"]
        self.include_in_schema = values["include_in_schema"]
        self.default_response_class = values["default_response_class"]
        self.generate_unique_id_function = values["generate_unique_id_function"]
        self.strict_content_type = values["strict_content_type"]
        self.max_body_size = check_max_body_size(values["max_body_size"])
        self.form_limits = check_form_limits(values["form_limits"])
        self.auth: Any = check_auth(values["auth"])
        self.timeout = check_timeout(values["timeout"])
        self.cancel_on_disconnect: bool | None = values["cancel_on_disconnect"]
        self.dependency_overrides_provider = values["dependency_overrides_provider"]
        self.route_class = values["route_class"] or self.route_class_default
        self.redirect_slashes = values["redirect_slashes"]
        self.default: ASGIApp = values["default"] or self.not_found
        self.on_startup = list(values["on_startup"] or ())
        self.on_shutdown = list(values["on_shutdown"] or ())
        self.lifespan_context: Lifespan = as_lifespan(values["lifespan"]) or DefaultLifespan(self)
        self.behaviour: Behaviour | None = None
        self._items: list[Any] = []
        self._frontends = Frontends(self)
        self._parents: weakref.WeakSet[APIRouter] = weakref.WeakSet()
        self._routes = RouteList((), self._added, self._rearranged)
        self._shown = 0
        self._dispatcher: Dispatcher | None = None
        self._dispatcher_class = Dispatcher
        self.version = 0
        self._routes.extend(values["routes"] or ())
        self.middleware_stack = self.app
        if self.max_body_size is not None:
            limited: Any = BodyLimit(
                self.app, self.max_body_size, plainly=self._own_behaviour().errors == "detail"
            )
            self.middleware_stack = limited

    # ----------------------------------------------------------------------------------------------- the list

    @property
    def routes(self) -> RouteList:
        """All routes, those of included routers among them, bound and with full paths."""
        if self._shown != self.version:
            with _BUILDING:
                version = self.version
                if self._shown != version:
                    self._routes.show(self._flattened())
                    self._shown = version
        return self._routes

    @routes.setter
    def routes(self, routes: Sequence[Any]) -> None:
        self._routes.show(routes)
        self._rearranged()

    def _flattened(self) -> list[Any]:
        flat: list[Any] = []
        for item in self._items:
            if isinstance(item, Inclusion):
                flat.extend(self._bound(item))
            else:
                flat.append(closed(item, self.auth, self._provider, self.behaviour))
        return flat

    def _bound(self, inclusion: Inclusion) -> list[Any]:
        """Return the routes of an included router as they are here; known ones keep their identity."""
        bound: dict[int, tuple[Any, Any]] = {}
        result = []
        for route in inclusion.router.routes:
            known = inclusion.bound.get(id(route))
            here = (
                known[1]
                if known and known[0] is route
                else bind(route, inclusion.layers, self._provider, self.behaviour)
            )
            if here is not None:
                bound[id(route)] = (route, here)
                result.append(here)
        inclusion.bound = bound
        return result

    @property
    def frontends(self) -> Frontends:
        """The frontends of this router and of those it includes."""
        return self._frontends

    @property
    def _provider(self) -> Any:
        return self.dependency_overrides_provider

    def _added(self, routes: list[Any]) -> None:
        self._items.extend(routes)
        self.changed()

    def _rearranged(self) -> None:
        """Take the list as the new order."""
        self._items = regrouped(self._items, self._routes)
        self.changed()

    def changed(self) -> None:
        """Note that the routes have changed, here and wherever this router is included."""
        self.version += 1
        self._dispatcher = None
        for parent in self._parents:
            parent.changed()

    def forget_table(self) -> None:
        """Make the path table again before the next request: a route has changed, the list has not."""
        self._dispatcher = None

    # ---------------------------------------------------------------------------------------------- declaring

    def observe(self) -> None:
        """Report routes and operations to the telemetry of the application, from now on."""
        if self._dispatcher_class is not ObservedDispatcher:
            self._dispatcher_class = ObservedDispatcher
            self.forget_table()

    def _layer(self) -> Layer:
        return Layer(**{each.name: getattr(self, each.name) for each in fields(Layer)})

    def add_api_route(  # pyright: ignore[reportIncompatibleMethodOverride]  # it takes one option more
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        route_class_override: type[APIRoute] | None = None,
        **options: Unpack[RouteOptions],
    ) -> None:
        """Add a path operation. Raises a DeclarationError for what cannot be."""
        inner: dict[str, Any] = {name: options.get(name) for name in _MERGED}
        inner["form_limits"] = check_form_limits(inner["form_limits"])
        inner["include_in_schema"] = options.get("include_in_schema", True)
        for name in ("response_class", "generate_unique_id_function", "strict_content_type", "auth"):
            inner[name] = options.get(
                name, ROUTER_DEFAULTS.get(name, ROUTER_DEFAULTS["default_response_class"])
            )
        merged_options: dict[str, Any] = {**options, **self._layer().around(inner)}
        # Route classes written before these options existed must not be given them unasked.
        for name, unsaid in _UNSAID.items():
            if merged_options[name] == unsaid:
                del merged_options[name]
        with declaring(self.behaviour, whole=self.behaviour is not None):
            route = (route_class_override or self.route_class)(
                self.prefix + path,
                endpoint=endpoint,
                dependency_overrides_provider=self.dependency_overrides_provider,
                **merged_options,
            )
        self._routes.append(route)  # not `self.routes`, which would bind all of them anew each time

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
        auth: Auth = UNSET,
    ) -> None:
        """Add a WebSocket endpoint. Raises a DeclarationError for what cannot be."""
        auth = first_explicit(auth, self.auth)
        with declaring(self.behaviour, whole=self.behaviour is not None):
            route = self.socket_class(
                self.prefix + path,
                endpoint=endpoint,
                name=name,
                dependencies=[*self.dependencies, *(dependencies or ())],
                dependency_overrides_provider=self.dependency_overrides_provider,
                **({} if is_unset(auth) else {"auth": auth}),
            )
        self._routes.append(route)  # not `self.routes`, which would bind all of them anew each time

    def include_router(self, router: APIRouter, **options: Unpack[IncludeOptions]) -> None:
        """Include all routes of another router, those added to it later too. Raises RouterError."""
        values = with_defaults(options, INCLUDE_DEFAULTS, "include_router")
        if router is self or self in _reachable(router):
            which = "the same APIRouter instance into itself"
            if router is not self:
                which = "an APIRouter instance that already includes this router"
            raise RouterError(
                "RAP303", f"Cannot include {which}. Did you mean to include a different router?"
            )
        _check_prefix(values["prefix"])
        if not values["prefix"]:
            self._check_included_paths(router)
        outer = self._layer()
        inner = Layer.of(values)
        # Between the route and the inclusion stands what the included router says of itself.
        inner.default_response_class = first_explicit(
            router.default_response_class, inner.default_response_class
        )
        inner.generate_unique_id_function = first_explicit(
            router.generate_unique_id_function, inner.generate_unique_id_function
        )
        inclusion = Inclusion(router, (inner, outer))
        self._items.append(inclusion)
        self._frontends.include(inclusion)
        router._parents.add(self)
        self.changed()
        self._include_lifespan(router)

    def _check_included_paths(self, router: APIRouter) -> None:
        """Refuse paths that no request has, now that the router is included without a prefix."""
        for route in router.routes:
            if getattr(route, "path", None) == "" and isinstance(route, Route):
                message = f"Prefix and path cannot be both empty (path operation: {route.name})"
                raise RouterError("RAP304", message, function=route.endpoint)
            if self.behaviour is not None and isinstance(route, TemplatePath):
                route.check_path(self.behaviour)

    def _include_lifespan(self, router: APIRouter) -> None:
        if isinstance(router.lifespan_context, DefaultLifespan) and isinstance(
            self.lifespan_context, DefaultLifespan
        ):
            # Both run functions: one list, so that each runs once.
            self.on_startup.extend(router.on_startup)
            self.on_shutdown.extend(router.on_shutdown)
        else:
            self.lifespan_context = merged(self.lifespan_context, router.lifespan_context)

    # ----------------------------------------------------------------------------------------------- requests

    @property
    def dispatcher(self) -> Dispatcher:
        """The path table and its rules, made again after every change."""
        dispatcher = self._dispatcher
        if dispatcher is None:
            dispatcher = self._dispatcher = self._make_dispatcher()
        return dispatcher

    def _make_dispatcher(self) -> Dispatcher:
        behaviour = self._own_behaviour()
        return self._dispatcher_class(self, table_routes(self, APIRouter, behaviour), behaviour)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a route of this router takes a connection, and what belongs into its scope then.

        Override it to decide whether the router takes part wherever it is included.
        """
        return place_of(self).look_up(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the route that takes a connection. Override it to put something around the router's routes."""
        await place_of(self).run(scope, receive, send)

    def _own_behaviour(self) -> Behaviour:
        return self.behaviour or self.route_class_default.behaviour

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        await self.middleware_stack(scope, receive, send)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch a connection."""
        if "router" not in scope:
            scope["router"] = self
        if scope["type"] == "lifespan":
            await self.lifespan(scope, receive, send)
            return
        dispatcher = self._dispatcher
        if dispatcher is None:
            dispatcher = self.dispatcher
        await dispatcher(scope, receive, send)

    async def without_route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve what no route takes: frontends, then the default."""
        if not await self._frontends.serve(scope, receive, send):
            await self.default(scope, receive, send)

    async def not_found(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 404, or refuse a WebSocket."""
        await not_found(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of the first route of a name that takes these parameters. Raises NoMatchFound."""
        for route in self.routes:
            try:
                return route.url_path_for(name, **path_params)  # type: ignore[no-any-return]  # Starlette's routes are untyped here
            except NoMatchFound:
                continue
        raise NoMatchFound(name, path_params)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __getstate__(self) -> dict[str, Any]:
        """Return what makes the router, for copies and other processes."""
        state = {key: value for key, value in self.__dict__.items() if key not in {"_dispatcher", "_parents"}}
        return {**state, "_routes": list(self.routes)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _dispatcher=None, _parents=weakref.WeakSet())
        self._routes = RouteList(state["_routes"], self._added, self._rearranged)
        for item in self._items:
            if isinstance(item, Inclusion):
                item.router._parents.add(self)


def _reachable(router: APIRouter) -> set[APIRouter]:
    found: set[APIRouter] = set()
    pending = [router]
    while pending:
        for item in pending.pop()._items:
            if isinstance(item, Inclusion) and item.router not in found:
                found.add(item.router)
                pending.append(item.router)
    return found


_UNSAID = {
    "form_limits": {}, "max_body_size": None, "timeout": None, "cancel_on_disconnect": None, "auth": UNSET
}  # fmt: skip
_MERGED = ("tags", "dependencies", "responses", "callbacks", "deprecated", *_UNSAID)
