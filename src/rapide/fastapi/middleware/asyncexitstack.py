"""`fastapi.middleware.asyncexitstack`."""

from rapide.middleware.asyncexitstack import AsyncExitStackMiddleware

__all__ = [
    "AsyncExitStackMiddleware",
]
