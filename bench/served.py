"""Measures requests on real servers: one core for the server, the other for wrk.

What a request costs is CPU time, as the operating system counts it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any

from bench.cases import CASES, Case, check_answer
from bench.frameworks import Environment
from bench.limits import Deadline, Notes
from bench.results import Series, rotated
from bench.servers import Server, ServerError, start_server
from bench.sockets import ask_once, echo_for
from bench.wrk import put_load

__all__ = ["Served", "measure_served"]

_PART = "served"
_LONGEST = 16.0


@dataclass(frozen=True)
class Served:
    """Each framework gets `rounds` turns of `seconds` for each case; the first one also warms it up."""

    rounds: int = 3
    seconds: float = 1.0


Measured = dict[str, dict[str, tuple[Series, Series]]]


def measure_served(
    environments: Sequence[Environment], cases: Sequence[str], how: Served, limits: tuple[Deadline, Notes]
) -> dict[str, Any]:
    """Return CPU microseconds per request: `{"json": {"rapide": {"cpu": …, "rate": …, "noise": …}}}`.

    A case that a framework's server answers wrong is `{"wrong": why}`. All servers run from beginning to end;
    those that are not asked wait. Every round visits all cases, so that a busy minute of the machine spoils
    one turn of each. WebSocket figures are for one message.
    """
    deadline, notes = limits
    series: Measured = {case: {} for case in cases}
    wrong: dict[str, dict[str, str]] = {case: {} for case in cases}
    with ExitStack() as stack:
        servers = _start(environments, stack, notes)
        stack.enter_context(_pinned_to(1))
        for turn, name in product(range(how.rounds), cases):
            if turn and deadline.has_passed:
                break
            print(f"  served, round {turn + 1}: {CASES[name].title}", flush=True)
            _take_turns(CASES[name], servers, (turn, how.seconds), (series[name], wrong[name]), notes)
    return {
        case: {
            **{
                name: {"cpu": cpu.best, "rate": max(rate.values), "noise": cpu.noise}
                for name, (cpu, rate) in by_name.items()
            },
            **{name: {"wrong": why} for name, why in wrong[case].items()},
        }
        for case, by_name in series.items()
    }


def _start(environments: Sequence[Environment], stack: ExitStack, notes: Notes) -> list[Server]:
    servers = []
    for environment in environments:
        with notes.taking(_PART, environment.framework):
            servers.append(stack.enter_context(start_server(environment)))
    return servers


def _take_turns(
    case: Case,
    servers: Sequence[Server],
    turn: tuple[int, float],
    kept: tuple[dict[str, tuple[Series, Series]], dict[str, str]],
    notes: Notes,
) -> None:
    """Let each server answer a case for some seconds, another one first in each round."""
    (number, seconds), (series, wrong) = turn, kept
    for server in rotated(servers, number):
        name = server.framework.name
        if name in wrong:
            continue
        problem = _check(case, server) if name not in series else None
        if problem is not None:
            wrong[name] = problem
            notes.add(_PART, server.framework, f"{case.name} is answered wrong: {problem}")
            continue
        with notes.taking(f"{_PART}, {case.name}", server.framework):
            cpu, rate = _turn(case, server, seconds)
            of_cpu, of_rate = series.setdefault(name, (Series(), Series()))
            of_cpu.add(cpu)
            of_rate.add(rate)


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
        if seconds >= _LONGEST:
            raise ServerError(
                f"{server.framework.name} answered {count} times in {taken:.0f} seconds of {case.name}"
            )
        seconds *= 2


@contextmanager
def _pinned_to(core: int) -> Iterator[None]:
    """Run this process, whose WebSocket clients count as load, on one core."""
    before = os.sched_getaffinity(0)
    if core in before:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
