"""Writes down how each package did: `docs/generated/packages.txt`, a table for the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running import Environment

__all__ = ["Results"]

_TABLE = Path(__file__).parent.parent.parent / "docs" / "generated" / "packages.txt"


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
        """Note a test that ran, or one that could not begin."""
        report: pytest.TestReport = yield
        marker = item.get_closest_marker("package")
        if marker and (report.when == "call" or not report.passed):
            package, environment = marker.args
            flow = " ".join(item.function.__doc__.split())
            version = Environment(environment, Path()).version(package)
            outcome = {"passed": "works", "failed": "fails", "skipped": "not run"}[report.outcome]
            self._results.add(_Result(package, version, flow, outcome))
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the table, unless a test could not run here."""
        if not self._write or any(result.outcome == "not run" for result in self._results):
            return
        today = datetime.now(tz=UTC).date()
        head = ["| package | version | what it does in the test | result |", "|---|---|---|---|"]
        rows = [str(result) for result in sorted(self._results)]
        text = "\n".join([*head, *rows, "", f"Run on {today}.", ""])
        _TABLE.write_text(text, "utf-8")
