"""Which changes restart the application."""

import pathlib
import sys
import types

import pytest
from watchfiles import Change

from rapide.cli.imports import REPORT_VARIABLE, ImportReport, imported_files, report_imports
from rapide.cli.reload import UsedFilesFilter


@pytest.fixture
def report(project, monkeypatch):
    """A report, with its variable taken back after the test; `project` clears the environment first."""
    monkeypatch.setenv(REPORT_VARIABLE, "")
    made = ImportReport.create()
    yield made
    made.remove()


@pytest.mark.parametrize(
    ("path", "restarts"),
    [
        ("/project/main.py", True),
        ("/project/unused.py", False),
        ("/project/templates/page.html", True),
        ("/project/data.db", False),
        ("/project/main.pyc", False),
        ("/project/.venv/lib/main.py", False),
        ("/project/node_modules/main.py", False),
        ("/project/__pycache__/main.py", False),
        ("/project/.git/main.py", False),
    ],
)
def test_only_used_and_included_files_restart(path, restarts):
    """Python files count when the application imports them, others when a pattern says so, caches never."""
    wanted = UsedFilesFilter(lambda file: file.endswith("main.py"), include=["*.html"])
    assert wanted(Change.modified, path) is restarts


def test_the_report_names_the_files_of_the_process(report, project, monkeypatch):
    """The serving process writes, the supervising process reads."""
    module = types.ModuleType("used")
    module.__file__ = str(project.write("used.py", ""))
    monkeypatch.setitem(sys.modules, "used", module)
    report_imports(failed=False)
    assert report.path.exists()
    assert report.uses(module.__file__)
    assert not report.uses(str(project.write("unused.py", "")))


def test_any_file_counts_when_the_application_could_not_be_loaded(report):
    """The file that mends it may be one that nobody has imported yet."""
    report_imports(failed=True)
    assert report.uses("/anywhere/new.py")


def test_any_file_counts_before_anything_is_known(report):
    """A change while the application still loads must not be lost."""
    assert report.uses("/anywhere/new.py")
    report_imports(failed=False)
    report.clear()
    assert report.uses("/anywhere/new.py")


def test_nothing_is_written_when_nobody_reads(monkeypatch, report):
    """Without a supervisor there is no report; after it has gone there is none either."""
    report.remove()
    report_imports(failed=True)
    assert not report.path.exists()
    monkeypatch.delenv(REPORT_VARIABLE)
    report_imports(failed=True)
    assert not report.path.exists()


def test_files_are_compared_where_links_lead(report, project, monkeypatch):
    """Editable installs and containers reach the same file under several names."""
    real = project.write("real/mod.py", "")
    pathlib.Path(project.folder / "link").symlink_to(project.folder / "real")
    module = types.ModuleType("linked")
    module.__file__ = str(project.folder / "link" / "mod.py")
    monkeypatch.setitem(sys.modules, "linked", module)
    assert str(real) in imported_files()
    report_imports(failed=False)
    assert report.path.exists()
    assert report.uses(module.__file__)
