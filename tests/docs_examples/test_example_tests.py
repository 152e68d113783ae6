"""The tests that the pages show pass as a reader runs them: by plain pytest, in the folder of the chapter."""

import subprocess
import sys
from pathlib import Path

import pytest
from consoles import example_environment
from loading import EXAMPLES, at_home

_FILES = sorted(EXAMPLES.rglob("test_*.py"))


@pytest.mark.parametrize("path", _FILES, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_example_test_passes(path: Path) -> None:
    """Every test of an example passes, and a warning is a failure."""
    with at_home(path) as home:
        finished = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-W", "error", path.name],
            cwd=home,
            env=example_environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert finished.returncode == 0, finished.stdout
