"""What the command line can fail with, as text for people and as an exit code for scripts.

CommandError                 1   no application found, wrong configuration, an unknown route or code
├── UsageError               2   options that contradict each other (Typer's own usage errors are 2 as well)
└── StartupError             3   the application or the server could not start
    └── ImportFailedError    3   the application's module raised while it was imported
"""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType

from rapide.errors import DeclarationError

__all__ = [
    "CommandError",
    "ImportFailedError",
    "StartupError",
    "UsageError",
    "describe_location",
    "user_traceback",
]

_OWN_FOLDER = str(Path(__file__).parent)


class CommandError(Exception):
    """A command cannot do its work.

    Args:
        message: one sentence that says what is wrong.
        remedy: what to do about it, or None.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def text(self, *, verbose: bool = False) -> str:
        """Return the whole message; `verbose` asks for what is normally left out."""
        return f"{self.message}\n  What to do: {self.remedy}" if self.remedy else self.message


class UsageError(CommandError):
    """Options that contradict each other."""

    exit_code = 2


class StartupError(CommandError):
    """The application or the server could not start."""

    exit_code = 3


class ImportFailedError(StartupError):
    """The application's module raised while it was imported; `cause` is what it raised."""

    def __init__(self, module: str, cause: BaseException, *, remedy: str | None = None) -> None:
        super().__init__(f'"{module}" could not be imported.', remedy=remedy)
        self.module = module
        self.cause = cause

    def text(self, *, verbose: bool = False) -> str:
        """Return the declaration mistake, or the traceback from the user's first frame on."""
        if isinstance(self.cause, DeclarationError) and not verbose:
            return describe_declaration_error(self.cause)
        trace = user_traceback(self.cause, whole=verbose)
        return f"{super().text()}\n{trace}".rstrip()


def describe_declaration_error(error: DeclarationError) -> str:
    """Return a declaration mistake the way `rapide check` prints problems."""
    location = describe_location(error.file, error.line)
    lines = [f"{error.code}: {error.message}"]
    if location:
        lines.append(f"  Where: {location}")
    lines += [
        f"  What to do: {error.remedy}",
        f"  More: rapide explain-error {error.code}",
    ]
    return "\n".join(lines)


def describe_location(file: str | None, line: int | None) -> str | None:
    """Return `file:line`, relative to the current directory where that is shorter; None without a file."""
    if not file:
        return None
    path = Path(file)
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return f"{path}:{line}" if line else str(path)


def user_traceback(error: BaseException, *, whole: bool = False) -> str:
    """Return the traceback of an error at import, without our frames and those of the import system.

    Args:
        error: what the import raised.
        whole: keep every frame.

    Returns:
        What Python would print; only the last lines of it when no frame of the user's is left.
    """
    if whole:
        return "".join(traceback.format_exception(error))
    if isinstance(error, SystemExit):
        return f"It called sys.exit({error.code!r}) while it was imported."
    trace = error.__traceback__
    while trace is not None and _is_machinery(trace):
        trace = trace.tb_next
    shown = traceback.TracebackException(type(error), error, trace, compact=True)
    return "".join(shown.format())


def _is_machinery(trace: TracebackType) -> bool:
    file = trace.tb_frame.f_code.co_filename
    return file.startswith((_OWN_FOLDER, "<frozen importlib")) or file.endswith(
        ("importlib/__init__.py", r"importlib\__init__.py")
    )
