"""Loading the examples of the documentation, each as if it were the first thing that Python imports."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

__all__ = ["DOCS", "EXAMPLES", "RECORD_AGAIN", "at_home", "loaded"]

DOCS = Path(__file__).resolve().parents[2] / "docs"
EXAMPLES = DOCS / "examples"
RECORD_AGAIN = "If the page is what is wrong: python tests/docs_examples/record.py, and read the difference."
# When all files were last changed, as far as responses tell: a checkout has no dates of its own.
_MODIFIED = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


@contextmanager
def at_home(file: Path) -> Iterator[Path]:
    """Make a copy of the chapter that a file belongs to the working directory, and remove it in the end.

    A reader's working directory is the folder of the chapter; what an example writes there must not stay.
    """
    chapter = EXAMPLES / file.relative_to(EXAMPLES).parts[0]
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve() / chapter.name
        shutil.copytree(chapter, home)
        for copied in home.rglob("*"):
            os.utime(copied, (_MODIFIED, _MODIFIED))
        os.chdir(home)
        try:
            yield home
        finally:
            os.chdir(before)


@contextmanager
def loaded(file: Path) -> Iterator[ModuleType]:
    """Import an example in its chapter's folder and forget it in the end: no state passes to the next."""
    with at_home(file) as home:
        before = set(sys.modules)
        sys.path.insert(0, str(home))
        importlib.invalidate_caches()
        try:
            yield importlib.import_module(_module_name(file))
        finally:
            sys.path.remove(str(home))
            for name in [name for name in set(sys.modules) - before if _lies_in(sys.modules[name], home)]:
                del sys.modules[name]


def _module_name(file: Path) -> str:
    return ".".join(file.relative_to(EXAMPLES).with_suffix("").parts[1:])


def _lies_in(module: ModuleType, folder: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).is_relative_to(folder)
