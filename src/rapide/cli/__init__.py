"""The `rapide` command.

In: arguments, the environment, pyproject.toml. Out: a running server, or text about an application.
It must not know how routes are analysed or compiled: it asks the application (`prepare`, `check`, `explain`,
`openapi`).

    commands.py       the commands and their arguments
    options.py        every setting of `dev` and `run`, written once
    configuration.py  flag > environment > pyproject.toml > default
    discover.py       which file, which module, which object
    serve.py          one plan of serving for `dev` and `run`; servers/ has one file per server
    target.py         what worker processes import instead of the application itself
    reload.py         restart when a file changes that the application uses
    logs.py           log lines as text or JSON
    routes.py, openapi.py, explain.py, check.py    the commands that look at an application
    failures.py       errors of the command line and their exit codes

Importing this package imports neither Typer nor a server nor an application.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["INSTALL_ADVICE", "main"]

INSTALL_ADVICE = (
    'The rapide command needs Typer and Rich. Install them with:\n\n    pip install "rapide[standard]"\n'
)
_OPTIONAL_PACKAGES = ("typer", "rich")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the `rapide` command.

    Args:
        arguments: what stands behind `rapide` on the command line; None reads `sys.argv`.

    Raises:
        SystemExit: always. 0: done, also after SIGTERM. 1: the command failed. 2: wrong usage. 3: the
            application or the server could not start.
    """
    try:
        from rapide.cli.commands import run_command
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _OPTIONAL_PACKAGES:
            raise
        print(INSTALL_ADVICE, file=sys.stderr, end="")
        raise SystemExit(1) from None
    run_command(arguments)
