"""`fastapi.cli`: the command line under FastAPI's module name."""

from __future__ import annotations

import importlib
import importlib.util
import sys

__all__ = ["main"]


def main() -> None:
    """Run the `rapide` command.

    Raises:
        RuntimeError: Typer or Rich is not installed; advice goes to stderr first.
        SystemExit: in every other case, with the command's exit code.
    """
    # By name: rapide.cli stands above this package, whose alias_fastapi() it calls.
    command = importlib.import_module("rapide.cli")
    if any(importlib.util.find_spec(package) is None for package in ("typer", "rich")):
        print(command.INSTALL_ADVICE, file=sys.stderr, end="")  # noqa: T201 - the command line speaks to people
        raise RuntimeError(command.INSTALL_ADVICE)
    command.main()
