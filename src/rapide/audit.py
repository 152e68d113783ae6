"""Who may call what: every way into an application, and which of them nobody guards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from starlette.routing import Host, Mount, Route, WebSocketRoute

from rapide.declare.depends import Depends, Public, asks
from rapide.errors import locate
from rapide.openapi.parameters import walk_dependencies
from rapide.plan.nodes import Call, Dependency
from rapide.routing import APIRoute, APIWebSocketRoute
from rapide.routing.frontends import FrontendRoute
from rapide.routing.guard import Gate, auth_of
from rapide.security.base import SecurityBase

__all__ = ["Entrance", "audit_app", "describe_openness", "is_allowed", "open_entrances"]

Access = Literal["guarded", "public", "open"]

# A line of a log stays a line.
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Entrance:
    """One way into an application.

    Attributes:
        kind: "http", "websocket", "mount", "host" or "frontend"; the class name for routes of other kinds.
        methods: sorted; empty for all that has none. HEAD is left out where GET implies it.
        path: with the paths of all mounts before it; the host pattern for "host".
        endpoint: `module.function`; for a mount what is mounted.
        location: "file:line" of the endpoint, or None.
        access: "guarded" when somebody is asked who they are, "public" when it is marked so, else "open".
        guard: the name of what decides, or None.
        schemes: the security schemes that are read, with the scopes that each is asked for.
    """

    kind: str
    methods: tuple[str, ...]
    path: str
    endpoint: str | None
    location: str | None
    access: Access
    guard: str | None = None
    schemes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What an allow-list names it by: methods joined by commas, or its kind, and the path."""
        return f"{','.join(self.methods) or self.kind.upper()} {self.path}"


def audit_app(app: Any) -> list[Entrance]:
    """Return the ways into an application in the order of declaration, those of a mount right after it.

    An application whose routes cannot be seen (any ASGI function) is one way, its mount.
    """
    found = [*_walk(app.routes, "", None)]
    frontends = getattr(app, "frontends", None)
    return [*found, *(_describe(route, "", None) for route in (frontends.routes if frontends else ()))]


def open_entrances(entrances: Iterable[Entrance], allowed: Collection[str] = ()) -> list[Entrance]:
    """Return the ways in that are open without being marked, and that no entry of an allow-list names."""
    return [
        entrance for entrance in entrances if entrance.access == "open" and not is_allowed(entrance, allowed)
    ]


def is_allowed(entrance: Entrance, allowed: Collection[str]) -> bool:
    """Tell whether an allow-list names a way in: its path, or the path behind each of its methods."""
    words = entrance.methods or (entrance.kind.upper(),)
    return entrance.path in allowed or all(f"{word} {entrance.path}" in allowed for word in words)


def _walk(routes: Iterable[Any], prefix: str, outer: Entrance | None) -> Iterator[Entrance]:
    """Yield what is below a prefix. `outer` is the guarded mount around it, whose guard asks before."""
    for route in routes:
        here = _describe(route, prefix, outer)
        below = list(route.routes or ()) if isinstance(route, Mount | Host) else []
        if not below:
            yield here
            continue
        # A mount lets nobody in by itself: what is behind it does.
        inside = prefix + route.path if isinstance(route, Mount) else prefix or route.host
        guarded = here if here.access == "guarded" else None
        yield from _walk(below, inside, guarded)
        frontends = getattr(route.app, "frontends", None)
        for frontend in frontends.routes if frontends else ():
            yield _describe(frontend, inside, guarded)


def _describe(route: Any, prefix: str, outer: Entrance | None) -> Entrance:
    endpoint = getattr(route, "endpoint", None)
    if isinstance(route, FrontendRoute):
        endpoint = None
    file, line = locate(endpoint) if endpoint is not None else (None, None)
    entrance = Entrance(
        kind=_kind(route),
        methods=_methods(route),
        path=(prefix + (route.host if isinstance(route, Host) else getattr(route, "path", ""))) or "/",
        endpoint=_name_of(route.app if isinstance(route, Mount | Host) else endpoint),
        location=f"{file}:{line}" if file else None,
        access="open",
    )
    entrance = _with_access(entrance, route)
    if outer is not None and entrance.access != "guarded":
        return replace(entrance, access="guarded", guard=outer.guard, schemes=outer.schemes)
    return entrance


def _with_access(entrance: Entrance, route: Any) -> Entrance:
    auth = auth_of(route)
    if isinstance(route, APIRoute | APIWebSocketRoute):
        call: Call = route.plan.endpoint
        schemes = _schemes(call)
        if route.plan.auth is not None or _refuses_strangers(call):
            name = _guard_name(auth) if asks(auth) else next(iter(schemes))
            return replace(entrance, access="guarded", guard=name, schemes=schemes)
    gate = route.__dict__.get("handle")
    if isinstance(gate, Gate):
        schemes = _schemes((gate.websocket if isinstance(route, WebSocketRoute) else gate.http).plan.endpoint)
        return replace(entrance, access="guarded", guard=_guard_name(auth), schemes=schemes)
    return replace(entrance, access="public") if isinstance(auth, Public) else entrance


def _refuses_strangers(call: Call) -> bool:
    """Tell whether a security scheme of the graph refuses requests without credentials."""
    schemes: list[Any] = [edge.call.function for edge in walk_dependencies(call)]
    return any(isinstance(scheme, SecurityBase) and getattr(scheme, "auto_error", True) for scheme in schemes)


def _schemes(call: Call) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    edge: Dependency
    for edge in walk_dependencies(call):
        scheme: Any = edge.call.function
        if isinstance(scheme, SecurityBase):
            found.setdefault(scheme.scheme_name, {}).update(dict.fromkeys(edge.scopes))
    return {name: tuple(scopes) for name, scopes in found.items()}


def _guard_name(auth: Any) -> str:
    function = auth.dependency if isinstance(auth, Depends) else auth
    return getattr(function, "__qualname__", None) or type(function).__qualname__


def _kind(route: Any) -> str:
    kinds: tuple[tuple[str, type], ...] = (
        ("frontend", FrontendRoute),
        ("http", Route),
        ("websocket", WebSocketRoute),
        ("mount", Mount),
        ("host", Host),
    )
    return next((kind for kind, class_ in kinds if isinstance(route, class_)), type(route).__name__)


def _methods(route: Any) -> tuple[str, ...]:
    if isinstance(route, FrontendRoute):
        return ()
    methods: set[str] = set(getattr(route, "methods", None) or ())
    return tuple(sorted(methods - {"HEAD"} if "GET" in methods else methods))


def _name_of(endpoint: Any) -> str | None:
    if endpoint is None:
        return None
    named = endpoint if hasattr(endpoint, "__qualname__") else type(endpoint)
    return f"{named.__module__}.{named.__qualname__}"


def describe_openness(entrances: Collection[Entrance]) -> str:
    """Return one line for the log: how many ways in are guarded, and which are not."""
    public = [entrance.key for entrance in entrances if entrance.access != "guarded"]
    guarded = len(entrances) - len(public)
    shown = ", ".join(public[:_MOST_NAMED]) + (" …" if len(public) > _MOST_NAMED else "")
    return f"{guarded} of {len(entrances)} ways in ask who is calling; open to everybody: {len(public)}" + (
        f" ({shown})" if public else ""
    )
