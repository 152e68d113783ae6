"""Hearing the signals that end a server, without taking them from it.

A lifespan is left too late: Uvicorn and Granian first wait for all connections, and an event stream is one
that never ends. So the handler that the server installed is wrapped; it hears what it would have heard.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from anyio import sleep, sleep_forever
from anyio.lowlevel import current_token

__all__ = ["heard_from_parent", "listening"]

_SIGNALS = (signal.SIGTERM, signal.SIGINT)

# Service managers signal a whole group of processes, and the parent among them signals its children again:
# that is one request to end, not two.
_SAME_REQUEST_SECONDS = 1.0

_SECONDS_BETWEEN_LOOKS = 0.05


@contextmanager
def listening(ending: Callable[[], None]) -> Iterator[None]:
    """Call `ending` on the event loop when a signal ends the server; the same signal again ends the process.

    Only handlers that somebody installed are wrapped: where none is, the process ends by itself. Outside the
    main thread, where Python allows no handlers, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
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
    try:
        yield
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
        self._handler = self._handle  # one object: a bound method is another each time

    def install(self) -> None:
        signal.signal(self._number, self._handler)

    def remove(self) -> None:
        """Give the signal back; whoever wrapped this handler since then keeps it."""
        if signal.getsignal(self._number) is self._handler:
            signal.signal(self._number, self._previous)
        self._ending = _nothing

    def _handle(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
        elif now - self._first < _SAME_REQUEST_SECONDS:
            return
        else:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        with suppress(RuntimeError):  # the loop is closed, so nothing is left to end
            self._soon(self._tell)
        self._previous(number, frame)

    def _tell(self) -> None:
        self._ending()


def _nothing() -> None:
    """What a handler calls that has been given back."""
