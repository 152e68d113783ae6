"""Writes down how each package did: `docs/generated/packages.txt`, a table for the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running import Environment

__all__ = ["Results"]

_TABLE = Path(__file__).parent.parent.parent / "docs" / "generated" / "packages.txt"
_PROPERTY = "rapide-ecosystem"


@dataclass(frozen=True, order=True)
class _Result:
    package: str
    version: str
    flow: str
    outcome: str

    def __str__(self) -> str:
        return f"| {self.package} | {self.version} | {self.flow} | {self.outcome} |"


class Results:
    """A pytest plug-in: takes note of every test that names a package."""

    def __init__(self, *, write: bool) -> None:
        self._write = write
        self._results: set[_Result] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> pytest.TestReport:
        """Say on a report which package it is about: it may come from another process."""
        report: pytest.TestReport = yield
        marker = item.get_closest_marker("package")
        if marker and (report.when == "call" or not report.passed):
            package, environment = marker.args
            flow = " ".join(item.function.__doc__.split())
            outcome = {"passed": "works", "failed": "fails", "skipped": "not run"}[report.outcome]
            version = Environment(environment, Path()).version(package)
            report.user_properties.append((_PROPERTY, [package, version, flow, outcome]))
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a test that ran, or could not begin."""
        self._results |= {_Result(*value) for name, value in report.user_properties if name == _PROPERTY}

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the table, unless a test could not run here."""
        in_worker = hasattr(session.config, "workerinput")
        if not self._write or in_worker or any(result.outcome == "not run" for result in self._results):
            return
        today = datetime.now(tz=UTC).date()
        head = ["| package | version | what it does in the test | result |", "|---|---|---|---|"]
        rows = [str(result) for result in sorted(self._results)]
        text = "\n".join([*head, *rows, "", f"Run on {today}.", ""])
        _TABLE.write_text(text, "utf-8")
