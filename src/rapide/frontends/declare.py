"""Declaring a frontend: its path, its directory, and what must be there already."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path
from typing import Literal

from rapide.errors import FrontendError, RouterError
from rapide.frontends.serve import INDEX, NOT_FOUND, Fallback, Frontend

__all__ = ["CheckDirectory", "Fallback", "declare_frontend", "frontend_path"]

CheckDirectory = bool | Literal["auto"]

_FALLBACKS = ("auto", INDEX, NOT_FOUND, None)
_PACKAGE = str(Path(__file__).parent.parent)


def frontend_path(path: str) -> str:
    """Return the path of a frontend without its trailing slash; that of "/" is empty. Raises RouterError."""
    if not path:
        raise RouterError("RAP204", "A frontend path cannot be empty")
    if not path.startswith("/"):
        raise RouterError("RAP204", f"A frontend path must start with '/': {path!r}")
    return path.rstrip("/")


def declare_frontend(
    directory: str | os.PathLike[str], fallback: Fallback, check_dir: CheckDirectory
) -> Frontend:
    """Return a frontend whose directory has been looked at, as far as `check_dir` asks for it.

    Raises RouterError for an unknown fallback, FrontendError for a missing directory or fallback file.
    """
    if fallback not in _FALLBACKS:
        names = "'auto', 'index.html', '404.html', or None"
        raise RouterError("RAP305", f"fallback must be {names}, not {fallback!r}")
    frontend = Frontend(directory, fallback)
    developing = check_dir == "auto" and _is_development()
    if check_dir and not frontend.is_present():
        resolved = f"Resolved absolute path: {str(frontend.directory)!r}"
        message = f"Frontend directory {str(directory)!r} does not exist. {resolved}"
        if not developing:
            raise FrontendError("RAP306", message)
        level = _level_of_caller()
        warnings.warn(f"{message}. It is served as soon as it exists.", UserWarning, stacklevel=level)
    elif check_dir and not developing:
        _check_fallback(frontend, str(directory))
    return frontend


def _check_fallback(frontend: Frontend, directory: str) -> None:
    name = frontend.fallback
    if name in (INDEX, NOT_FOUND) and not frontend.has_file(name):
        raise FrontendError(
            "RAP307",
            f"Frontend fallback file {name!r} does not exist in directory {directory!r}. "
            f"Resolved absolute directory: {str(frontend.directory)!r}",
        )


def _is_development() -> bool:
    """Tell whether the application is being developed: the build of its frontend may then come later."""
    return any(os.environ.get(name) == "development" for name in ("RAPIDE_ENV", "FASTAPI_ENV"))


def _level_of_caller() -> int:
    """Return the stack level at which a warning shows the first line outside this framework."""
    level, frame = 1, sys._getframe(1)  # noqa: SLF001 -- the documented way to a caller's frame
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    return level
