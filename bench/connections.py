"""Measures what many connections cost: requests over them, memory of idle WebSockets, worker processes."""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.cases import CASES
from bench.frameworks import Environment
from bench.limits import Notes
from bench.results import Series
from bench.servers import Server, start_server
from bench.sockets import open_sockets
from bench.wrk import put_load

__all__ = ["Connections", "measure_connections", "measure_sockets", "measure_workers"]

_SETTLE = 0.5
_MANY = 10_000


@dataclass(frozen=True)
class Connections:
    """How many connections, for how long; how many idle WebSockets; how many worker processes."""

    counts: tuple[int, ...] = (1, 10, 100, 1_000, 10_000)
    seconds: float = 2.0
    rounds: int = 1
    sockets: int = 500
    workers: tuple[int, ...] = (1, 2)


def measure_connections(
    environments: Sequence[Environment], how: Connections, notes: Notes
) -> dict[str, Any]:
    """Return, by framework and number of open connections, CPU per request, requests per second and memory.

    `{"rapide": {"1000": {"cpu": …, "rate": …, "errors": …, "bytes": …}}}`; `bytes` is by how much the
    server's memory grew for each connection. Errors are connections that were refused or timed out. A
    server that answered nothing at all has no "cpu".
    """
    _allow_files(2 * max(how.counts) + 200)
    found: dict[str, Any] = {}
    for environment in environments:
        print(f"  connections: {environment.framework.title}", flush=True)
        with notes.taking("connections", environment.framework), start_server(environment) as server:
            put_load(CASES["json"], server.port, seconds=1, connections=10)
            by_count = found[environment.framework.name] = {}
            for count in how.counts:
                by_count[str(count)] = _over(server, count, how)
    return found


def _over(server: Server, count: int, how: Connections) -> dict[str, float]:
    series, rates, errors, grown = Series(), Series(), 0, 0
    seconds = how.seconds if count < _MANY else 2 * how.seconds  # the first second goes into connecting
    for _ in range(how.rounds):
        memory, cpu = server.resident_bytes(), server.cpu_seconds()
        load = put_load(CASES["json"], server.port, seconds=seconds, connections=count, strict=False)
        errors = max(errors, load.errors)
        grown = max(grown, server.resident_bytes() - memory)
        if load.requests:
            series.add((server.cpu_seconds() - cpu) / load.requests * 1e6)
            rates.add(load.rate)
    if not rates.values:  # it was busy with accepting connections all the time
        return {"errors": errors, "bytes": grown / count}
    return {"cpu": series.best, "rate": max(rates.values), "errors": errors, "bytes": grown / count}


def measure_sockets(environments: Sequence[Environment], how: Connections, notes: Notes) -> dict[str, float]:
    """Return the bytes that a server's memory grows by for each idle WebSocket connection."""
    _allow_files(2 * how.sockets + 200)
    found: dict[str, float] = {}
    for environment in environments:
        print(f"  idle WebSockets: {environment.framework.title}", flush=True)
        with notes.taking("idle WebSockets", environment.framework), start_server(environment) as server:
            found[environment.framework.name] = asyncio.run(_idle(server, how.sockets))
    return found


async def _idle(server: Server, count: int) -> float:
    path = CASES["websocket"].path
    async with open_sockets(path, server.port, 20):  # what the first ones need once is not theirs
        await asyncio.sleep(_SETTLE)
    await asyncio.sleep(_SETTLE)
    before = server.resident_bytes()
    async with open_sockets(path, server.port, count):
        await asyncio.sleep(_SETTLE)
        return (server.resident_bytes() - before) / count


def measure_workers(environments: Sequence[Environment], how: Connections, notes: Notes) -> dict[str, Any]:
    """Return CPU per request and memory by number of uvicorn's worker processes, on all cores."""
    able = [environment for environment in environments if environment.framework.grows]
    found: dict[str, Any] = {}
    for environment in able:
        by_count = found[environment.framework.name] = {}
        for workers in how.workers:
            print(f"  workers: {environment.framework.title}, {workers}", flush=True)
            with (
                notes.taking(f"{workers} workers", environment.framework),
                start_server(environment, workers=workers) as server,
            ):
                time.sleep(2 * workers)  # the first connection only shows that one of them is there
                by_count[str(workers)] = _over(server, 64, how)
                by_count[str(workers)]["resident"] = server.resident_bytes()
    return found


def _allow_files(wanted: int) -> None:
    """Let this process and those that it starts open as many files as connections need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
