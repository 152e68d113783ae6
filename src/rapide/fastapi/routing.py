"""`fastapi.routing`."""

from __future__ import annotations

from typing import ClassVar

from starlette.routing import BaseRoute, Match, Mount, NoMatchFound, compile_path, get_name

from rapide import routing
from rapide.behaviour import FASTAPI, Behaviour
from rapide.routing import RouteContext, iter_route_contexts

__all__ = [
    "APIRoute",
    "APIRouter",
    "APIWebSocketRoute",
    "BaseRoute",
    "Match",
    "Mount",
    "NoMatchFound",
    "RouteContext",
    "compile_path",
    "get_name",
    "iter_route_contexts",
]


class APIRoute(routing.APIRoute):
    """A path operation with FastAPI's behaviour."""

    behaviour: Behaviour = FASTAPI


class APIWebSocketRoute(routing.APIWebSocketRoute):
    """A WebSocket endpoint with FastAPI's behaviour."""

    behaviour: Behaviour = FASTAPI


class APIRouter(routing.APIRouter):
    """A router whose routes have FastAPI's behaviour."""

    route_class_default: ClassVar[type[routing.APIRoute]] = APIRoute
    socket_class: ClassVar[type[routing.APIWebSocketRoute]] = APIWebSocketRoute
