"""Writes `docs/scale.md` and its plots from the results of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench import plot
from bench.frameworks import FRAMEWORKS
from bench.results import ratio
from bench.tables import figure, fill, measured_on, table, times, titles

__all__ = ["write"]

Results = Mapping[str, Any]
# By framework, then by size.
Curves = Mapping[str, Mapping[str, float]]


def write(results: Results) -> tuple[str, dict[str, str]]:
    """Return the text of the page and its plots by file name."""
    plots: dict[str, str] = {}
    growth = results.get("growth", {})
    parts = {
        "measured_on": measured_on(results["about"]),
        "routes": _curves(plots, "routes-last", ("Last route", "routes"), _of_routes(results, "last")),
        "flatness": _flatness(results),
        "missing": _curves(plots, "routes-missing", ("404", "routes"), _of_routes(results, "missing")),
        "depth": _curves(plots, "depth", ("Depth of dependencies", "dependencies"), growth.get("depth", {})),
        "body": _curves(plots, "body", ("Items in the body", "items"), growth.get("body", {})),
        "list": _curves(plots, "list", ("Items in the answer", "items"), growth.get("list", {})),
        "connections": _curves(
            plots, "connections", ("Open connections", "connections"), _of_connections(results)
        ),
        "refused": _connections_refused(results),
        "memory": _memory(results),
        "workers": _workers(results),
    }
    return fill("scale.md", parts), plots


def _of_routes(results: Results, kind: str) -> Curves:
    return {name: kinds[kind] for name, kinds in results.get("routes", {}).items() if kind in kinds}


def _of_connections(results: Results) -> Curves:
    return {
        name: {count: values["cpu"] for count, values in by_count.items() if "cpu" in values}
        for name, by_count in results.get("connections", {}).items()
    }


def _curves(plots: dict[str, str], name: str, words: tuple[str, str], curves: Curves) -> str:
    """Draw curves and write their table, in microseconds of CPU per request."""
    title, unit = words
    there = {key: curves[key] for key in FRAMEWORKS if curves.get(key)}
    if not there:
        return "Not measured in this run.\n"
    plots[f"{name}.svg"] = plot.lines(
        title,
        unit,
        "µs of CPU per request",
        {
            FRAMEWORKS[key].title: [(float(size), value) for size, value in of.items()]
            for key, of in there.items()
        },
    )
    sizes = list(dict.fromkeys(size for of in there.values() for size in of))
    rows = [[f"{int(size):,}", *(figure(of.get(size)) for of in there.values())] for size in sizes]
    return f"![{title}](plots/{name}.svg)\n\n{table([unit, *titles(list(there))], rows)}"


def _flatness(results: Results) -> str:
    """Say by how much the last of all routes costs more than the first of the fewest."""
    lines = []
    for name, kinds in results.get("routes", {}).items():
        if name not in ("rapide", "rapide.fastapi", "fastapi") or not {"first", "last"} <= kinds.keys():
            continue
        fewest, most = next(iter(kinds["first"])), list(kinds["last"])[-1]
        grown = ratio(kinds["last"][most], kinds["first"][fewest])
        title = FRAMEWORKS[name].title
        lines.append(
            f"* {title}: the last of {int(most):,} routes takes {times(grown)} the first of {fewest}."
        )
    return "\n".join([*lines, ""]) if lines else ""


def _connections_refused(results: Results) -> str:
    lines = [
        f"* {FRAMEWORKS[name].title}: {values['errors']:,.0f} of {int(count):,} were refused or timed out."
        for name, by_count in results.get("connections", {}).items()
        for count, values in by_count.items()
        if values.get("errors")
    ]
    return "\n".join(["Not all connections were served:\n", *lines, ""]) if lines else ""


def _memory(results: Results) -> str:
    found = results.get("connections", {})
    rows = []
    for name, by_count in found.items():
        if by_count:
            most = list(by_count)[-1]
            rows.append(
                [FRAMEWORKS[name].title, f"{int(most):,}", figure(max(0.0, by_count[most]["bytes"]) / 1024)]
            )
    return (
        f"Memory that the server needs for each of them.\n\n{table(['', 'connections', 'KiB each'], rows)}"
        if rows
        else ""
    )


def _workers(results: Results) -> str:
    rows = []
    for name, by_count in results.get("workers", {}).items():
        for count, values in by_count.items():
            rows.append(
                [
                    FRAMEWORKS[name].title,
                    count,
                    figure(values.get("rate")),
                    figure(values.get("cpu")),
                    figure(values["resident"] / 1024**2),
                ]
            )
    return table(["", "workers", "requests per second", "µs of CPU per request", "memory of all, MiB"], rows)
