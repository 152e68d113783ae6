"""Driving an awaitable by hand, in the event loop's own protocol."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

__all__ = ["proceed"]


def proceed(steps: Any, wanted: Any) -> Generator[Any, None, Any]:
    """Go on with what an awaitable does after its first step, which `wanted` something of the loop.

    It is an iterator and need not be a generator: Granian's awaitables have neither `send` nor `throw`. Event
    loops of asyncio send nothing back.
    """
    while True:
        try:
            yield wanted
        except BaseException as exc:  # a cancellation, which is for what waits inside
            if not hasattr(steps, "throw"):
                raise
            try:
                wanted = steps.throw(exc)
            except StopIteration as done:
                return done.value
        else:
            return (yield from steps)
