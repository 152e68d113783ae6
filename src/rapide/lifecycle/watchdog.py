"""A watch over the event loop: what blocks it is reported with its stack, while it does.

A function that blocks inside `async def` stops all requests of its process, and nothing else tells so.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import sysconfig
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

__all__ = ["set_threshold", "watching"]

_log = logging.getLogger("rapide")

_NOT_THE_USERS = (
    str(Path(__file__).parents[1]),
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    "<",  # generated handlers, frozen modules
)


class _Settings:
    threshold: float | None = None


def set_threshold(seconds: float | None) -> None:
    """Watch the loops of applications that start from now on; None watches none."""
    _Settings.threshold = seconds


@contextmanager
def watching() -> Iterator[None]:
    """Watch the running event loop of asyncio during the block, if a threshold is set."""
    loop = asyncio.events._get_running_loop()  # noqa: SLF001 -- documented; None on trio
    if _Settings.threshold is None or loop is None:
        yield
        return
    watch = _Watch(loop, _Settings.threshold)
    watch.start()
    try:
        yield
    finally:
        watch.stop()


class _Watch(threading.Thread):
    """Asks the loop for a sign of life again and again; costs the loop one callback each time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, threshold: float) -> None:
        super().__init__(name="rapide watch", daemon=True)
        self._loop = loop
        self._loop_thread = threading.get_ident()
        self._threshold = threshold
        self._stopped = threading.Event()

    def run(self) -> None:
        """Watch until it is stopped."""
        while not self._stopped.wait(self._threshold):
            answered = threading.Event()
            asked = time.monotonic()
            try:
                self._loop.call_soon_threadsafe(answered.set)
            except RuntimeError:  # the loop is closed
                return
            if answered.wait(self._threshold):
                continue
            self._report()
            while not answered.wait(self._threshold) and not self._stopped.is_set():
                pass  # one report for one block, however long it is
            _log.warning("The event loop went on after %.2f seconds.", time.monotonic() - asked)

    def stop(self) -> None:
        """End it; nobody waits for its last look."""
        self._stopped.set()

    def _report(self) -> None:
        frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001 -- documented, for this purpose
        if frame is None:
            return
        text = "The event loop has been blocked for %g seconds%s. All requests wait for it:\n%s"
        _log.warning(text, self._threshold, _culprit(frame), "".join(traceback.format_stack(frame)).rstrip())


def _culprit(frame: FrameType | None) -> str:
    """Name the innermost frame of the user's."""
    while frame is not None:
        code = frame.f_code
        if not code.co_filename.startswith(_NOT_THE_USERS):
            return f" by {code.co_filename}:{frame.f_lineno}, in {code.co_qualname}"
        frame = frame.f_back
    return ""
