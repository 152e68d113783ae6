"""`auth` for what is not ours: raw endpoints, mounted applications, hosts. And for routes put into the list.

Such a route has no dependencies. So a gate stands before it: an operation, or a WebSocket endpoint, that
has the `auth` and passes the connection on.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Host, Mount
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from rapide.behaviour import Behaviour
from rapide.declare.defaults import UNSET
from rapide.declare.depends import AUTH, asks, is_unset
from rapide.routing.declaring import declaring
from rapide.routing.route import APIRoute
from rapide.routing.socket import APIWebSocketRoute

__all__ = ["Gate", "auth_of", "guarded"]

R = TypeVar("R")

_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")


class _Passage(Response):
    """The answer of a gate that lets a request through: that of what stands behind it."""

    def __init__(self, behind: ASGIApp) -> None:
        super().__init__()
        self._behind = behind

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._behind(scope, receive, send)


class Gate:
    """Asks who is calling, and passes on to `behind` who may. `path` names the parameters it may use."""

    def __init__(
        self, path: str, behind: ASGIApp, auth: Any, provider: Any, behaviour: Behaviour | None
    ) -> None:
        self._path = path
        self._behind = behind
        self._behaviour = behaviour
        self._options = {"auth": auth, "dependency_overrides_provider": provider}

    @cached_property
    def http(self) -> APIRoute:
        """The operation before everything that speaks HTTP."""
        behind = self._behind

        async def enter(request: Request) -> Response:
            return _Passage(behind)

        with declaring(self._behaviour, whole=False):
            return APIRoute(self._path, enter, methods=_METHODS, response_model=None, **self._options)

    @cached_property
    def websocket(self) -> APIWebSocketRoute:
        """The endpoint before WebSockets."""
        behind = self._behind

        async def connect(websocket: WebSocket) -> None:
            await behind(websocket.scope, websocket._receive, websocket._send)

        with declaring(self._behaviour, whole=False):
            return APIWebSocketRoute(self._path, connect, **self._options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        route = self.http if scope["type"] == "http" else self.websocket
        await route.app(scope, receive, send)


def auth_of(route: Any) -> Any:
    """Return the `auth` of a route of any kind; UNSET where nothing was said."""
    if isinstance(route, APIRoute | APIWebSocketRoute):
        return route.auth
    return route.__dict__.get(AUTH, UNSET)


def guarded(route: R, auth: Any, provider: Any, behaviour: Behaviour | None) -> R:
    """Return a route that is not ours; it is now handled for those whom `auth` lets through."""
    attributes: dict[str, Any] = route.__dict__
    attributes[AUTH] = auth
    if asks(auth) and not _decides_itself(route):
        path = getattr(route, "path", "")
        attributes["handle"] = Gate(path, route.handle, auth, provider, behaviour)  # type: ignore[attr-defined]  # mounts and routes have one
    return route


def _decides_itself(route: Any) -> bool:
    """Tell whether behind a route stands an application of ours that says who may call it: nearest wins."""
    if not isinstance(route, Mount | Host):
        return False
    router: Any = getattr(route.app, "router", route.app)
    # Others may have an attribute of this name, which closes nothing.
    return getattr(type(router), "takes_auth", False) is True and not is_unset(router.auth)
