"""Runs inside a framework's own environment and measures its application without a server.

    python -m bench.worker bench.apps.rapide_app

Reads one command per line from standard input, JSON, and answers each with one line of JSON. Whatever the
framework prints goes to standard error. Commands: `check`, `time`, `counts`, `routes`; the functions of the
same name say what they take and give.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from bench.cases import CASES, Case, check_answer
from bench.client import ASGIApp, Lifespan, answer, make_asker
from bench.counting import count_request

__all__ = ["Worker", "main"]


class Worker:
    """One application, ready to be asked."""

    def __init__(self, module: str) -> None:
        self._module = importlib.import_module(module)
        self._runner = asyncio.Runner(loop_factory=_loop_factory())
        self._apps: dict[int, ASGIApp] = {0: self._module.app}
        self._counts: dict[tuple[int, str], int] = {}
        self._lifespans: list[Lifespan] = []
        self._start(self._module.app)

    def _start(self, app: ASGIApp) -> None:
        self._lifespans.append(lifespan := Lifespan(app))
        self._runner.run(lifespan.start())

    def close(self) -> None:
        """End the applications and their event loop."""
        for lifespan in self._lifespans:
            self._runner.run(lifespan.end())
        self._runner.close()

    def check(self, case: str) -> dict[str, Any]:
        """Say what is wrong with the answers: `{"wrong": None}` when nothing is.

        It asks twice, so that a wrong clean-up shows.
        """
        app = self._apps[0]
        for _ in range(2):
            wrong = check_answer(CASES[case], *self._runner.run(answer(app, CASES[case])))
            if wrong is not None:
                return {"wrong": wrong}
        return {"wrong": None}

    def time(self, case: str, seconds: float, routes: int = 0, path: str = "") -> dict[str, float]:
        """Make requests for about so many seconds; return wall and CPU time of one, in microseconds.

        `routes` and `path` ask the application of `routes` instead of the one with all cases.
        """
        known = _get(path) if routes else CASES[case]
        key = (routes, path or case)
        ask = _Batch(self._apps[routes], known)
        if key not in self._counts:
            self._counts[key] = self._runner.run(ask.fit(seconds))
        count = self._counts[key]
        gc.collect()
        wall, cpu = self._runner.run(ask.run(count))
        return {"wall": wall / count * 1e6, "cpu": cpu / count * 1e6, "count": count}

    def counts(self, case: str) -> dict[str, Any]:
        """Count what one request costs apart from time: see `bench.counting`."""
        return self._runner.run(count_request(self._apps[0], CASES[case]))

    def routes(self, count: int) -> dict[str, Any]:
        """Make an application with so many routes, check its first, its last and a missing path."""
        app = self._apps[count] = self._module.make_routes(count)
        self._start(app)
        for path, expected in (
            (f"/r0/items/{count}", 200),
            (f"/r{count - 1}/items/{count}", 200),
            ("/none", 404),
        ):
            status, body = self._runner.run(answer(app, _get(path)))
            if status != expected or (expected == 200 and json.loads(body) != {"item_id": count}):
                return {"wrong": f"{path}: status {status}, {body[:80]!r}"}
        return {"wrong": None}


class _Batch:
    """The same request many times in a row."""

    def __init__(self, app: ASGIApp, case: Case) -> None:
        self._ask = make_asker(app, case)

    async def fit(self, seconds: float) -> int:
        """Find out how many requests fit into a time; also warms up."""
        count = 1
        while True:
            wall, _ = await self.run(count)
            if wall > seconds / 4:
                return max(1, round(count * seconds / wall))
            count *= 2

    async def run(self, count: int) -> tuple[float, float]:
        """Make the requests; return wall and CPU seconds of all."""
        ask = self._ask
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(count):
            await ask()
        return time.perf_counter() - wall, time.process_time() - cpu


def _get(path: str) -> Case:
    return Case(path, path, path, judge=lambda _: None)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        uvloop = importlib.import_module("uvloop")
    except ImportError:  # on Windows
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _take_over_stdout() -> IO[str]:
    """Keep standard output for the answers; whatever else is printed goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def main() -> None:
    """Obey commands until standard input ends."""
    answers = _take_over_stdout()
    sys.path.insert(0, str(Path(__file__).parent.parent))
    worker = Worker(sys.argv[1])
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        result = getattr(worker, command.pop("do"))(**command)
        print(json.dumps(result), file=answers, flush=True)
    worker.close()


if __name__ == "__main__":
    main()
