"""Routers and routes: collecting declarations, binding them to an application, finding the one for a request.

In: path operations and inclusions as written. Out: flat lists of bound routes, and an ASGI function that
dispatches. Must not know: the application's middleware and documentation.
"""

from starlette.routing import BaseRoute, Host, Match, Mount, NoMatchFound, Route, Router, WebSocketRoute

from rapide.routing.contexts import RouteContext, iter_route_contexts
from rapide.routing.route import APIRoute
from rapide.routing.router import APIRouter
from rapide.routing.socket import APIWebSocketRoute

__all__ = [
    "APIRoute",
    "APIRouter",
    "APIWebSocketRoute",
    "BaseRoute",
    "Host",
    "Match",
    "Mount",
    "NoMatchFound",
    "Route",
    "RouteContext",
    "Router",
    "WebSocketRoute",
    "iter_route_contexts",
]
