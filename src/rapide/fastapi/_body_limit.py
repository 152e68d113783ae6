"""`fastapi._body_limit`: private in FastAPI, but extensions that build their own stacks use it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from rapide._run.body import ContentTooLargeError
from rapide.routing.body_limit import BodyLimit, excess_in
from rapide.routing.limits import check_max_body_size

__all__ = [
    "MAX_BODY_SIZE_SCOPE_KEY",
    "AppBodyLimitMiddleware",
    "get_body_limit_error",
    "get_body_size_limit",
    "validate_max_body_size",
    "wrap_app_with_body_limit",
]

# Where Starlette's own middleware keeps the limit that holds.
MAX_BODY_SIZE_SCOPE_KEY = "starlette.max_body_size"


class AppBodyLimitMiddleware:
    """ASGI middleware with the limit of a whole application; None limits nothing."""

    def __init__(self, app: ASGIApp, max_body_size: int | None) -> None:
        self.app = wrap_app_with_body_limit(app, max_body_size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        await self.app(scope, receive, send)


def wrap_app_with_body_limit(app: ASGIApp, max_body_size: int | None) -> ASGIApp:
    """Return an application that receives at most `max_body_size` bytes of a body; `app` itself for None."""
    validate_max_body_size(max_body_size)
    return app if max_body_size is None else BodyLimit(app, max_body_size, plainly=True)


def validate_max_body_size(max_body_size: int | None) -> None:
    """Raise ValueError for anything but a non-negative integer or None."""
    check_max_body_size(max_body_size)


def get_body_size_limit(*limits: int | None) -> int | None:
    """Return the first limit that is set."""
    return next((limit for limit in limits if limit is not None), None)


def get_body_limit_error(exc: Exception) -> ContentTooLargeError | None:
    """Return the excess over a limit that an exception stands for; None when it is something else."""
    return excess_in(exc)
