"""Things of the connection itself, by type.

The request, the response to be, background tasks, security scopes.
"""

from __future__ import annotations

from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from rapide._pydantic import Undefined
from rapide.behaviour import RAPIDE, Behaviour
from rapide.errors import MarkerError
from rapide.inputs.base import Parameter
from rapide.inputs.scalars import is_subclass
from rapide.plan.nodes import Connection, ConnectionKind
from rapide.security.scopes import SecurityScopes

__all__ = ["claim", "is_foreign", "preparation"]

# The first row that fits wins: Request and WebSocket are HTTPConnections too.
_KINDS: tuple[tuple[type, ConnectionKind], ...] = (
    (Request, "request"),
    (WebSocket, "websocket"),
    (HTTPConnection, "connection"),
    (Response, "response"),
    (BackgroundTasks, "background"),
    (SecurityScopes, "scopes"),
)


def claim(parameter: Parameter) -> Connection | None:
    """Claim parameters whose type is one of the connection's own."""
    rows = (row for row in _KINDS if is_subclass(parameter.type_, row[0]))
    _, kind = next(rows, (None, None))
    if kind is None:
        return None
    if parameter.marker is not None:
        raise MarkerError(
            "RAP108",
            f"Cannot specify {parameter.behaviour.title} annotation for type {parameter.type_!r}",
            function=parameter.function,
            parameter=parameter.name,
        )
    optional = parameter.default is not Undefined and parameter.default is not ...
    return Connection(kind, parameter.name, optional)


def is_foreign(kind: ConnectionKind, *, socket: bool) -> bool:
    """Tell whether a connection cannot have a thing: nothing is passed, and the parameter has its default."""
    return kind == ("request" if socket else "websocket")


# One object for the whole request, made before it is first needed.
_PREPARATIONS: dict[ConnectionKind, str] = {
    "request": "request = Request(scope, receive, send)",
    "connection": "request = Request(scope, receive, send)",
    "websocket": "websocket = WebSocket(scope, receive, send)",
    "response": "response = injected_response()",
    "background": "background = BackgroundTasks()",
}
_NAMES: dict[ConnectionKind, str] = {
    "request": "request",
    "connection": "request",
    "websocket": "websocket",
    "response": "response",
    "background": "background",
}


def preparation(
    kind: ConnectionKind, behaviour: Behaviour = RAPIDE, *, socket: bool = False
) -> tuple[str, str]:
    """Return (the line that makes the thing, the name it has then)."""
    if socket and kind == "connection":
        kind = "websocket"
    if kind == "background" and not behaviour.isolated_tasks:
        return "background = ChainedBackgroundTasks()", "background"
    if kind == "response" and behaviour.strict_responses:
        return "response = checked_response()", "response"
    if kind == "websocket" and behaviour.strict_json:
        return "websocket = CheckedWebSocket(scope, receive, send)", "websocket"
    return _PREPARATIONS[kind], _NAMES[kind]
