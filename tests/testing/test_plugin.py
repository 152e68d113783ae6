"""The plugin for pytest."""

import importlib.metadata
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]

_IMPORTS_FASTAPI = """
import fastapi
from fastapi.routing import APIRouter

import rapide.fastapi


def test_identity():
    assert fastapi.FastAPI is rapide.fastapi.FastAPI
    assert APIRouter is rapide.fastapi.APIRouter
"""


def _entry_points():
    return tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]


def _pytest(folder, *options):
    """Run pytest in a folder where Rapide is installed with its entry point, or as if it were."""
    arguments = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    if not importlib.metadata.entry_points(group="pytest11", name="rapide"):
        arguments += ["-p", _entry_points()["rapide"]]
    environment = {**os.environ, "PYTHONPATH": str(_ROOT / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*arguments, *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path):
    """A project with its own settings and a conftest that imports FastAPI."""
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (tmp_path / "conftest.py").write_text("import fastapi\n")
    (tmp_path / "test_imports.py").write_text(_IMPORTS_FASTAPI)
    return tmp_path


def test_the_entry_point_is_declared():
    """The plugin is found under the name of the package."""
    assert _entry_points() == {"rapide": "_rapide_pytest"}


def test_alias_is_set_before_conftest_files_are_imported(folder):
    """With the option, `import fastapi` gives rapide.fastapi in conftest files and tests."""
    done = _pytest(folder, "--alias-fastapi")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_alias_can_be_asked_for_in_the_settings(folder):
    """`addopts` of the project's settings work as well as the command line."""
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\naddopts = --alias-fastapi\n")
    done = _pytest(folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_alias_is_refused_when_fastapi_is_there_already(folder):
    """A plugin that imported another FastAPI first is an error of usage, said in one line."""
    (folder / "early.py").write_text(
        "import sys, types\nsys.modules['fastapi'] = types.ModuleType('fastapi')  # stands for the real one\n"
    )
    done = _pytest(folder, "-p", "early", "--alias-fastapi")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--alias-fastapi: FastAPI is already imported" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_the_option_nothing_of_the_framework_is_imported(tmp_path):
    """A run that does not ask for anything does not pay for anything."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_modules.py").write_text(
        "import sys\n\n\ndef test_modules():\n    assert '_rapide_pytest' in sys.modules\n"
        "    assert not {'rapide', 'fastapi', 'starlette', 'pydantic'} & set(sys.modules)\n"
    )
    done = _pytest(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
