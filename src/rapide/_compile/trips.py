"""Which lane each trip of a request to a thread takes: known when its handler is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rapide._codegen import Writer
from rapide._compile.order import Step
from rapide._lanes import WORK, lane_after

__all__ = ["Trips"]


class Trips:
    """What a request has opened, and how often it has gone to a thread since; see `rapide._lanes`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._opened: Callable[..., Any] | None = None
        self._count = 0

    def lane_argument(self) -> str:
        """Return how the next trip names its lane in a call; nothing for the usual one."""
        lane = lane_after(self._opened, self._count)
        return "" if lane is WORK else f", lane={self._writer.bind(f'lane_{lane.name}', lane)}"

    def opened_by(self, step: Step) -> None:
        """Take note of a call that may have opened something."""
        if step.edge is not None and step.call.color.endswith("generator"):
            self._opened, self._count = step.call.function, 0

    def made(self, steps: list[Step]) -> None:
        """Take note of a trip with these calls."""
        self._count += 1
        for step in steps:
            self.opened_by(step)
