"""Clean-up that runs when a request is over."""

from contextlib import AsyncExitStack

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["AsyncExitStackMiddleware"]


class AsyncExitStackMiddleware:
    """Put an exit stack into the scope and leave it when the inner application is done.

    Args:
        app: The inner application.
        context_name: The scope key under which the inner application finds the `contextlib.AsyncExitStack`.
    """

    def __init__(self, app: ASGIApp, context_name: str = "fastapi_middleware_astack") -> None:
        self.app = app
        self.context_name = context_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the inner application inside a new exit stack."""
        async with AsyncExitStack() as stack:
            scope[self.context_name] = stack
            await self.app(scope, receive, send)
