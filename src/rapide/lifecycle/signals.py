"""Hearing the signals that end a server, before it does, and without taking them from it.

A lifespan is left too late: Uvicorn and Granian first wait for all connections, and an event stream is one
that never ends; and Granian cuts WebSockets as soon as it has nothing else to wait for. So the handler that
the server installed is wrapped; it is called when streams and sockets have been told.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from anyio import sleep, sleep_forever
from anyio.lowlevel import current_token

__all__ = ["SAME_REQUEST_SECONDS", "heard_from_parent", "listening"]

_SIGNALS = (signal.SIGTERM, signal.SIGINT)

# Service managers signal a whole group of processes, and the parent among them signals its children again:
# that is one request to end, not two.
SAME_REQUEST_SECONDS = 1.0

_SECONDS_BETWEEN_LOOKS = 0.05


@contextmanager
def listening(ending: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Call `ending` on the event loop when a signal ends the server; the same signal again ends the process.

    The server's handler is called when what the block gets is, or when the block ends.
    Handlers of `loop.add_signal_handler` cannot be held back: loops do not learn of signals through Python.
    Only handlers that somebody installed are wrapped: where none is, the process ends by itself. Outside the
    main thread, where Python allows no handlers, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield _nothing
        return
    token: Any = current_token().native_token
    soon = token.run_sync_soon if hasattr(token, "run_sync_soon") else token.call_soon_threadsafe
    chains = [
        _Chain(number, previous, ending, soon)
        for number in _SIGNALS
        if callable(previous := signal.getsignal(number))
    ]
    for chain in chains:
        chain.install()

    def pass_on() -> None:
        for chain in chains:
            chain.pass_on()

    try:
        yield pass_on
    finally:
        for chain in chains:
            chain.remove()


async def heard_from_parent() -> None:
    """Return when Hypercorn's parent process has told this worker to end; never in any other process.

    Its workers get no signal: they look at an event that is among the arguments of their process.
    """
    arguments: dict[str, Any] = getattr(multiprocessing.current_process(), "_kwargs", {})
    event = arguments.get("shutdown_event")
    while event is None or not event.is_set():
        await (sleep_forever() if event is None else sleep(_SECONDS_BETWEEN_LOOKS))


class _Chain:
    """A signal handler before another one."""

    def __init__(
        self,
        number: signal.Signals,
        previous: Callable[[int, FrameType | None], Any],
        ending: Callable[[], None],
        soon: Callable[[Callable[[], None]], Any],
    ) -> None:
        self._number = number
        self._previous = previous
        self._ending = ending
        self._soon = soon
        self._first: float | None = None
        self._held_back: tuple[int, FrameType | None] | None = None
        self._handler = self._handle  # one object: a bound method is another each time

    def install(self) -> None:
        signal.signal(self._number, self._handler)

    def remove(self) -> None:
        """Give the signal back; whoever wrapped this handler since then keeps it."""
        if signal.getsignal(self._number) is self._handler:
            signal.signal(self._number, self._previous)
        self._soon = _now
        self._ending = self.pass_on
        self.pass_on()

    def pass_on(self) -> None:
        """Let the server hear what has been held back."""
        if self._held_back is not None:
            number, frame = self._held_back
            self._held_back = None
            self._previous(number, frame)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
        elif now - self._first < SAME_REQUEST_SECONDS:
            return
        else:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        self._held_back = number, frame
        try:
            self._soon(self._tell)
        except RuntimeError:  # the loop is closed, so nothing is left to end
            self.pass_on()

    def _tell(self) -> None:
        self._ending()


def _now(function: Callable[[], None]) -> None:
    """Where nothing is left to be told, nothing is waited for."""
    function()


def _nothing() -> None:
    """Do nothing."""
