"""What routers have from Starlette: endpoints without parameters, other applications, events."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from starlette.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute
from starlette.types import ASGIApp

from rapide.behaviour import Behaviour
from rapide.declare.defaults import UNSET
from rapide.declare.depends import Auth
from rapide.plan.nodes import Limits
from rapide.routing.body_limit import under_limits
from rapide.routing.include import under_auth

__all__ = ["RawRoutes"]

F = TypeVar("F", bound=Callable[..., Any])


class RawRoutes(Router):
    """A router that takes Starlette's routes under its prefix and its limits."""

    raw_routes_have_prefix: ClassVar[bool] = True
    """Whether raw routes and mounts stand below the router's own prefix. A router knows no application when
    they are declared, so its class decides, and not a `Behaviour`.
    """
    takes_auth: ClassVar[bool] = True
    """Whether `auth` of a router of this class decides who may call its routes."""
    prefix: str
    max_body_size: int | None
    form_limits: dict[str, int]
    on_startup: list[Callable[[], Any]]
    on_shutdown: list[Callable[[], Any]]

    def _own_behaviour(self) -> Behaviour:
        raise NotImplementedError

    @property
    def _provider(self) -> Any:
        raise NotImplementedError

    def _raw_path(self, path: str) -> str:
        return self.prefix + path if self.prefix and self.raw_routes_have_prefix else path

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Run a function at "startup" or "shutdown"."""
        if event_type not in ("startup", "shutdown"):
            raise AssertionError(f"An event is 'startup' or 'shutdown', not {event_type!r}")
        (self.on_startup if event_type == "startup" else self.on_shutdown).append(func)

    def on_event(self, event_type: str) -> Callable[[F], F]:
        """Run the decorated function at "startup" or "shutdown". Deprecated: use `lifespan`."""
        warnings.warn(
            "on_event is deprecated, use lifespan event handlers instead.", DeprecationWarning, stacklevel=2
        )

        def register(function: F) -> F:
            self.add_event_handler(event_type, function)
            return function

        return register

    def route(
        self, path: str, methods: Any = None, name: str | None = None, include_in_schema: bool = True
    ) -> Callable[[F], F]:
        """Answer with a raw Starlette endpoint, without parameters and dependencies."""

        def register(function: F) -> F:
            self.add_route(path, function, methods, name, include_in_schema)
            return function

        return register

    def websocket_route(self, path: str, name: str | None = None) -> Callable[[F], F]:
        """Serve WebSocket connections with a raw Starlette endpoint."""

        def register(function: F) -> F:
            self.add_websocket_route(path, function, name)
            return function

        return register

    def mount(self, path: str, app: ASGIApp, name: str | None = None, *, auth: Auth = UNSET) -> None:
        """Give everything below a path to another ASGI application. `auth` decides to whom, or `public`."""
        mount = Mount(self._raw_path(path), app=app, name=name)
        self.routes.append(under_auth(self._foreign(mount), auth, self._provider, self._own_behaviour()))

    def host(self, host: str, app: ASGIApp, name: str | None = None) -> None:
        """Give all requests for a host to another ASGI application."""
        self.routes.append(self._foreign(Host(host, app=app, name=name)))

    def _foreign(self, route: BaseRoute) -> BaseRoute:
        plainly = self._own_behaviour().errors == "detail"
        return under_limits(route, Limits(self.max_body_size, self.form_limits), plainly=plainly)

    def add_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        methods: Any = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        """Add a raw Starlette endpoint, without parameters and dependencies."""
        route = Route(
            self._raw_path(path), endpoint, methods=methods, name=name, include_in_schema=include_in_schema
        )
        self.routes.append(self._foreign(route))

    def add_websocket_route(self, path: str, endpoint: Callable[..., Any], name: str | None = None) -> None:
        """Add a raw Starlette WebSocket endpoint."""
        self.routes.append(WebSocketRoute(self._raw_path(path), endpoint, name=name))
