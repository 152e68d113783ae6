"""Which files a serving process has imported: written by it, read by the process that restarts it.

One line per file. An absent report says that nothing is known yet, and a report with a `*` line that any file
may
matter: the application could not be loaded.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

__all__ = ["REPORT_VARIABLE", "ImportReport", "report_imports"]

REPORT_VARIABLE = "RAPIDE_IMPORT_REPORT"

_ANY_FILE = "*"
_SECONDS_BETWEEN_REPORTS = 1.0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The reader's side: a file in a directory of its own."""

    path: Path

    @classmethod
    def create(cls) -> ImportReport:
        """Make room for a report, and let child processes know where."""
        path = Path(tempfile.mkdtemp(prefix="rapide-")) / "imports"
        os.environ[REPORT_VARIABLE] = str(path)
        return cls(path)

    def uses(self, file: str) -> bool:
        """Return whether the process imported this file, or might have."""
        try:
            lines = self.path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        except FileNotFoundError:
            return True
        return _ANY_FILE in lines or os.path.realpath(file) in lines

    def clear(self) -> None:
        """Forget what the previous process imported."""
        self.path.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove file and directory, also what a process left that was killed while it wrote."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def report_imports(*, failed: bool) -> None:
    """Write the report now, and again whenever this process has imported more (functions import, too).

    Args:
        failed: the application could not be loaded.
    """
    path = os.environ.get(REPORT_VARIABLE)
    if path is None:  # nobody reads it: a reloader of Uvicorn's own
        return
    _write(Path(path), {_ANY_FILE} if failed else imported_files())
    if not failed:
        threading.Thread(
            target=_keep_reporting, args=(Path(path),), daemon=True, name="rapide-imports"
        ).start()


def imported_files() -> set[str]:
    """Return the source files of all modules that are loaded in this process."""
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    return {os.path.realpath(file) for file in files if file and file.endswith(".py")}


def _keep_reporting(path: Path) -> None:
    pause = threading.Event()
    known = len(sys.modules)
    while not pause.wait(_SECONDS_BETWEEN_REPORTS):
        if len(sys.modules) != known:
            known = len(sys.modules)
            _write(path, imported_files())


def _write(path: Path, lines: set[str]) -> None:
    """Replace the file at once, so that a reader never sees half of it."""
    if not path.parent.is_dir():  # the reloader has gone
        return
    unfinished = path.with_suffix(".new")
    unfinished.write_text("\n".join(sorted(lines)), encoding="utf-8", errors="surrogateescape")
    unfinished.replace(path)
