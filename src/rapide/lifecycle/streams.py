"""Event streams that end with the server."""

from __future__ import annotations

import random

from anyio import CancelScope
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from rapide.lifecycle.drain import current_drain

__all__ = ["send_events"]

# Clients of a server that ends come back all at once, unless each is told to wait a little longer or shorter.
_RETRY_MILLISECONDS = (1_000, 3_000)


async def send_events(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send a response of type `text/event-stream`, and end it when the server begins to end.

    The client is told with `retry` when to come back; it finds another server then, or this one restarted.
    The end is an orderly one: what was sent last is complete, and so is the response.
    """
    started = ended = False

    async def send_noted(message: Message) -> None:
        nonlocal started, ended
        started = True
        ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        await send(message)

    drain, stream = current_drain(), CancelScope()

    async def end() -> None:
        stream.cancel()

    with drain.telling(end), stream:
        if drain.begun:
            stream.cancel()
        await response(scope, receive, send_noted)
    if not stream.cancelled_caught or ended:
        return
    if not started:
        await send(
            {"type": "http.response.start", "status": response.status_code, "headers": response.raw_headers}
        )
    farewell = b"retry: %d\n\n" % random.randint(*_RETRY_MILLISECONDS)  # noqa: S311 -- nobody guesses it
    whole = getattr(response, "sends_whole_events", False)
    await send({"type": "http.response.body", "body": farewell if whole else b"", "more_body": False})
