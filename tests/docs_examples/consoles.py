"""Recorded terminals: commands of the documentation, and what they print.

`docs/examples/running/routes.console` holds lines that start with "$ ", each followed by what the command
prints, on either stream. The commands run in a copy of the folder of their chapter, with this interpreter as
`python` and this Rapide as `rapide`; `echo $?` prints the exit status of the command before it.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from loading import EXAMPLES, at_home

__all__ = ["Run", "console_files", "example_environment", "parse_console", "render_console", "run_console"]

_SOURCE = Path(__file__).resolve().parents[2] / "src"
_PROGRAMS = {
    "python": [sys.executable],
    "rapide": [sys.executable, "-m", "rapide"],
    "pytest": [sys.executable, "-m", "pytest"],
}
_LAST_STATUS = "echo $?"
_DURATION = re.compile(r" in \d+\.\d\ds")


@dataclass(frozen=True)
class Run:
    """One command and what it printed."""

    command: str
    output: str


def console_files() -> list[Path]:
    """Return all recorded terminals."""
    return sorted(EXAMPLES.rglob("*.console"))


def parse_console(text: str) -> list[Run]:
    """Return commands with their recorded outputs. Raises ValueError for text before the first command."""
    runs: list[Run] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            runs.append(Run(line[2:], ""))
        elif runs:
            runs[-1] = Run(runs[-1].command, f"{runs[-1].output}{line}\n")
        else:
            raise ValueError(f"not a command: {line!r}")
    return [Run(run.command, run.output.rstrip("\n")) for run in runs]


def render_console(runs: list[Run]) -> str:
    """Return the text of a file."""
    return "".join(f"$ {run.command}\n" + (f"{run.output}\n" if run.output else "") for run in runs)


def run_console(path: Path) -> list[Run]:
    """Run the commands of a file and return what they print today."""
    runs: list[Run] = []
    status = 0
    with at_home(path) as home:
        for run in parse_console(path.read_text("utf-8")):
            if run.command == _LAST_STATUS:
                runs.append(Run(run.command, str(status)))
                continue
            finished = _run(run.command, home)
            status = finished.returncode
            runs.append(Run(run.command, _without_places(finished.stdout, home).rstrip()))
    return runs


def example_environment() -> dict[str, str]:
    """Return the environment of examples: this Rapide, and none of the settings of whoever runs the tests."""
    settings = ("RAPIDE_", "FASTAPI_", "UVICORN_", "PYTEST_", "PORT", "WEB_CONCURRENCY", "LOG_LEVEL")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    return environment | {
        "COLUMNS": "88",
        "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(_SOURCE),
        "PYTHONUTF8": "1",
        "TERM": "dumb",
    }


def _run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    return subprocess.run(
        [*_PROGRAMS[program], *arguments],
        cwd=folder,
        env=example_environment(),
        encoding="utf-8",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )


def _without_places(text: str, folder: Path) -> str:
    """Return output without what no other run has: directories of this machine, durations."""
    text = _DURATION.sub(" in 0.10s", text)
    for place in (f"{folder}/", f"{_SOURCE}/", f"{sys.prefix}/"):
        text = text.replace(place, "")
    return "\n".join(line.rstrip() for line in text.splitlines())
