"""The drain of an event loop: begun once, and told to everything that would not end by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from anyio import Event, create_task_group, from_thread, move_on_after
from anyio.lowlevel import RunVar

__all__ = ["Drain", "begin_drain", "current_drain", "is_draining", "wait_for_drain"]

Listener = Callable[[], Coroutine[Any, Any, None]]

_NOTICE_SECONDS = 1.0


class Drain:
    """Whether the server of this event loop is ending, and who wants to know when it does.

    Everything happens on the event loop; only signals come from elsewhere, and they are sent there first.
    """

    __slots__ = ("_listeners", "announced", "begun")

    def __init__(self) -> None:
        self.announced = False
        self.begun = False
        self._listeners: set[Listener] = set()

    async def begin(self) -> None:
        """Tell all listeners at the same time, once; a client that takes nothing is not waited for long."""
        if self.begun:
            return
        self.announced = self.begun = True
        logging.getLogger("rapide").info("The server is ending: event streams and WebSockets are closed.")
        with move_on_after(_NOTICE_SECONDS):
            async with create_task_group() as group:
                for listener in self._listeners:
                    group.start_soon(listener)

    @contextmanager
    def telling(self, listener: Listener) -> Iterator[None]:
        """Call `listener` if the drain begins during the block. Look at `begun` for one that was earlier."""
        self._listeners.add(listener)
        try:
            yield
        finally:
            self._listeners.discard(listener)


# A server is an event loop: applications mounted in each other share it, servers in other threads do not.
_current: RunVar[Drain] = RunVar("rapide.drain")


def current_drain() -> Drain:
    """Return the drain of the running event loop."""
    try:
        return _current.get()
    except LookupError:
        drain = Drain()
        _current.set(drain)
        return drain


def is_draining() -> bool:
    """Tell whether the server is ending: it wants no new work, and what runs gets time to finish.

    During the delay of `rapide run --shutdown-delay` it is true, although everything is still served.

    It may be called in `async def` functions and in `def` functions that serve a request.

    Raises:
        RuntimeError: it was called outside the event loop and outside the threads that work for it.
    """
    try:
        return current_drain().announced
    except RuntimeError:  # not on the event loop
        return from_thread.run_sync(is_draining)


async def wait_for_drain() -> None:
    """Return when the server begins to end, after the delay of `rapide run --shutdown-delay`.

    For endpoints that wait for something else, such as news for a client that polls: wait for both, and
    answer with what there is.
    """
    drain, begun = current_drain(), Event()

    async def tell() -> None:
        begun.set()

    with drain.telling(tell):
        if not drain.begun:
            await begun.wait()


async def begin_drain() -> None:
    """End event streams and WebSockets of this event loop, and let `is_draining` be true from now on.

    SIGTERM and SIGINT do this by themselves. Await it, on the event loop, before ending a server that is not
    ended by a signal: one in a thread, for example.
    """
    await current_drain().begin()
