"""What keeps a run bounded and alive: deadlines, and peers whose failure is noted instead of raised."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.frameworks import Framework
from bench.servers import ServerError
from bench.workers import WorkerError
from bench.wrk import LoadError

__all__ = ["Deadline", "Notes"]

_FAILURES = (ServerError, WorkerError, LoadError, OSError, EOFError, RuntimeError, subprocess.SubprocessError)


class Deadline:
    """The moment at which something should be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left, none when it has passed."""
        return max(0.0, self._end - time.monotonic())

    @property
    def has_passed(self) -> bool:
        """Whether it is over."""
        return self.left <= 0

    def part(self, parts_left: int) -> Deadline:
        """The deadline of the next of so many equal parts of what is left."""
        return Deadline(self.left / parts_left)


class Notes:
    """What went wrong with whom. The report says it."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, part: str, framework: Framework, problem: object) -> None:
        """Note a problem, once."""
        line = f"{part}: {framework.title}: {str(problem).strip()[-300:]}"
        if line not in self.lines:
            self.lines.append(line)
            print(f"  ! {line}", flush=True)

    @contextmanager
    def taking(self, part: str, framework: Framework) -> Iterator[None]:
        """Go on after the block when the framework fails in it."""
        try:
            yield
        except _FAILURES as error:
            self.add(part, framework, error)
