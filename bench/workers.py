"""Starts `bench.worker` in a framework's environment and talks to it."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.frameworks import ROOT, Environment

__all__ = ["RemoteWorker", "WorkerError", "start_worker"]

# A worker that says nothing for so long hangs: the longest answer is that to 10,000 routes on a busy machine.
_PATIENCE = 60


class WorkerError(RuntimeError):
    """A worker went away or hung."""


class RemoteWorker:
    """A worker in another process; each method call is a command to it."""

    def __init__(self, environment: Environment) -> None:
        self.framework = environment.framework
        self._process = subprocess.Popen(
            [environment.python, "-m", "bench.worker", environment.framework.module],
            cwd=ROOT,
            env=environment.variables(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._listen()

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a command, return the answer. Raises WorkerError when none comes."""
        assert self._process.stdin is not None
        print(json.dumps({"do": do, **arguments}), file=self._process.stdin, flush=True)
        return self._listen()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        watch = threading.Timer(_PATIENCE, self._process.kill)
        watch.start()
        line = self._process.stdout.readline()
        watch.cancel()
        if not line:
            raise WorkerError(
                f"the worker of {self.framework.name} is gone (exit status {self._process.wait()})"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def start_worker(environment: Environment) -> Iterator[RemoteWorker]:
    """Start a worker and end it after use."""
    worker = RemoteWorker(environment)
    try:
        yield worker
    finally:
        worker.close()
