"""Measures what comes before the first request: imports, building large applications, the first document."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.frameworks import ROOT, Environment
from bench.limits import Notes
from bench.results import Series

__all__ = ["Start", "measure_building", "measure_imports"]

# In a fresh interpreter: seconds of CPU and modules that the import takes.
_IMPORT = """
import importlib, json, sys, time
before, start = len(sys.modules), time.process_time()
importlib.import_module({name!r})
print(json.dumps({{"seconds": time.process_time() - start, "modules": len(sys.modules) - before,
    "names": sorted({{module.partition(".")[0] for module in sys.modules}})}}))
"""

# What `import` of a framework should leave alone until it is needed.
_HEAVY = {
    "opentelemetry", "uvicorn", "hypercorn", "granian", "multipart", "python_multipart", "jinja2", "httpx",
    "httpx2", "typer", "click", "rich", "email_validator", "websockets", "trio", "yaml", "cryptography",
}  # fmt: skip

_TIMEOUT = 120


@dataclass(frozen=True)
class Start:
    """How often imports and builds are repeated, each in its own process, and how large an application is."""

    imports: int = 15
    builds: int = 3
    routes: int = 1_000


def measure_imports(environments: Sequence[Environment], how: Start, notes: Notes) -> dict[str, Any]:
    """Return seconds, modules and heavy packages of each framework's import: the best of several turns."""
    able = [environment for environment in environments if environment.framework.imports]
    series = {environment.framework.name: Series() for environment in able}
    found: dict[str, Any] = {}
    for turn in range(how.imports + 1):
        print(f"  imports, round {turn}", flush=True)
        for environment in able:
            with notes.taking("import", environment.framework):
                taken = _run(environment, "-c", _IMPORT.format(name=environment.framework.imports))
                _keep(found, series[environment.framework.name] if turn else None, environment, taken)
    return {
        name: {**about, "seconds": series[name].best, "noise": series[name].noise}
        for name, about in found.items()
        if series[name].values
    }


def _keep(
    found: dict[str, Any], series: Series | None, environment: Environment, taken: dict[str, Any]
) -> None:
    """Keep what one import took; not the time of the first, which writes the bytecode."""
    if series is not None:
        series.add(taken["seconds"])
    heavy = sorted(_HEAVY.intersection(taken["names"]))
    found[environment.framework.name] = {"modules": taken["modules"], "heavy": heavy}


def measure_building(environments: Sequence[Environment], how: Start, notes: Notes) -> dict[str, Any]:
    """Return what a large application costs before its first request, where type hints declare it."""
    able = [environment for environment in environments if environment.framework.hinted]
    runs: dict[str, list[dict[str, float]]] = {environment.framework.name: [] for environment in able}
    for _ in range(how.builds):
        for environment in able:
            print(f"  building: {environment.framework.title}", flush=True)
            with notes.taking("building", environment.framework):
                built = _probe(environment, "build", how.routes)
                blocked = _probe(environment, "blocked", how.routes)
                runs[environment.framework.name].append({**built, **blocked})
    return {name: {key: min(run[key] for run in of) for key in of[0]} for name, of in runs.items() if of}


def _probe(environment: Environment, what: str, routes: int) -> dict[str, Any]:
    return _run(environment, "-m", "bench.probe", what, *environment.framework.hinted, str(routes))


def _run(environment: Environment, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [environment.python, *arguments],
        cwd=ROOT,
        env=environment.variables(),
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT,
    )
    if done.returncode:
        raise RuntimeError(f"{environment.framework.name}: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
