"""Measures requests without a server: raw ASGI calls, one process for each framework, taking turns."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench.cases import CASES
from bench.frameworks import Environment
from bench.results import Series
from bench.workers import RemoteWorker, WorkerError, start_worker

__all__ = ["InProcess", "count_requests", "measure_in_process"]


@dataclass(frozen=True)
class InProcess:
    """How long and how often: each of `processes` fresh processes is asked `rounds` times for `seconds`."""

    processes: int = 2
    rounds: int = 20
    seconds: float = 0.01


def measure_in_process(
    environments: Sequence[Environment], cases: Sequence[str], how: InProcess
) -> dict[str, Any]:
    """Return microseconds per request: `{"json": {"rapide": {"wall": …, "cpu": …, "noise": …}}}`.

    The frameworks take turns, so that a busy moment of the machine meets all of them. The best turn counts.
    Raises WorkerError when an application answers wrong.
    """
    able = [environment for environment in environments if environment.framework.in_process]
    series: dict[str, dict[str, tuple[Series, Series]]] = {
        case: {environment.framework.name: (Series(), Series()) for environment in able} for case in cases
    }
    for _ in range(how.processes):
        with ExitStack() as stack:
            workers = [stack.enter_context(start_worker(environment)) for environment in able]
            for case in cases:
                print(f"  in process: {CASES[case].title}", flush=True)
                _check(workers, case)
                _take_turns(workers, case, how, series[case])
    return {
        case: {
            name: {"wall": wall.best, "cpu": cpu.best, "noise": wall.noise}
            for name, (wall, cpu) in by_name.items()
        }
        for case, by_name in series.items()
    }


def _check(workers: Sequence[RemoteWorker], case: str) -> None:
    for worker in workers:
        wrong = worker.ask("check", name=case)["wrong"]
        if wrong is not None:
            raise WorkerError(f"{worker.framework.name} answers {case} wrong: {wrong}")


def _take_turns(
    workers: Sequence[RemoteWorker], case: str, how: InProcess, series: dict[str, tuple[Series, Series]]
) -> None:
    for turn in range(how.rounds):
        shift = turn % len(workers)  # nobody is always first
        for worker in (*workers[shift:], *workers[:shift]):
            taken = worker.ask("time", name=case, seconds=how.seconds)
            wall, cpu = series[worker.framework.name]
            wall.add(taken["wall"])
            cpu.add(taken["cpu"])


def count_requests(environments: Sequence[Environment], cases: Sequence[str]) -> dict[str, Any]:
    """Return calls, frames and memory per request by case and framework: what `bench.counting` counts."""
    counts: dict[str, Any] = {case: {} for case in cases}
    for environment in environments:
        if environment.framework.in_process:
            with start_worker(environment) as worker:
                counted = {case: worker.ask("counts", name=case) for case in cases}
            for case, count in counted.items():
                counts[case][environment.framework.name] = count
    return counts
