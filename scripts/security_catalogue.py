"""Makes `docs/security-catalogue.md`: the rows of the catalogue, their tests, their results on frameworks."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests" / "security_catalogue"
PAGE = ROOT / "docs" / "security-catalogue.md"
FACES = ("rapide", "rapide.fastapi", "fastapi", "litestar")
SECTIONS = {
    "JSN": "JSON bodies",
    "BOD": "Framing and media types of bodies",
    "FRM": "Forms and uploads",
    "RTE": "Routing",
    "HST": "Host, targets, proxies",
    "HDR": "Response headers",
    "CKE": "Cookies",
    "COR": "Cross-origin requests",
    "STA": "Static files and ranges",
    "WSK": "WebSockets",
    "SSE": "Streams and server-sent events",
    "DOC": "Documentation pages and document",
    "ERR": "Faults",
    "LOG": "Logs",
    "DAT": "Data that leaves",
    "CON": "Concurrency and clean-up",
    "LIF": "Start and stop",
    "SUP": "Supply chain",
}

Results = dict[str, dict[str, dict[str, Any]]]


def run(python: str, faces: str, record: Path, *options: str) -> None:
    """Run the catalogue on some faces; results are appended to `record`."""
    environment = {**os.environ, "CATALOGUE_FACES": faces, "CATALOGUE_RECORD": str(record)}
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", *options, str(TESTS)]
    subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False)


def collect(record: Path) -> Results:
    """Return test → face → outcome, with the rows and the promise of each test."""
    results: Results = defaultdict(dict)
    for line in record.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        for face in [entry["face"]] if entry["face"] else ["rapide"]:
            known = results[entry["test"]].setdefault(
                face,
                {"rows": entry["rows"], "promise": entry["promise"], "outcomes": set(), "as_fastapi": None},
            )
            known["outcomes"].add(entry["outcome"])
            known["as_fastapi"] = known["as_fastapi"] or entry["as_fastapi"]
    return results


def mark(result: dict[str, Any] | None) -> str:
    """Return what the table says of a test on a framework."""
    if result is None or result["outcomes"] == {"skipped"}:
        return "."
    if "failed" in result["outcomes"]:
        return "no"
    return "as FastAPI" if result["as_fastapi"] else "**yes**"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def page(results: Results) -> str:
    """Return the page."""
    lines = [
        "# Catalogue of hostile inputs",
        "",
        "Made by `scripts/security-catalogue` from the results of its tests. Each line is a test:",
        "what is promised, and whether it holds. [Security](security.md) says what the promises are for.",
        "",
        "* **yes**: the promise holds. *no*: it does not. A dot: the framework has no such part,",
        "  or the same application cannot be written there.",
        "* *as FastAPI*: on `rapide.fastapi` the answer of FastAPI is the promise, and the test asserts it.",
        "* FastAPI and Litestar run with their default settings, in the versions of `requirements/`.",
        "",
        _totals(results),
    ]
    by_section: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for test, faces in results.items():
        rows = next(iter(faces.values()))["rows"]
        by_section[rows[0].partition("-")[0]].append((", ".join(rows), test))
    for section, title in SECTIONS.items():
        if section in by_section:
            lines += _table(title, sorted(by_section[section]), results)
    return "\n".join([*lines, *_elsewhere(), *_without_test()]) + "\n"


def _elsewhere() -> list[str]:
    """Return the table of rows whose tests stand beside others of their part."""
    from test_rows import rows_with_tests  # noqa: PLC0415 -- found through the path that `main` sets

    lines = ["", "## Tested elsewhere in the suite", ""]
    lines += ["`scripts/test` runs them with every change.", ""]
    lines += ["| row | tests |", "|---|---|"]
    for row, tests in sorted(rows_with_tests().items()):
        others = [test for test in tests if not test.startswith(TESTS.name)]
        if others:
            lines.append(f"| {row} | {', '.join(f'`{test}`' for test in others)} |")
    return lines


def _without_test() -> list[str]:
    """Return the table of rows of ranks 1 and 2 that no test names."""
    from catalogue_rows import WITHOUT_TEST  # noqa: PLC0415 -- found through the path that `main` sets

    lines = ["", "## Without a test", "", "| row | why |", "|---|---|"]
    return [*lines, *(f"| {row} | {reason} |" for row, reason in sorted(WITHOUT_TEST.items()))]


def _totals(results: Results) -> str:
    rows = {row for faces in results.values() for result in faces.values() for row in result["rows"]}
    parts = []
    for face in FACES:
        marks = [mark(faces.get(face)) for faces in results.values()]
        counted = ", ".join(
            f"{marks.count(kind)} {kind.strip('*')}"
            for kind in ("**yes**", "as FastAPI", "no")
            if kind in marks
        )
        parts.append(f"| {face} | {counted} |")
    head = [f"{len(rows)} rows, {len(results)} tests.", "", "| | tests |", "|---|---|"]
    return "\n".join([*head, *parts])


def _table(title: str, tests: list[tuple[str, str]], results: Results) -> list[str]:
    lines = ["", f"## {title}", "", "| row | promise | Rapide | rapide.fastapi | FastAPI | Litestar |"]
    lines.append("|---|---|---|---|---|---|")
    for rows, test in tests:
        faces = results[test]
        promise = _cell(next(iter(faces.values()))["promise"])
        marks = " | ".join(mark(faces.get(face)) for face in FACES)
        lines.append(f"| {rows} | {promise} `{test.partition('::')[2]}` | {marks} |")
    return lines


def main() -> int:
    """Run everything and write the page; 1 when a promise does not hold on Rapide, or the page is old."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("--peers", default=str(ROOT / ".venv-catalogue"), help="where their environments are")
    options = parser.parse_args()
    sys.path.append(str(TESTS))
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "results"
        run(sys.executable, "rapide,rapide.fastapi", record)
        alone = [
            "-c",
            os.devnull,
            "--rootdir",
            str(TESTS),
            "--confcutdir",
            str(TESTS),
            "--import-mode=importlib",
        ]
        for peer in ("fastapi", "litestar"):
            # What is about files of this repository is no matter of a peer's.
            others = ["-W", "ignore", "-k", "not sup_", "--continue-on-collection-errors"]
            run(f"{options.peers}/{peer}/bin/python", peer, record, *alone, *others)
        results = collect(record)
    failed = [test for test, faces in results.items() for face in FACES[:2] if mark(faces.get(face)) == "no"]
    for test in failed:
        print(f"does not hold: {test}")
    text = page(results)
    if options.check:
        return 1 if failed or text != PAGE.read_text(encoding="utf-8") else 0
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(results)} tests")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
