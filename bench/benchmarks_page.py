"""Writes `docs/benchmarks.md` and its plots from the results of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench import plot
from bench.cases import CASES
from bench.frameworks import FRAMEWORKS
from bench.results import geometric_mean, ratio
from bench.tables import figure, fill, measured_on, table, times, titles

__all__ = ["as_text", "write"]

Results = Mapping[str, Any]

_FLOOR = "asgi"
_SHOWN_IN_PLOT = ("json", "params", "body", "graph", "def")


def write(results: Results) -> tuple[str, dict[str, str]]:
    """Return the text of the page and its plots by file name."""
    plots = _plots(results)
    parts = {
        "measured_on": measured_on(results["about"]),
        "against_fastapi": _against_fastapi(results),
        "guards": _guards(results),
        "served": _all_frameworks(results.get("served", {})),
        "relative_to_floor": _relative_to_floor(results),
        "not_cheapest": _not_cheapest(results),
        "served_plots": "\n".join(f"![{name}](plots/{name})" for name in plots),
        "in_process": _all_frameworks(results.get("in_process", {}), leave_out=("rapide.unguarded",)),
        "imports": _imports(results),
        "building": _building(results),
        "calls": _calls(results),
        "sockets": _sockets(results),
        "who": _who(results),
        "tools": _tools(results),
    }
    return fill("benchmarks.md", parts), plots


def as_text(results: Results) -> str:
    """Return the tables of a run for the terminal."""
    parts = [_against_fastapi(results), _guards(results), _all_frameworks(results.get("served", {}))]
    parts += [_not_cheapest(results), _imports(results), _building(results)]
    notes = results["about"]["notes"]
    return "\n".join([*filter(None, parts), *(f"* {note}" for note in notes)])


def _names(by_case: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The frameworks of a section, in the order of the list."""
    there = {name for by_name in by_case.values() for name in by_name}
    return [name for name in FRAMEWORKS if name in there]


def _cpu(by_name: Mapping[str, Any], name: str) -> float | None:
    return (by_name.get(name) or {}).get("cpu")


def _against_fastapi(results: Results) -> str:
    rows = []
    for case, by_name in results.get("in_process", {}).items():
        theirs, ours, face = (_cpu(by_name, name) for name in ("fastapi", "rapide", "rapide.fastapi"))
        values = [figure(_cpu(by_name, _FLOOR)), figure(theirs), figure(ours), times(ratio(theirs, ours))]
        rows.append([CASES[case].title, *values, figure(face), times(ratio(theirs, face))])
    heads = ["", "bare ASGI", "FastAPI", "Rapide", "ratio", "Rapide, FastAPI face", "ratio"]
    return table(heads, rows)


def _guards(results: Results) -> str:
    """Say what limits and strictness cost: the same application without them."""
    ratios = {
        CASES[case].title: found
        for case, by_name in results.get("in_process", {}).items()
        if (found := ratio(_cpu(by_name, "rapide"), _cpu(by_name, "rapide.unguarded"))) is not None
    }
    if not ratios:
        return ""
    dearest = max(ratios, key=lambda case: ratios[case])
    mean = (geometric_mean(list(ratios.values())) - 1) * 100
    return (
        f"Rapide's guards (limits of sizes, strict JSON, media types and credentials) are on in all numbers. "
        f"They cost {mean:.1f} % on average; the dearest case is *{dearest}* with "
        f"{(ratios[dearest] - 1) * 100:.1f} %.\n"
    )


def _all_frameworks(by_case: Mapping[str, Mapping[str, Any]], leave_out: Sequence[str] = ()) -> str:
    names = [name for name in _names(by_case) if name not in leave_out]
    rows = []
    for case, by_name in by_case.items():
        values = {name: _cpu(by_name, name) for name in names}
        others = [value for name, value in values.items() if value is not None and name != _FLOOR]
        best = min(others, default=None)
        cells = [
            f"**{figure(value)}**" if value == best and value is not None else figure(value)
            for value in values.values()
        ]
        rows.append([CASES[case].title, *cells])
    return table(["", *titles(names)], rows)


def _relative_to_floor(results: Results) -> str:
    """Say how much the server's own work is: the mean over the cases, by framework."""
    served = results.get("served", {})
    if not served:
        return ""
    rows = []
    for name in _names(served):
        ratios = [
            found
            for by_name in served.values()
            if (found := ratio(_cpu(by_name, name), _cpu(by_name, _FLOOR)))
        ]
        if ratios:
            rows.append([FRAMEWORKS[name].title, times(geometric_mean(ratios)), str(len(ratios))])
    text = "How many times as much as bare ASGI each takes: the geometric mean of what it answers right.\n"
    return f"{text}\n{table(['', 'times bare ASGI', 'cases'], rows)}"


def _not_cheapest(results: Results) -> str:
    """Say where another framework takes less than Rapide, by how much, and what it does otherwise."""
    lines = []
    for case, by_name in results.get("served", {}).items():
        ours = _cpu(by_name, "rapide")
        for name in _names({case: by_name}):
            theirs = _cpu(by_name, name)
            if (
                name in (_FLOOR, "rapide", "rapide.fastapi")
                or ours is None
                or theirs is None
                or theirs >= ours
            ):
                continue
            share = f"{theirs / ours:.2f} times as much as Rapide"
            lines.append(f"* {CASES[case].title}: {FRAMEWORKS[name].title} takes {share}{_otherwise(name)}.")
    if not lines:
        return "No other framework of this list takes less than Rapide in any of these cases.\n"
    return "\n".join(["Where another framework takes less than Rapide:\n", *lines, ""])


def _otherwise(name: str) -> str:
    framework = FRAMEWORKS[name]
    reasons = [f"server: {framework.server}"] if framework.server != "uvicorn" else []
    reasons += [f"by hand: {framework.by_hand}"] if framework.by_hand else []
    return f" ({'; '.join(reasons)})" if reasons else ""


def _imports(results: Results) -> str:
    imports = results.get("imports", {})
    if not imports:
        return ""
    base = imports.get("fastapi", {}).get("seconds")
    rows = []
    for name, about in imports.items():
        share = ratio(about["seconds"], base)
        of_base = "–" if share is None else f"{share * 100:.0f} %"
        heavy = ", ".join(about["heavy"]) or "none"
        rows.append(
            [
                f"`import {FRAMEWORKS[name].imports}`",
                figure(about["seconds"] * 1e3),
                of_base,
                str(about["modules"]),
                heavy,
            ]
        )
    heads = ["", "ms of CPU", "of FastAPI's", "modules", "optional packages among them"]
    return "The best of several imports, each in a fresh process.\n\n" + table(heads, rows)


_BUILDING = (
    ("ready to answer all routes", "ready", 1e3, "ms"),
    ("memory per route", "bytes", 1 / 1024, "KiB"),
    ("first `openapi()`", "openapi", 1e3, "ms"),
    ("longest wait of other tasks while the first document is asked for", "blocked", 1e3, "ms"),
    ("memory per route with the document", "bytes_with_openapi", 1 / 1024, "KiB"),
)


def _building(results: Results) -> str:
    building = results.get("building", {})
    if not building:
        return ""
    names = [name for name in FRAMEWORKS if name in building]
    rows = []
    for title, key, scale, unit in _BUILDING:
        values = [building[name][key] * scale for name in names]
        theirs = building.get("fastapi", {}).get(key)
        ratios = [times(ratio(theirs, building[name][key])) for name in names if name != "fastapi"]
        rows.append([f"{title}, {unit}", *map(figure, values), *ratios])
    heads = [
        "",
        *titles(names),
        *(f"FastAPI / {FRAMEWORKS[name].title}" for name in names if name != "fastapi"),
    ]
    return "An application of 1,000 routes: 200 resources with five routes and two models each.\n\n" + table(
        heads, rows
    )


def _calls(results: Results) -> str:
    counts = results.get("counts", {})
    names = _names(counts)
    rows = [
        [CASES[case].title, *(figure((by_name.get(name) or {}).get("calls")) for name in names)]
        for case, by_name in counts.items()
    ]
    return table(["", *titles(names)], rows)


def _sockets(results: Results) -> str:
    found = results.get("sockets", {})
    if not found:
        return ""
    rows = [[FRAMEWORKS[name].title, figure(value / 1024)] for name, value in found.items()]
    return "Memory of one idle WebSocket connection.\n\n" + table(["", "KiB"], rows)


def _who(results: Results) -> str:
    about = results["about"]
    rows = []
    for name, versions in about["versions"].items():
        framework = FRAMEWORKS[name]
        if not framework.variant:
            listed = ", ".join(f"{package} {version}" for package, version in versions.items())
            rows.append([framework.title, framework.server, listed, framework.by_hand or "nothing"])
    return table(["", "server", "versions", "by hand"], rows).replace("---:", "---")


def _tools(results: Results) -> str:
    """Say what made the load, who is missing, and what went wrong."""
    about = results["about"]
    tools = ", ".join(f"{tool} {version}" for tool, version in about["tools"].items()) or "none"
    lines = [f"Load generator: {tools}."]
    if about["missing"]:
        lines.append(f"\nLeft out, because they could not be installed: {', '.join(about['missing'])}.")
    if about["notes"]:
        lines += ["\nWhat went wrong in this run:\n", *(f"* {note}" for note in about["notes"])]
    return "\n".join(lines)


def _plots(results: Results) -> dict[str, str]:
    served = results.get("served", {})
    plots = {}
    for case in _SHOWN_IN_PLOT:
        values = {
            FRAMEWORKS[name].title: cpu
            for name in _names({case: served.get(case, {})})
            if (cpu := _cpu(served[case], name)) is not None
        }
        if values:
            ordered = dict(sorted(values.items(), key=lambda pair: pair[1]))
            plots[f"served-{case}.svg"] = plot.ranking(
                CASES[case].title, "µs of CPU per request", ordered, titles(["rapide", "rapide.fastapi"])
            )
    return plots
