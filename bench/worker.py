"""Runs inside a framework's own environment and measures its application without a server.

    python -m bench.worker bench.apps.rapide_app

Reads one command per line from standard input, JSON, and answers each with one line of JSON. Whatever the
framework prints goes to standard error. The commands are the methods of `Worker`.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from bench.cases import CASES, Case, cases_of_routes, check_answer
from bench.client import ASGIApp, Lifespan, answer, make_asker
from bench.counting import count_request

__all__ = ["Worker", "main"]


class Worker:
    """A framework's applications, ready to be asked.

    What can be asked has a name: the cases of `bench.cases`, and what `add_routes` and `add_growth` make.
    """

    def __init__(self, module: str) -> None:
        self._module = importlib.import_module(module)
        self._runner = asyncio.Runner(loop_factory=_loop_factory())
        self._lifespans: list[Lifespan] = []
        self._counts: dict[str, int] = {}
        self._start(self._module.app)
        self._askable: dict[str, tuple[ASGIApp, Case]] = {
            name: (self._module.app, case) for name, case in CASES.items()
        }

    def _start(self, app: ASGIApp) -> None:
        self._lifespans.append(lifespan := Lifespan(app))
        self._runner.run(lifespan.start())

    def close(self) -> None:
        """End the applications and their event loop."""
        for lifespan in self._lifespans:
            self._runner.run(lifespan.end())
        self._runner.close()

    def check(self, name: str) -> dict[str, Any]:
        """Say what is wrong with the answers: `{"wrong": None}` when nothing is.

        It asks twice, so that a wrong clean-up shows.
        """
        app, case = self._askable[name]
        for _ in range(2):
            wrong = check_answer(case, *self._runner.run(answer(app, case)))
            if wrong is not None:
                return {"wrong": wrong}
        return {"wrong": None}

    def time(self, name: str, seconds: float) -> dict[str, float]:
        """Make requests for about so many seconds; return wall and CPU time of one, in microseconds."""
        batch = _Batch(*self._askable[name])
        if name not in self._counts:
            self._counts[name] = self._runner.run(batch.fit(seconds))
        count = self._counts[name]
        gc.collect()
        wall, cpu = self._runner.run(batch.run(count))
        return {"wall": wall / count * 1e6, "cpu": cpu / count * 1e6, "count": count}

    def counts(self, name: str) -> dict[str, Any]:
        """Count what one request costs apart from time: see `bench.counting`."""
        return self._runner.run(count_request(*self._askable[name]))

    def add_routes(self, count: int) -> dict[str, Any]:
        """Make an application with so many routes, to be asked by the names that are given back."""
        return self._add(self._module.make_routes(count), cases_of_routes(count))

    def add_growth(self, kind: str, size: int) -> dict[str, Any]:
        """Make an application whose one route grows with `size`, to be asked by the name given back."""
        app, case = self._module.make_growth(kind, size)
        return self._add(app, [case])

    def _add(self, app: ASGIApp, cases: Sequence[Case]) -> dict[str, Any]:
        self._start(app)
        self._askable.update({case.name: (app, case) for case in cases})
        wrong = [problem for case in cases if (problem := self.check(case.name)["wrong"])]
        return {"wrong": wrong[0] if wrong else None, "names": [case.name for case in cases]}


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
