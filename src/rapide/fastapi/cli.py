"""`fastapi.cli`: the command line under FastAPI's module name."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable

__all__ = ["cli_main", "main"]

_ADVICE = (
    'To use the fastapi command, please install "rapide[standard]":\n\n\tpip install "rapide[standard]"\n'
)


def _run() -> None:
    # By name: rapide.cli stands above this package, whose alias_fastapi() it calls.
    importlib.import_module("rapide.cli").main()


cli_main: Callable[[], None] | None = _run
"""What runs the command; None where there is none."""


def main() -> None:
    """Run the `rapide` command.

    Raises:
        RuntimeError: Typer or Rich is not installed; advice goes to stderr first.
        SystemExit: in every other case, with the command's exit code.
    """
    missing = any(importlib.util.find_spec(package) is None for package in ("typer", "rich"))
    if cli_main is None or missing:
        print(_ADVICE, file=sys.stderr, end="")  # noqa: T201 - the command line speaks to people
        raise RuntimeError(_ADVICE)
    cli_main()
