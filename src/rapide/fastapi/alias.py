"""`import fastapi` gives `rapide.fastapi`: for applications whose plug-ins import FastAPI by name.

Called once, by the application or the command line, before anything else imports `fastapi`. Never called by
a library.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

__all__ = ["alias_fastapi"]

_REAL = "fastapi"
_OURS = "rapide.fastapi"


class _Loader(importlib.abc.Loader):
    """Hands out the module of the same place below `rapide.fastapi`."""

    def __init__(self, target: str) -> None:
        self._target = target

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return our module itself: one module, two names, so that classes keep their identity."""
        return importlib.import_module(self._target)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module has run under its own name."""


class _Finder(importlib.abc.MetaPathFinder):
    """Resolves `fastapi` and everything below it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for `fastapi` and its submodules, None for everything else."""
        if fullname != _REAL and not fullname.startswith(_REAL + "."):
            return None
        ours = _OURS + fullname[len(_REAL) :]
        if importlib.util.find_spec(ours) is None:
            return None
        return importlib.machinery.ModuleSpec(fullname, _Loader(ours), is_package=_is_package(ours))


def _is_package(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.submodule_search_locations is not None


def _is_ours(module: Any) -> bool:
    return str(getattr(module, "__name__", "")).startswith(_OURS)


def alias_fastapi() -> None:
    """Make `import fastapi`, and every submodule, give Rapide's. Calling it again does nothing.

    Raises:
        RuntimeError: The real FastAPI was imported before. Two frameworks in one process would each have
            classes of the same names that do not know each other.
    """
    loaded = [name for name in sys.modules if name == _REAL or name.startswith(_REAL + ".")]
    foreign = sorted(name for name in loaded if not _is_ours(sys.modules[name]))
    if foreign:
        raise RuntimeError(
            f"FastAPI is already imported ({foreign[0]}). Call alias_fastapi() before anything imports "
            "fastapi: at the top of the main module, or with `rapide run --alias-fastapi`."
        )
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    importlib.import_module(_REAL)
