"""What telemetry finds and puts in an application's layers.

Importing this module does not import OpenTelemetry.
"""

from __future__ import annotations

from typing import Any

from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from rapide.telemetry.observation import observation_of

__all__ = ["FailureObserver", "is_instrumented", "observe_failures"]

# Known by name: the package need not be there.
_INSTRUMENTATION = "opentelemetry.instrumentation.asgi.OpenTelemetryMiddleware"


class FailureObserver:
    """Reports the exceptions that pass through it, before the layer around it answers them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection."""
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            observation_of(scope).failed(error)
            raise


def observe_failures(stack: Any) -> None:
    """Put an observer inside the layer that answers exceptions, once.

    A subclass that answers by itself reports by itself.
    """
    if type(stack) is ServerErrorMiddleware and not isinstance(stack.app, FailureObserver):
        stack.app = FailureObserver(stack.app)


def is_instrumented(stack: Any) -> bool:
    """Tell whether OpenTelemetry's own instrumentation of ASGI stands among the layers."""
    seen: set[int] = set()
    while stack is not None and id(stack) not in seen:
        cls = type(stack)
        if f"{cls.__module__}.{cls.__qualname__}" == _INSTRUMENTATION:
            return True
        seen.add(id(stack))
        stack = getattr(stack, "app", None)
    return False
