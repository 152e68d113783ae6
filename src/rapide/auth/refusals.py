"""Refusing in a middleware, where nobody turns exceptions into answers."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from rapide.problems import problem_response

__all__ = ["refuse"]


async def refuse(
    scope: Scope, receive: Receive, send: Send, status: int, *, headers: Mapping[str, str] | None = None
) -> None:
    """Answer a request, or the opening of a WebSocket, with an error in the words of the application.

    A server that cannot answer a WebSocket with a response closes it, which clients see as 403.
    """
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    behaviour = getattr(scope.get("app"), "behaviour", None)
    response: Response
    if getattr(behaviour, "errors", "problem") == "problem":
        response = problem_response(status, headers=headers)
    else:
        detail = HTTPException(status).detail
        response = JSONResponse({"detail": detail}, status, headers=dict(headers or {}))
    await response(scope, receive, send)
