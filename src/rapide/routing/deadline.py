"""Routes with a time limit: what is not answered by then is cancelled and answered with 504."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from anyio import CancelScope, current_time
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from rapide.concurrency import deadline_variable

__all__ = ["answer_in_time"]

Handler = Callable[[Scope, Receive, Send], Any]

_TOO_LATE = "The request took too long."


def answer_in_time(handler: Handler, seconds: float) -> Handler:
    """Return a handler that begins its response within `seconds`, or raises `HTTPException` 504.

    The time covers the body, the dependencies and the endpoint. Once the response begins there is no limit:
    streams, downloads and background tasks take what they take. Clean-up of dependencies runs in any case.
    A function on a thread cannot be stopped; the 504 comes when it returns.
    """

    async def handle_in_time(scope: Scope, receive: Receive, send: Send) -> None:
        responded = False

        async def send_in_time(message: Message) -> None:
            nonlocal responded
            responded = True
            limit.deadline = math.inf
            await send(message)

        ends = time.monotonic() + seconds
        outer = deadline_variable.get()
        token = deadline_variable.set(ends if outer is None else min(ends, outer))
        limit = CancelScope(deadline=current_time() + seconds)
        try:
            with limit:
                await handler(scope, receive, send_in_time)
        finally:
            deadline_variable.reset(token)
        if limit.cancelled_caught and not responded:
            raise HTTPException(504, _TOO_LATE)

    return update_wrapper(handle_in_time, handler)
