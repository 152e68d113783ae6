"""Imports of FastAPI, and whether each name exists here."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from itertools import groupby

from rapide.cli.failures import describe_location
from rapide.cli.moving.findings import GUIDE, ON_BOTH_FACES, Finding, Severity
from rapide.cli.moving.sources import Project, Source

__all__ = ["imports"]

_MOVING = "docs/migrating/index.md#1-move-without-changing-anything"
_PLUGINS = "docs/migrating/index.md#packages-that-import-fastapi"


def imports(project: Project, source: Source) -> Iterator[Finding]:
    """What each import becomes; names that do not exist; packages that import FastAPI themselves."""
    for (line, module), entries in groupby(source.imports, key=lambda entry: (entry.line, entry.module)):
        package = module.partition(".")[0]
        names = [entry.name for entry in entries if entry.name is not None]
        if package == "fastapi":
            yield _of_fastapi(source, line, module, names)
        elif "fastapi" in package and package != "fastapi_cli":
            yield _finding(
                source,
                line,
                "warning",
                f"{package} imports FastAPI itself.",
                "Start with rapide run --alias-fastapi, or call alias_fastapi() before all other imports.",
                _PLUGINS,
            )


def _of_fastapi(source: Source, line: int, module: str, names: Sequence[str]) -> Finding:
    here = f"rapide.{module}"
    if not _exists(here):
        return _missing(source, line, f"The module {module} does not exist in Rapide.")
    absent = [name for name in names if name != "*" and not _has(here, name)]
    if absent:
        return _missing(source, line, f"{module} has no {', '.join(absent)} in Rapide.")
    remedy = f"Write {_written(here, names)}"
    native = module.replace("fastapi", "rapide", 1)
    renamed = ["Rapide" if name == "FastAPI" else name for name in names]
    if _exists(native) and all(name == "*" or _has(native, name) for name in renamed):
        remedy += f", and for the better defaults {_written(native, renamed)}"
    else:
        remedy += "; rapide has no such name, it is there for those who move over"
    return _finding(source, line, "note", f"{_written(module, names)} gives FastAPI.", f"{remedy}.", _MOVING)


def _written(module: str, names: Sequence[str]) -> str:
    return f"`from {module} import {', '.join(names)}`" if names else f"`import {module}`"


def _missing(source: Source, line: int, message: str) -> Finding:
    remedy = "Do without it, or say that you need it."
    return _finding(source, line, "error", message, remedy, f"{GUIDE}#{ON_BOTH_FACES}")


def _finding(source: Source, line: int, severity: Severity, message: str, remedy: str, link: str) -> Finding:
    location = describe_location(str(source.path.absolute()), line) or ""
    return Finding(severity, location, message, remedy, link, None)


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package above it is a module
        return False


def _has(module: str, name: str) -> bool:
    return hasattr(importlib.import_module(module), name) or _exists(f"{module}.{name}")
