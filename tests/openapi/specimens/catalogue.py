"""All specimens by the module that they are in."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from specimens.target import SPECIMENS

__all__ = ["documents_of", "modules"]

# Not specimens: what the others are written with.
_SUPPORT = {"__init__", "catalogue", "other", "target"}


def modules() -> list[str]:
    """Return the names of the modules with specimens."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in _SUPPORT)


def documents_of(module: str) -> dict[str, Callable[[], Any]]:
    """Return the functions that make the applications of a module, by name."""
    full_name = f"specimens.{module}"
    import_module(full_name)
    return {name: make for name, make in SPECIMENS.items() if make.__module__ == full_name}
