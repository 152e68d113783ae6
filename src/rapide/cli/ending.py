"""How `rapide run` ends: at once after a second signal, and with a status that says whether all went well.

Supervisors of worker processes hear the second signal and go on waiting; and none of them asks how the
lifespans of its workers ended.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rapide.lifecycle.application import set_failure_listener
from rapide.lifecycle.signals import SAME_REQUEST_SECONDS

__all__ = ["ENDED_BADLY", "killing_workers", "noting_failures", "report_failed_ends"]

#: The exit status of a server whose lifespan failed at its end: not all clean-up was done.
ENDED_BADLY = 4

_MARKER_VARIABLE = "RAPIDE_FAILED_END_MARKER"
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def noting_failures() -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether the lifespan of any process failed at its end."""
    with tempfile.TemporaryDirectory(prefix="rapide-") as folder:
        marker = Path(folder) / "failed"
        os.environ[_MARKER_VARIABLE] = str(marker)
        yield marker.exists


def report_failed_ends() -> None:
    """Let the process that started this one, or is it, know when the lifespan fails at its end."""
    marker = os.environ.get(_MARKER_VARIABLE)
    if marker is not None:
        set_failure_listener(Path(marker).touch)


@contextlib.contextmanager
def killing_workers(number_of_workers: int) -> Iterator[None]:
    """Kill the worker processes at the second signal, and end then as if of this signal.

    A thread learns of signals from Python itself: the handlers are the supervisor's, and it may be waiting.
    """
    in_main_thread = threading.current_thread() is threading.main_thread()  # Python's rule for signals
    if number_of_workers == 0 or os.name != "posix" or not in_main_thread:
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    watch = _Watch(reading)
    watch.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writing)
        watch.join()
        os.close(reading)
    if watch.second is not None:
        signal.signal(watch.second, signal.SIG_DFL)
        signal.raise_signal(watch.second)


class _Watch(threading.Thread):
    """Reads the numbers of signals until there are no more."""

    def __init__(self, reading: int) -> None:
        super().__init__(name="rapide signals", daemon=True)
        self._reading = reading
        self._first: float | None = None
        self.second: int | None = None

    def run(self) -> None:
        """Read until the other end is closed."""
        while numbers := os.read(self._reading, 64):
            for number in numbers:
                if number in _SIGNALS:
                    self._hear(number)

    def _hear(self, number: int) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = now
        elif now - self._first >= SAME_REQUEST_SECONDS:
            self.second = number
            for worker in multiprocessing.active_children():
                worker.kill()
