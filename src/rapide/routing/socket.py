"""WebSocket routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.routing import Match, WebSocketRoute, get_name
from starlette.types import Receive, Scope, Send

from rapide._analyse import plan_socket
from rapide._analyse.route import analyse_auth, place_of, plan_call, with_auth
from rapide.declare.defaults import UNSET
from rapide.declare.depends import Auth, Depends
from rapide.errors import RouteError
from rapide.plan.nodes import SocketPlan
from rapide.routing.declaring import declared_behaviour, is_declared_whole
from rapide.routing.overrides import HandlerCache, active_overrides, replaced_socket_plan
from rapide.routing.template import TemplatePath, with_route

__all__ = ["APIWebSocketRoute"]

Handler = Callable[[Scope, Receive, Send], Any]


class APIWebSocketRoute(TemplatePath, WebSocketRoute):  # type: ignore[override]  # derived, never assigned
    """A WebSocket endpoint with parameters and dependencies."""

    observed: bool = False
    """Whether the handler reports what it does, because the application has telemetry."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str | None = None,
        dependencies: Sequence[Depends] | None = None,
        dependency_overrides_provider: Any | None = None,
        auth: Auth = UNSET,
    ) -> None:
        if not callable(endpoint):
            raise RouteError("RAP201", "An endpoint must be a callable")
        self.path = path
        self.endpoint = endpoint
        self.name = name or get_name(endpoint)
        self.dependencies = list(dependencies or ())
        self.auth = auth
        self.dependency_overrides_provider = dependency_overrides_provider
        declared_for = declared_behaviour()
        if declared_for is not None and declared_for is not self.behaviour:
            self.behaviour = declared_for
        if is_declared_whole():
            self.whole = True
            self.check_path(self.behaviour)
        self._reset()
        try:
            _ = self.plan
        except NameError:
            self._reset()

    def _reset(self) -> None:
        self._plan: SocketPlan | None = None
        self._handlers = HandlerCache()

    @property
    def plan(self) -> SocketPlan:
        """What the route needs. Raises a DeclarationError for what cannot be."""
        if self._plan is None:
            place = place_of(self.path, frozenset(), self.behaviour)
            call = plan_call(self.endpoint, self.dependencies, place)
            self.check_path_names(call)
            auth = analyse_auth(self.auth, place)
            self._plan = plan_socket(self.path, self.name, with_auth(call, auth), self.behaviour, auth)
        return self._plan

    def handler(self, overrides: Mapping[Any, Any] | None = None) -> Handler:
        """Return the generated handler; with overrides, the one for this set of replacements."""
        return self._handlers.get(self.plan.endpoint, overrides, self._compile)

    def observe(self) -> None:
        """Make a handler that reports what it does, from now on."""
        if not self.observed:
            self.observed = True
            self._handlers = HandlerCache()

    def entry(self, overrides: Mapping[Any, Any] | None = None) -> Handler:
        """Return what runs for a connection that matched."""
        return self.handler(overrides)

    def _compile(self, overrides: Mapping[Any, Any] | None) -> Handler:
        from rapide._compile import compile_socket  # noqa: PLC0415 -- declaring a route does not need it

        plan = replaced_socket_plan(self.plan, overrides) if overrides else self.plan
        return compile_socket(plan, observed=self.observed)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection that was matched."""
        await self.handler(active_overrides(self.dependency_overrides_provider))(scope, receive, send)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether the route takes a connection, and what belongs into its scope then."""
        return with_route(self, *super().matches(scope))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection that was matched."""
        await self.app(scope, receive, send)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in {"_plan", "_handlers"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._reset()
