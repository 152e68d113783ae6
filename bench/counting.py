"""What a request costs apart from time: calls, frames and memory.

The same on every machine. Standard library only.
"""

from __future__ import annotations

import sys
import tracemalloc
from pathlib import Path
from types import FrameType
from typing import Any

from bench.cases import Case
from bench.client import ASGIApp, Asker, make_asker

__all__ = ["count_request"]

_APPS = str(Path(__file__).parent / "apps")
_HARNESS = str(Path(__file__).parent)
_WARM_UP = 20
_REQUESTS = 50


async def count_request(app: ASGIApp, case: Case) -> dict[str, Any]:
    """Count for one request of a case.

    Returns `calls`, the Python functions entered, coroutines resumed included, those of the application and
    of the harness left out; `c_calls`, the calls into C; `frames`, how many Python frames of the framework
    stand between server and endpoint, None where the endpoint does not run on the event loop's thread;
    `peak`, the most bytes that were allocated at once during the request; `kept`, memory blocks that each
    request leaves behind.
    """
    ask = make_asker(app, case)
    for _ in range(_WARM_UP):
        await ask()
    profiler = _Profiler()
    sys.setprofile(profiler)
    try:
        await ask()
    finally:
        sys.setprofile(None)
    return {
        "calls": profiler.calls,
        "c_calls": profiler.c_calls,
        "frames": profiler.frames,
        "peak": await _peak(ask),
        "kept": await _kept(ask),
    }


class _Profiler:
    """Counts events of `sys.setprofile` between the start and the end of one request."""

    def __init__(self) -> None:
        self.calls = 0
        self.c_calls = 0
        self.frames: int | None = None

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        if event == "c_call" and not frame.f_code.co_filename.startswith(_HARNESS):
            self.c_calls += 1
        elif event == "call":
            self._enter(frame)

    def _enter(self, frame: FrameType) -> None:
        filename = frame.f_code.co_filename
        if filename.startswith(_APPS):
            if self.frames is None:
                self.frames = _frames_above(frame)
        elif not filename.startswith(_HARNESS):
            self.calls += 1


def _frames_above(frame: FrameType) -> int:
    """Count the framework's frames above one of the application."""
    above, caller = 0, frame.f_back
    while caller is not None and not caller.f_code.co_filename.startswith(_HARNESS):
        above += 1
        caller = caller.f_back
    return above


async def _peak(ask: Asker) -> int:
    tracemalloc.start()
    try:
        await ask()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        await ask()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


async def _kept(ask: Asker) -> float:
    before = sys.getallocatedblocks()
    for _ in range(_REQUESTS):
        await ask()
    return round((sys.getallocatedblocks() - before) / _REQUESTS, 2)
