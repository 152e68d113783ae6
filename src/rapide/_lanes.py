"""The lanes of calls on threads: which calls wait for each other, and how many of them run at once.

A request that goes on must not wait behind requests that begin: they may wait for what it has. So each trip
of a request to a thread, after its first, has a lane of its own: one for each dependency that it may hold
then, and for each trip since that was opened. Clean-up, files and streams have theirs.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any
from weakref import WeakSet, WeakValueDictionary

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from rapide.errors import InvalidValueError

__all__ = [
    "ANSWERS",
    "CLEAN_UP",
    "FILES",
    "STREAMS",
    "WORK",
    "Lane",
    "lane_after",
    "limiter_of",
    "reset_lanes",
    "set_sizes",
]

# Trips beyond this share a lane: nobody alternates that often between threads and the event loop.
_MOST_TRIPS = 3

_all: WeakSet[Lane] = WeakSet()


class Lane:
    """Calls that wait for each other.

    At most `size` run at once; None is the size of `WORK`, which in turn is that of AnyIO's default limiter.
    """

    __slots__ = ("__weakref__", "name", "running", "size", "waiting")

    def __init__(self, name: str) -> None:
        self.name = name
        self.size: int | None = None
        # Both change only under the lock of the threads.
        self.running = 0
        self.waiting: deque[Any] = deque()
        _all.add(self)

    def __repr__(self) -> str:
        """Name it, as in the constants of a handler."""
        return f"Lane({self.name!r})"


WORK = Lane("work")
"""Endpoints and dependencies of requests that hold nothing yet."""

CLEAN_UP = Lane("clean_up")
"""Leaving `yield` dependencies, closing streams and uploads."""

FILES = Lane("files")
"""Reading files that are sent, writing uploads that come in."""

STREAMS = Lane("streams")
"""The next items of plain generators that are sent."""

ANSWERS = Lane("answers")
"""Handlers of exceptions, and pages about them."""

_RESERVED = {lane.name: lane for lane in (WORK, CLEAN_UP, FILES, STREAMS, ANSWERS)}


def set_sizes(sizes: dict[str, int | None]) -> None:
    """Set how many calls of these lanes run at once."""
    for name, size in sizes.items():
        if size is not None and not (type(size) is int and size > 0):
            raise InvalidValueError("RAP213", f"{name} must be a number of threads above 0, or None")
    for name, size in sizes.items():
        _RESERVED[name].size = size


# A lane lives as long as a handler that names it.
_after: WeakValueDictionary[tuple[Callable[..., Any] | None, int], Lane] = WeakValueDictionary()
_making = threading.Lock()


def lane_after(opened: Callable[..., Any] | None, trips: int) -> Lane:
    """Return the lane of requests whose last `yield` dependency is `opened`, `trips` to threads ago.

    Those that hold nothing and come for the first time work in `WORK`.
    """
    trips = min(trips, _MOST_TRIPS)
    if opened is None and not trips:
        return WORK
    name = f"after_{getattr(opened, '__name__', 'trip')}_{trips}"
    try:
        with _making:
            return _after.setdefault((opened, trips), Lane(name))
    except TypeError:  # a callable without a hash: only this handler knows it
        return Lane(name)


def reset_lanes() -> None:
    """Forget what ran: in a forked child, where no thread has survived."""
    for lane in _all:
        lane.running = 0
        lane.waiting.clear()


_limiters: RunVar[dict[Lane, CapacityLimiter]] = RunVar("rapide.lanes")


def limiter_of(lane: Lane) -> CapacityLimiter:
    """Return the limiter of a lane where AnyIO runs the threads."""
    default = to_thread.current_default_thread_limiter()
    size = lane.size or WORK.size or default.total_tokens
    if lane is WORK and size == default.total_tokens:
        return default
    try:
        limiters = _limiters.get()
    except LookupError:
        limiters = {}
        _limiters.set(limiters)
    limiter = limiters.get(lane)
    if limiter is None:
        limiter = limiters[lane] = CapacityLimiter(size)
    limiter.total_tokens = size
    return limiter
