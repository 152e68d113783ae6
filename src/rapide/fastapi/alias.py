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
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import Distribution, DistributionFinder

__all__ = ["alias_fastapi"]

_REAL = "fastapi"
_OURS = "rapide.fastapi"


class _Announced(ModuleType):
    """What the import of one of our modules under FastAPI's name is announced with.

    Agents that hook into imports know a new module by its `__name__`, and replace functions of it.
    """

    def __init__(self, name: str, ours: ModuleType) -> None:
        super().__init__(name)
        self.__dict__["_ours"] = ours

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_ours"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        # importlib notes things like `__spec__` on a new module; ours has its own.
        holder = self.__dict__["_ours"] if not name.startswith("__") else super()
        holder.__setattr__(name, value)


class _Loader(importlib.abc.Loader):
    """Hands out the module of the same place below `rapide.fastapi`."""

    def __init__(self, target: str) -> None:
        self._target = target

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return what the import is announced with."""
        return _Announced(spec.name, importlib.import_module(self._target))

    def exec_module(self, module: ModuleType) -> None:
        """Give our module itself the name: one module, two names, so that classes keep their identity."""
        sys.modules[module.__name__] = sys.modules[self._target]


class _Finder(importlib.abc.MetaPathFinder):
    """Resolves `fastapi` and everything below it."""

    def __init__(self) -> None:
        self._found: dict[str, importlib.machinery.ModuleSpec] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return a spec for `fastapi` and its submodules, None for everything else."""
        if fullname != _REAL and not fullname.startswith(_REAL + "."):
            return None
        if fullname in self._found:
            return self._found[fullname]
        ours = _OURS + fullname[len(_REAL) :]
        if importlib.util.find_spec(ours) is None:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, _Loader(ours), is_package=_is_package(ours))
        self._found[fullname] = spec
        try:
            self._show_to_hooks(fullname, path, target)
        finally:
            del self._found[fullname]
        return spec

    def find_distributions(self, context: DistributionFinder.Context) -> Iterable[Distribution]:
        """Answer those who ask for FastAPI's version, with the one of our `__version__`."""
        if context.name != _REAL:
            return ()
        from rapide.fastapi._distribution import AliasedDistribution  # noqa: PLC0415 -- few ask

        return (AliasedDistribution(sys.modules[_OURS].__version__),)

    def _show_to_hooks(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None) -> None:
        """Let import hooks behind this finder do what they do: ask for the spec, and wrap its loader."""
        for finder in sys.meta_path:
            is_pythons_own = isinstance(finder, type)
            if finder is not self and not is_pythons_own:
                finder.find_spec(fullname, path, target)


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
    # Importing FastAPI imports most of its modules; agents look for those that are imported.
    for name in [name for name in sys.modules if name == _OURS or name.startswith(_OURS + ".")]:
        importlib.import_module(_REAL + name[len(_OURS) :])
