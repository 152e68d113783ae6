"""Measures how cost grows: with the number of routes, and with the size of what one route does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from bench.cases import cases_of_routes
from bench.frameworks import Environment
from bench.limits import Notes
from bench.results import Series
from bench.workers import RemoteWorker, WorkerError, start_worker

__all__ = ["SIZES", "Growth", "measure_growth", "measure_routes"]

# What grows, and how far. A body of 5,000 items is half a megabyte, which Rapide accepts by default.
SIZES: dict[str, tuple[int, ...]] = {
    "depth": (1, 2, 5, 10, 20, 50),
    "body": (1, 10, 100, 1_000, 5_000),
    "list": (1, 10, 100, 1_000, 10_000),
}


# Ten times as many routes take ten times as long, and in some routers a hundred times.
_LIKELY_GROWTH = 15


@dataclass(frozen=True)
class Growth:
    """How long and how often each size is measured, and how many routes the applications get."""

    rounds: int = 10
    seconds: float = 0.01
    routes: tuple[int, ...] = (10, 100, 1_000, 10_000)
    longest_build: float = 40.0


def measure_routes(environments: Sequence[Environment], how: Growth, notes: Notes) -> dict[str, Any]:
    """Return CPU microseconds per request by number of routes: `{"rapide": {"last": {"1000": 3.2}}}`.

    A framework whose time for building grows so that the next number would take too long stops there.
    """
    able = [environment for environment in environments if environment.framework.in_process]
    found: dict[str, Any] = {environment.framework.name: {} for environment in able}
    slow: set[str] = set()
    for count, environment in product(how.routes, able):
        name, part = environment.framework.name, f"{count:,} routes"
        if name in slow:
            notes.add(part, environment.framework, "left out, because building fewer took long already")
            continue
        print(f"  routes: {environment.framework.title}, {count:,}", flush=True)
        best: dict[str, float] = {}
        with notes.taking(part, environment.framework):
            best = _with_routes(environment, count, how)
        if not best or best.pop("seconds") * _LIKELY_GROWTH > how.longest_build:
            slow.add(name)
        for kind, value in best.items():
            found[name].setdefault(kind, {})[str(count)] = value
    return found


def _with_routes(environment: Environment, count: int, how: Growth) -> dict[str, float]:
    """The first route, the last, a missing one, and the seconds that building all of them took.

    In a process of its own, because a larger heap is slower.
    """
    with start_worker(environment) as worker:
        start = time.monotonic()
        _expect_right(worker, worker.ask("add_routes", count=count))
        seconds = time.monotonic() - start
        best = {case.name.partition("/")[0]: _best(worker, case.name, how) for case in cases_of_routes(count)}
        return {**best, "seconds": seconds}


def measure_growth(environments: Sequence[Environment], how: Growth, notes: Notes) -> dict[str, Any]:
    """Return CPU microseconds per request by size: `{"depth": {"rapide": {"10": 8.1}}}`."""
    able = [environment for environment in environments if environment.framework.grows]
    found: dict[str, Any] = {kind: {} for kind in SIZES}
    for kind, sizes in SIZES.items():
        for environment in able:
            print(f"  growth: {kind}, {environment.framework.title}", flush=True)
            with notes.taking(kind, environment.framework), start_worker(environment) as worker:
                found[kind][environment.framework.name] = {
                    str(size): _grown(worker, kind, size, how) for size in sizes
                }
    return found


def _grown(worker: RemoteWorker, kind: str, size: int, how: Growth) -> float:
    added = worker.ask("add_growth", kind=kind, size=size)
    _expect_right(worker, added)
    return _best(worker, added["names"][0], how)


def _expect_right(worker: RemoteWorker, added: dict[str, Any]) -> None:
    if added["wrong"] is not None:
        raise WorkerError(f"{worker.framework.name} answers wrong: {added['wrong']}")


def _best(worker: RemoteWorker, name: str, how: Growth) -> float:
    series = Series([worker.ask("time", name=name, seconds=how.seconds)["cpu"] for _ in range(how.rounds)])
    return series.best
