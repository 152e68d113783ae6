"""Finding the route of a request and running it."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal
from weakref import WeakSet

from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Host, Match, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from rapide._run.paths import parse_path
from rapide._run.redirect import slash_redirect
from rapide._run.respond import checked
from rapide._run.table import Found, Row, Table
from rapide.behaviour import Behaviour
from rapide.routing import overrides as scoped
from rapide.routing.boundary import NoRouteError
from rapide.routing.overrides import active_overrides
from rapide.routing.route import APIRoute
from rapide.routing.socket import APIWebSocketRoute

__all__ = ["Dispatcher", "Target", "forget_tables"]

Run = Callable[[Scope, Receive, Send], Awaitable[None]]

_tables_in_use: WeakSet[Dispatcher] = WeakSet()
_tables_lock = threading.Lock()


def forget_tables() -> None:
    """Make all routers look at their routes again: something changed on a route after its declaration."""
    with _tables_lock:
        for dispatcher in _tables_in_use:
            dispatcher.router.forget_table()


class Target:
    """What a row of the table leads to.

    `run` is the generated handler of an operation; None for routes that bring their own `handle`.
    """

    __slots__ = ("bound", "provider", "route", "run", "watched")

    def __init__(self, route: Any) -> None:
        self.route = route
        self.run: Run | None = None
        self.watched = False
        self.bound = hasattr(route, "original_route")
        self.provider = getattr(route, "dependency_overrides_provider", None)

    def prepare(self) -> Run:
        """Compile the handler, once."""
        run: Run = self.route.entry()
        self.run = run
        return run


def _overrides(route: Any, base: type, name: str) -> bool:
    return getattr(type(route), name) is not getattr(base, name)


def _opaque(route: BaseRoute) -> Callable[[Any], tuple[dict[str, Any], bool] | None]:
    def match(scope: Any) -> tuple[dict[str, Any], bool] | None:
        found, child = route.matches(scope)
        return None if found is Match.NONE else (dict(child), found is Match.FULL)

    return match


def _row(route: Any, kind: Literal["http", "websocket"]) -> Row | None:
    """Return the row of a route in the table for connections of a kind; None when it has none there."""
    target = Target(route)
    if isinstance(route, Mount) and not _overrides(route, Mount, "matches"):
        return Row("prefix", target, parse_path(route.path), None)
    if isinstance(route, WebSocketRoute):
        if kind != "websocket":
            return None
        own = type(route).matches not in (WebSocketRoute.matches, APIWebSocketRoute.matches)
        return (
            Row("opaque", target, match=_opaque(route))
            if own
            else Row("path", target, parse_path(route.path), None)
        )
    if isinstance(route, Route):
        if kind != "http":
            return None
        own = type(route).matches not in (Route.matches, APIRoute.matches)
        methods = frozenset(route.methods) if route.methods else None
        return (
            Row("opaque", target, match=_opaque(route))
            if own
            else Row("path", target, parse_path(route.path), methods)
        )
    return Row("opaque", target, match=_opaque(route))


def _table(routes: Iterable[Any], kind: Literal["http", "websocket"], behaviour: Behaviour) -> Table:
    rows = (_row(route, kind) for route in routes)
    return Table((row for row in rows if row is not None), literal_first=behaviour.routing == "literal_first")


class Dispatcher:
    """The tables of a router, and what happens when no route takes a request."""

    def __init__(self, router: Any, routes: list[Any], behaviour: Behaviour) -> None:
        self.router = router
        self.behaviour = behaviour
        with _tables_lock:
            _tables_in_use.add(self)
        self.http = _table(routes, "http", behaviour)
        self.websocket = _table(routes, "websocket", behaviour)
        self._literal = self.http._literal
        self._scope_key = behaviour.scope_key
        # Nothing takes what no route takes: no frontend, no application of the user's.
        default = getattr(router.default, "__func__", None)
        self._answers_plainly = default is type(router).not_found and not router.frontends.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the route that takes the connection.

        What most requests need stands here in one piece; `run` does the same for all others.
        """
        path = get_route_path(scope) if scope.get("root_path") else scope["path"]
        if scope["type"] != "http":
            await self._serve_websocket(path, scope, receive, send)
            return
        method = scope["method"]
        methods = self._literal.get(path)
        row = methods.get(method) if methods is not None else None
        params: dict[str, Any] = {}
        if row is None:
            straight = self.http.straight(path, method)
            row, params = straight or (None, params)
            if row is None:
                if straight is not None and self._is_stray(path, method, scope):
                    raise NoRouteError
                await self._find_and_run(path, method, straight, scope, receive, send)
                return
        target: Target = row.target
        run = target.run
        if run is None or target.watched or scoped._open or scope.get("path_params"):
            await self.run(row, params, scope, receive, send)
            return
        route = scope["route"] = target.route
        scope["endpoint"] = route.endpoint
        scope["path_params"] = params
        if target.bound and self._scope_key is not None:
            note_context(scope, self._scope_key, route)
        provider = target.provider
        if provider is not None and provider.dependency_overrides:
            overrides = active_overrides(provider)
            if overrides:
                run = route.entry(overrides)
        await run(scope, receive, send)

    def _is_stray(self, path: str, method: str, scope: Scope) -> bool:
        """Tell whether nothing can take a path that no row matches: no other slash, nothing of the user's."""
        if not self._answers_plainly or "app" not in scope:
            return False
        if path == "/" or self.behaviour.slashes == "strict" or not self.router.redirect_slashes:
            return True
        other = path.rstrip("/") if path.endswith("/") else path + "/"
        return not other or self.http.straight(other, method) == (None, {})

    async def _find_and_run(
        self, path: str, method: str, straight: Any, scope: Scope, receive: Receive, send: Send
    ) -> None:
        found = self.http.find(path, method, scope) if straight is None else _NOTHING_FOUND
        if found.row is None:
            await self._without_route(found, path, scope, receive, send)
        else:
            await self.run(found.row, found.params, scope, receive, send)

    async def _serve_websocket(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if self.behaviour.websocket_origins is not None:
            self._refuse_foreign_page(scope)
        found = self.websocket.find(path, "", scope)
        if found.row is None:
            await self.router.default(scope, receive, send)
        else:
            await self.run(found.row, found.params, scope, receive, send)

    def _refuse_foreign_page(self, scope: Scope) -> None:
        """Refuse the page of somebody else with cookies of ours: no browser asks (RFC 6455, section 10.2)."""
        from rapide.security import origins  # noqa: PLC0415 -- only WebSockets need it

        trusted = self.behaviour.websocket_origins or ()
        if origins.carries_credentials(scope) and origins.foreign_origin(scope, trusted):
            raise HTTPException(403)

    async def run(self, row: Row, params: dict[str, Any], scope: Scope, receive: Receive, send: Send) -> None:
        """Run a route that matched."""
        target: Target = row.target
        route = scope["route"] = target.route
        if row.match is not None or row.kind == "prefix":
            await self._run_foreign(row, params, scope, receive, send)
            return
        scope["endpoint"] = route.endpoint
        outer = scope.get("path_params")
        scope["path_params"] = {**outer, **params} if outer else params
        if self._scope_key is not None and target.bound:
            note_context(scope, self._scope_key, route)
        run = target.run or (target.prepare() if isinstance(route, APIRoute | APIWebSocketRoute) else None)
        if run is None:
            await route.handle(scope, receive, self._checked(scope, send))
            return
        provider = target.provider
        if (provider is not None and provider.dependency_overrides) or scoped._open:
            overrides = active_overrides(provider)
            if overrides:
                run = route.entry(overrides)
        await run(scope, receive, send)

    async def _run_foreign(
        self, row: Row, params: dict[str, Any], scope: Scope, receive: Receive, send: Send
    ) -> None:
        route = row.target.route
        if row.kind == "prefix":
            _, child = route.matches(scope)
        else:
            child = params
        key = self._scope_key
        if key is not None:
            inner = (
                {**scope.get(key, {}), **child.pop(key, {})} if isinstance(child.get(key, {}), dict) else {}
            )
            scope.update(child)
            note_context(scope, key, route)
            scope[key] = {**scope[key], **inner}
        else:
            scope.update(child)
        await route.handle(scope, receive, self._checked(scope, send))

    def _checked(self, scope: Scope, send: Send) -> Send:
        if scope["type"] != "http":
            return send
        return checked(scope, send, protects=self.behaviour.strict_responses)

    def reached(self, row: Row, scope: Scope) -> None:
        """Take note of a row to which a request leads without being run by it; for observed tables."""

    # ----------------------------------------------------------------------------------------------- no route

    async def _without_route(
        self, found: Found, path: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        method = scope["method"]
        if found.partial and self.behaviour.automatic_methods:
            if method == "HEAD":
                await self._answer_head(path, scope, receive, send)
                return
            if method == "OPTIONS":
                await Response(status_code=204, headers={"Allow": _allowed(found)})(scope, receive, send)
                return
        if found.partial:
            await self._refuse_method(found, scope, receive, send)
            return
        if (
            path != "/"
            and self.router.redirect_slashes
            and await self._other_slash(path, scope, receive, send)
        ):
            return
        if self._answers_plainly and "app" in scope:
            raise NoRouteError
        await self.router.without_route(scope, receive, send)

    async def _answer_head(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        found = self.http.find(path, "GET", scope)
        if found.row is None:
            found = self.http.find(path, "HEAD", scope)
            await self._refuse_method(found, scope, receive, send)
            return
        await self.run(found.row, found.params, scope, receive, _without_body(send))

    async def _refuse_method(self, found: Found, scope: Scope, receive: Receive, send: Send) -> None:
        row, params = found.partial[0]
        if not self.behaviour.automatic_methods:
            await self.run_partial(row, params, scope, receive, send)
            return
        scope["route"] = row.target.route
        raise HTTPException(405, headers={"Allow": _allowed(found)})

    async def run_partial(
        self, row: Row, params: dict[str, Any], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let the first route whose path matched say that the method does not fit."""
        if row.match is not None or row.kind == "prefix":
            await self._run_foreign(row, params, scope, receive, send)
            return
        route = scope["route"] = row.target.route
        scope["endpoint"] = route.endpoint
        scope["path_params"] = {**(scope.get("path_params") or {}), **params}
        await route.handle(scope, receive, self._checked(scope, send))

    async def _other_slash(self, path: str, scope: Scope, receive: Receive, send: Send) -> bool:
        """Care for a path whose other form, with or without a trailing slash, has a route."""
        slashes = self.behaviour.slashes
        if slashes == "strict":
            return False
        other = path.rstrip("/") if path.endswith("/") else path + "/"
        if not other or self.http.straight(other, scope["method"]) == (None, {}):
            return False
        other_scope = dict(scope)
        other_scope["path"] = scope["path"].rstrip("/") if path.endswith("/") else scope["path"] + "/"
        found = self.http.find(other, scope["method"], other_scope)
        if found.row is None and not found.partial:
            return False
        if slashes == "redirect":
            self.reached(found.row or found.partial[0][0], scope)
            redirect = slash_redirect(
                scope, other_scope["path"], absolute=self.behaviour.redirect == "absolute"
            )
            await redirect(scope, receive, send)
        elif found.row is None:
            await self._without_route(found, other, scope, receive, send)
        elif found.row.kind == "prefix" or found.row.match is not None:
            scope["path"] = other_scope["path"]
            await self.run(found.row, found.params, scope, receive, send)
        else:
            await self.run(found.row, found.params, scope, receive, send)
        return True


_NOTHING_FOUND = Found(None, {})


def note_context(scope: Scope, key: str, route: Any) -> None:
    """Put the route where third parties look for its effective path."""
    noted = {"effective_route_context": route, "included_router": getattr(route, "included_router", None)}
    scope[key] = {**scope.get(key, {}), **noted}


def _allowed(found: Found) -> str:
    methods: set[str] = set()
    for row, _ in found.partial:
        methods.update(row.methods or ())
    if "GET" in methods:
        methods.add("HEAD")
    methods.add("OPTIONS")
    return ", ".join(sorted(methods))


def _without_body(send: Send) -> Send:
    """Return a `send` for HEAD: the same headers, no content (RFC 9110, section 9.3.2)."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


async def not_found(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what no route takes: 404, or the refusal of a WebSocket."""
    if scope["type"] == "websocket":
        await WebSocketClose()(scope, receive, send)
        return
    if "app" in scope:
        raise NoRouteError
    await PlainTextResponse("Not Found", 404)(scope, receive, send)


def mounted_apps(routes: Iterable[Any]) -> list[ASGIApp]:
    """Return the applications below mounts and hosts, in order."""
    return [route.app for route in routes if isinstance(route, Mount | Host)]
