"""Measures requests without a server: raw ASGI calls, one process for each framework, taking turns."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench.cases import CASES
from bench.frameworks import Environment
from bench.limits import Deadline, Notes
from bench.results import Series, rotated
from bench.workers import RemoteWorker, start_worker

__all__ = ["InProcess", "count_requests", "measure_in_process"]

_PART = "in process"
_FEWEST_ROUNDS = 3


@dataclass(frozen=True)
class InProcess:
    """How long and how often: each of `processes` fresh processes is asked `rounds` times for `seconds`."""

    processes: int = 2
    rounds: int = 20
    seconds: float = 0.01


Timings = dict[str, tuple[Series, Series]]


def measure_in_process(
    environments: Sequence[Environment], cases: Sequence[str], how: InProcess, limits: tuple[Deadline, Notes]
) -> dict[str, Any]:
    """Return microseconds per request: `{"json": {"rapide": {"wall": …, "cpu": …, "noise": …}}}`.

    The frameworks take turns, so that a busy moment of the machine meets all of them. The best turn counts.
    A framework that answers a case wrong has no figures for it, and a note.
    """
    deadline, notes = limits
    able = [environment for environment in environments if environment.framework.in_process]
    series: dict[str, Timings] = {
        case: {environment.framework.name: (Series(), Series()) for environment in able} for case in cases
    }
    for number in range(how.processes):
        of_process = deadline.part(how.processes - number)
        with ExitStack() as stack:
            workers = _start(able, stack, notes)
            for place, case in enumerate(cases):
                print(f"  in process: {CASES[case].title}", flush=True)
                right = [worker for worker in workers if _answers(worker, case, notes)]
                _take_turns(right, case, how, series[case], (of_process.part(len(cases) - place), notes))
    return {
        case: {
            name: {"wall": wall.best, "cpu": cpu.best, "noise": wall.noise}
            for name, (wall, cpu) in by_name.items()
            if wall.values
        }
        for case, by_name in series.items()
    }


def _start(environments: Sequence[Environment], stack: ExitStack, notes: Notes) -> list[RemoteWorker]:
    workers = []
    for environment in environments:
        with notes.taking(_PART, environment.framework):
            workers.append(stack.enter_context(start_worker(environment)))
    return workers


def _answers(worker: RemoteWorker, case: str, notes: Notes) -> bool:
    """Tell whether a framework answers a case right; note it when not."""
    with notes.taking(_PART, worker.framework):
        wrong = worker.ask("check", name=case)["wrong"]
        if wrong is None:
            return True
        notes.add(_PART, worker.framework, f"{case} is answered wrong: {wrong}")
    return False


def _take_turns(
    workers: Sequence[RemoteWorker],
    case: str,
    how: InProcess,
    series: Timings,
    limits: tuple[Deadline, Notes],
) -> None:
    deadline, notes = limits
    for turn in range(how.rounds):
        if turn >= _FEWEST_ROUNDS and deadline.has_passed:
            return
        for worker in rotated(workers, turn):
            with notes.taking(_PART, worker.framework):
                taken = worker.ask("time", name=case, seconds=how.seconds)
                _add(series[worker.framework.name], taken)


def _add(series: tuple[Series, Series], taken: dict[str, float]) -> None:
    wall, cpu = series
    wall.add(taken["wall"])
    cpu.add(taken["cpu"])


def count_requests(environments: Sequence[Environment], cases: Sequence[str], notes: Notes) -> dict[str, Any]:
    """Return calls, frames and memory per request by case and framework: what `bench.counting` counts."""
    counts: dict[str, Any] = {case: {} for case in cases}
    able = [environment for environment in environments if environment.framework.in_process]
    for environment in able:
        print(f"  counts: {environment.framework.title}", flush=True)
        with notes.taking("counts", environment.framework), start_worker(environment) as worker:
            right = [case for case in cases if worker.ask("check", name=case)["wrong"] is None]
            for case in right:
                counts[case][environment.framework.name] = worker.ask("counts", name=case)
    return counts
