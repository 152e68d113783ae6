"""Frontends as routes: below a path, behind all others, with the dependencies of the place of declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from starlette._utils import get_route_path
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rapide._lanes import FILES
from rapide._run.paths import parse_path
from rapide._run.respond import watched
from rapide._run.table import Row
from rapide._run.threads import in_thread
from rapide.declare.defaults import UNSET
from rapide.declare.depends import Auth
from rapide.exceptions import HTTPException
from rapide.options import RouteOptions
from rapide.plan.nodes import RoutePlan
from rapide.routing.declaring import declaring
from rapide.routing.dispatch import Target
from rapide.routing.include import Inclusion, bind, first_explicit
from rapide.routing.route import APIRoute

if TYPE_CHECKING:
    from rapide.frontends import Frontend

__all__ = ["FrontendRoute", "Frontends"]

_METHODS = ("GET", "HEAD")
# The parameter that stands for what comes below a frontend's path.
_REST = "rapide_frontend_file"


class FrontendRoute(APIRoute):
    """A frontend below `path`, which has no trailing slash: an operation whose endpoint serves files.

    So dependencies, overrides, background tasks and limits work as everywhere. It is in no list of routes.
    """

    def __init__(self, path: str, frontend: Frontend, **options: Unpack[RouteOptions]) -> None:
        self.frontend = frontend
        super().__init__(path, frontend.serve, **options)

    @property
    def reported_path(self) -> str:
        """The path of every file in the frontend, as telemetry names it."""
        return f"{self.path}/{{path}}"

    def observe(self) -> None:
        """Leave the handler as it is: serving a file is no operation of the application's own."""

    def _make_plan(self) -> RoutePlan:
        plan = super()._make_plan()
        # The endpoint merges the injected response by itself: without its status, on both faces.
        return replace(plan, behaviour=replace(plan.behaviour, merge_injected_response=False))


class Frontends:
    """The frontends of a router: its own, those of the routers it includes, and which one takes a path."""

    def __init__(self, router: Any) -> None:
        self._router = router
        self._items: list[FrontendRoute | Inclusion] = []
        self._rows: list[Row] = []
        self._version: int | None = None

    def declare(self, path: str, frontend: Frontend, auth: Auth = UNSET) -> None:
        """Add a frontend below the prefix of the router and a path that has no slash at its end."""
        router = self._router
        behaviour = router.behaviour or router.route_class_default.behaviour
        with declaring(behaviour, whole=router.behaviour is not None):
            route = FrontendRoute(
                router.prefix + path,
                frontend,
                methods=_METHODS,
                include_in_schema=False,
                response_model=None,
                dependencies=router.dependencies,
                max_body_size=router.max_body_size,
                form_limits=router.form_limits,
                auth=first_explicit(auth, router.auth),
                strict_content_type=router.strict_content_type,
                dependency_overrides_provider=router.dependency_overrides_provider,
            )
        self._items.append(route)
        router.changed()

    def include(self, inclusion: Inclusion) -> None:
        """Add the frontends of an included router, those declared later too."""
        self._items.append(inclusion)

    @property
    def routes(self) -> list[FrontendRoute]:
        """All frontends, bound and with full paths, in order of declaration."""
        return [row.target.route for row in self._table()]

    def _table(self) -> list[Row]:
        if self._version != self._router.version:
            version = self._router.version
            self._rows = [_row(route) for route in self._bound()]
            self._version = version
        return self._rows

    def _bound(self) -> Iterator[FrontendRoute]:
        router = self._router
        for item in self._items:
            if isinstance(item, FrontendRoute):
                yield item
                continue
            for route in item.router.frontends.routes:
                yield bind(route, item.layers, router.dependency_overrides_provider, router.behaviour)

    # ----------------------------------------------------------------------------------------------- requests

    def find(self, path: str) -> tuple[Row, dict[str, Any], str] | None:
        """Return the frontend with the longest path above `path`, the parameters, and what comes below."""
        found: list[tuple[Row, dict[str, Any], str]] = []
        for row in self._table():
            params = row.test(path, []) or row.test(path + "/", [])
            if params is not None:
                found.append((row, params, params.pop(_REST)))
        return min(found, key=lambda item: len(item[2]), default=None)

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer a request that no route takes; False when no frontend has anything for it."""
        found = self.find(get_route_path(scope)) if self._items else None
        if found is None:
            return False
        row, params, rest = found
        route: FrontendRoute = row.target.route
        if scope["method"] not in _METHODS:
            self._router.dispatcher.reached(row, scope)
            return await _refuse_method(route, rest, scope, receive, send)
        route.frontend.lead(scope, rest, absolute_redirects=route.behaviour.redirect == "absolute")
        key = route.behaviour.scope_key
        if key is not None:
            scope[key] = {**scope.get(key, {}), "frontend_path": rest}
        await self._router.dispatcher.run(row, params, scope, receive, send)
        return True


def _row(route: FrontendRoute) -> Row:
    return Row("path", Target(route), parse_path(f"{route.path}/{{{_REST}:path}}"))


async def _refuse_method(route: FrontendRoute, rest: str, scope: Scope, receive: Receive, send: Send) -> bool:
    """Answer a method other than GET and HEAD for something that exists, without any dependency."""
    if not await in_thread(route.frontend.exists, rest, lane=FILES):
        return False
    if not route.behaviour.automatic_methods:
        raise HTTPException(405)
    allow = {"Allow": "GET, HEAD, OPTIONS"}
    if scope["method"] != "OPTIONS":
        raise HTTPException(405, headers=allow)
    await Response(status_code=204, headers=allow)(scope, receive, watched(scope, send))
    return True
