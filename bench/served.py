"""Measures requests on real servers: one core for the server, the other for wrk.

What a request costs is CPU time, as the operating system counts it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench.cases import CASES, Case, check_answer
from bench.frameworks import Environment
from bench.results import Series
from bench.servers import Server, ServerError, start_server
from bench.sockets import ask_once, echo_for
from bench.wrk import put_load

__all__ = ["Served", "measure_served"]

_WARM_UP = 1.0
_LONGEST = 20.0


@dataclass(frozen=True)
class Served:
    """Each framework gets `rounds` turns of `seconds` for each case."""

    rounds: int = 3
    seconds: float = 3.0


def measure_served(environments: Sequence[Environment], cases: Sequence[str], how: Served) -> dict[str, Any]:
    """Return CPU microseconds per request: `{"json": {"rapide": {"cpu": …, "rate": …, "noise": …}}}`.

    A case that a framework's server answers wrong is `{"wrong": why}`. All servers run from beginning to end;
    those that are not asked wait. WebSocket figures are for one message.
    """
    found: dict[str, Any] = {}
    with ExitStack() as stack:
        servers = [stack.enter_context(start_server(environment)) for environment in environments]
        with _pinned_to(1):
            for name in cases:
                print(f"  served: {CASES[name].title}", flush=True)
                found[name] = _measure_case(CASES[name], servers, how)
    return found


def _measure_case(case: Case, servers: Sequence[Server], how: Served) -> dict[str, Any]:
    wrong = {
        server.framework.name: problem for server in servers if (problem := _check(case, server)) is not None
    }
    able = [server for server in servers if server.framework.name not in wrong]
    series = {server.framework.name: (Series(), Series()) for server in able}
    for server in able:
        _turn(case, server, _WARM_UP)
    for turn in range(how.rounds):
        shift = turn % len(able)
        for server in (*able[shift:], *able[:shift]):
            cpu, rate = _turn(case, server, how.seconds)
            series[server.framework.name][0].add(cpu)
            series[server.framework.name][1].add(rate)
    measured: dict[str, Any] = {
        name: {"cpu": cpu.best, "rate": max(rate.values), "noise": cpu.noise}
        for name, (cpu, rate) in series.items()
    }
    return {**measured, **{name: {"wrong": problem} for name, problem in wrong.items()}}


def _check(case: Case, server: Server) -> str | None:
    """Ask twice, so that a wrong clean-up shows; a connection that breaks is a wrong answer too."""
    try:
        return next(filter(None, (check_answer(case, *ask_once(case, server.port)) for _ in range(2))), None)
    except (OSError, EOFError) as error:
        return f"{type(error).__name__}: {error}"


def _turn(case: Case, server: Server, seconds: float) -> tuple[float, float]:
    """Put load on a server; return CPU microseconds per request (or message), and how many a second.

    When not even a few long requests were finished in the time, twice the time is tried, and so on for a
    while.
    """
    while True:
        before = server.cpu_seconds()
        if case.socket:
            echoes = echo_for(case, server.port, seconds=seconds, connections=case.connections)
            count, taken = echoes.messages, echoes.seconds
        else:
            load = put_load(case, server.port, seconds=seconds, connections=case.connections)
            count, taken = load.requests, load.seconds
        spent = server.cpu_seconds() - before
        if count >= case.connections:
            return spent / count * 1e6, count / taken
        if seconds > _LONGEST:
            raise ServerError(
                f"{server.framework.name} answered {count} times in {taken:.0f} seconds of {case.name}"
            )
        seconds *= 2


class _pinned_to:  # noqa: N801 -- used as `with _pinned_to(1)`
    """Run this process, whose WebSocket clients count as load, on one core."""

    def __init__(self, core: int) -> None:
        self._core = core

    def __enter__(self) -> None:
        self._before = os.sched_getaffinity(0)
        if self._core in self._before:
            os.sched_setaffinity(0, {self._core})

    def __exit__(self, *error: object) -> None:
        os.sched_setaffinity(0, self._before)
