"""Clean-up that runs when a request is over."""

import anyio
import pytest

from rapide.middleware.asyncexitstack import AsyncExitStackMiddleware


def run(app, **options):
    """Run one request through the middleware and return its scope."""
    scope = {"type": "http"}
    anyio.run(AsyncExitStackMiddleware(app, **options), scope, None, None)
    return scope


def test_stack_is_left_after_the_application():
    """What the application pushed runs last in, first out, once it is done."""
    log = []

    async def app(scope, receive, send):
        stack = scope["fastapi_middleware_astack"]
        stack.callback(log.append, "first")
        stack.callback(log.append, "second")
        log.append("app")

    run(app)
    assert log == ["app", "second", "first"]


def test_stack_is_left_when_the_application_raises():
    """A failing application is cleaned up after, and its error goes on."""
    log = []

    async def app(scope, receive, send):
        scope["mine"].callback(log.append, "closed")
        raise KeyError("x")

    with pytest.raises(KeyError):
        run(app, context_name="mine")
    assert log == ["closed"]
