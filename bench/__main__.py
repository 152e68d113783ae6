"""The command line: `python -m bench`, or rather `scripts/bench`, which makes the environments first."""

from __future__ import annotations

import argparse
import datetime as dt
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import benchmarks_page, scale_page
from bench.cases import CASES
from bench.connections import Connections, measure_connections, measure_sockets, measure_workers
from bench.contract import make_download
from bench.frameworks import FRAMEWORKS, ROOT, Environment, choose
from bench.growth import Growth, measure_growth, measure_routes
from bench.in_process import InProcess, count_requests, measure_in_process
from bench.limits import Deadline, Notes
from bench.machine import describe_machine, installed_versions, load_average, tool_versions
from bench.results import load_results, save_results
from bench.served import Served, measure_served
from bench.start import Start, measure_building, measure_imports

__all__ = ["main"]

_IMPORTANT = ("json", "params", "body", "graph", "def", "form")
_RESULTS = ROOT / ".venv-bench" / "results.json"


@dataclass(frozen=True)
class Effort:
    """How much is done. After so many minutes no further part begins; those of the parts are their most."""

    minutes: float = 28.0
    in_process_minutes: float = 3.0
    served_minutes: float = 8.0
    in_process: InProcess = field(default_factory=InProcess)
    served: Served = field(default_factory=Served)
    growth: Growth = field(default_factory=Growth)
    connections: Connections = field(default_factory=Connections)
    start: Start = field(default_factory=Start)
    few: bool = False
    """Whether what is measured on servers is left at the most important cases and frameworks."""


THOROUGH = Effort()
QUICK = Effort(
    few=True,
    minutes=6.0,
    in_process_minutes=1.0,
    served_minutes=0.1,  # one round
    in_process=InProcess(processes=1, rounds=5),
    served=Served(rounds=1),
    growth=Growth(rounds=3, routes=(10, 1_000)),
    connections=Connections(counts=(10, 1_000), seconds=1, sockets=200, workers=(1, 2)),
    start=Start(imports=3, builds=1),
)


@dataclass(frozen=True)
class Run:
    """What is measured, on whom, and what bounds it."""

    environments: Sequence[Environment]
    cases: Sequence[str]
    effort: Effort
    notes: Notes

    @property
    def frameworks(self) -> list[Environment]:
        """The environments without those that only show what an option costs."""
        return [environment for environment in self.environments if not environment.framework.variant]

    def of(self, *names: str) -> list[Environment]:
        """The environments of some frameworks, those that are there."""
        return [environment for environment in self.environments if environment.framework.name in names]


def _in_process(run: Run) -> dict[str, Any]:
    limits = Deadline(run.effort.in_process_minutes * 60), run.notes
    return {"in_process": measure_in_process(run.environments, run.cases, run.effort.in_process, limits)}


def _served(run: Run) -> dict[str, Any]:
    limits = Deadline(run.effort.served_minutes * 60), run.notes
    cases = [case for case in run.cases if case in _IMPORTANT] if run.effort.few else run.cases
    return {"served": measure_served(run.frameworks, cases, run.effort.served, limits)}


def _counts(run: Run) -> dict[str, Any]:
    return {"counts": count_requests(run.frameworks, run.cases, run.notes)}


def _routes(run: Run) -> dict[str, Any]:
    return {"routes": measure_routes(run.frameworks, run.effort.growth, run.notes)}


def _growth(run: Run) -> dict[str, Any]:
    return {"growth": measure_growth(run.frameworks, run.effort.growth, run.notes)}


def _connections(run: Run) -> dict[str, Any]:
    how = run.effort.connections
    peers = run.of("asgi", "rapide", "fastapi") if run.effort.few else run.frameworks
    return {
        "connections": measure_connections(peers, how, run.notes),
        "sockets": measure_sockets(peers, how, run.notes),
        "workers": measure_workers(run.of("asgi", "rapide", "fastapi"), how, run.notes),
    }


def _start(run: Run) -> dict[str, Any]:
    return {
        "imports": measure_imports(run.frameworks, run.effort.start, run.notes),
        "building": measure_building(run.frameworks, run.effort.start, run.notes),
    }


# In the order of how much the report would miss them, should the time be over before.
_PARTS: Mapping[str, Callable[[Run], dict[str, Any]]] = {
    "in-process": _in_process,
    "served": _served,
    "start": _start,
    "routes": _routes,
    "counts": _counts,
    "growth": _growth,
    "connections": _connections,
}


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, and write the pages. Return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        environments = choose(_split(options.peers))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    cases = _split(options.only) or list(CASES)
    unknown = [case for case in cases if case not in CASES]
    if unknown:
        print(f"no such case: {', '.join(unknown)} (there are {', '.join(CASES)})", file=sys.stderr)
        return 2
    partial = bool(options.only or options.peers or options.part)
    run = Run(environments, cases, QUICK if options.quick else THOROUGH, Notes())
    results = load_results(_RESULTS) if options.report else _measure(run, options.part, arguments)
    pages = {"benchmarks.md": benchmarks_page.write(results), "scale.md": scale_page.write(results)}
    print(benchmarks_page.as_text(results))
    if options.report or options.write or not (partial or options.quick):
        _write_pages(pages)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("scripts/bench", description="Measure Rapide against its peers.")
    parser.add_argument("--quick", action="store_true", help="a few minutes, less exactly")
    parser.add_argument("--only", metavar="CASES", help=f"some of {', '.join(CASES)}")
    parser.add_argument("--peers", metavar="FRAMEWORKS", help=f"some of {', '.join(FRAMEWORKS)}")
    parser.add_argument(
        "--part", choices=list(_PARTS), action="append", help="one part only; may be repeated"
    )
    parser.add_argument("--write", action="store_true", help="write the pages in any case")
    parser.add_argument("--report", action="store_true", help="write the pages from the last run's results")
    return parser


def _split(text: str | None) -> list[str]:
    return [name for name in (text or "").split(",") if name]


def _measure(run: Run, parts: Sequence[str] | None, arguments: Sequence[str]) -> dict[str, Any]:
    make_download()
    results: dict[str, Any] = {"about": _about(run, arguments)}
    deadline = Deadline(run.effort.minutes * 60)
    began = time.monotonic()
    for name, measure in _PARTS.items():
        if parts and name not in parts:
            continue
        if deadline.has_passed:
            run.notes.lines.append(f"{name}: left out, because the time was over")
            continue
        print(f"{name} ({(time.monotonic() - began) / 60:.1f} minutes so far)", flush=True)
        results.update(measure(run))
    results["about"].update(
        minutes=(time.monotonic() - began) / 60, load_after=load_average(), notes=run.notes.lines
    )
    save_results(_RESULTS, results)
    return results


def _about(run: Run, arguments: Sequence[str]) -> dict[str, Any]:
    there = {environment.framework.name for environment in run.environments}
    return {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "command": shlex.join(["scripts/bench", *arguments]),
        "machine": describe_machine(),
        "load_before": load_average(),
        "tools": tool_versions(),
        "versions": {
            environment.framework.name: installed_versions(
                environment.python, [*environment.framework.packages, *environment.framework.server_packages]
            )
            for environment in run.environments
        },
        "missing": [framework.title for name, framework in FRAMEWORKS.items() if name not in there],
    }


def _write_pages(pages: Mapping[str, tuple[str, Mapping[str, str]]]) -> None:
    """Write each page and its plots."""
    docs = ROOT / "docs"
    for name, (text, plots) in pages.items():
        _write(docs / name, text)
        for plot, drawing in plots.items():
            _write(docs / "plots" / plot, drawing)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
