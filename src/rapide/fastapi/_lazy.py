"""Names that cost something to load, in modules that have to have them."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["load_on_demand", "load_submodules"]


def load_on_demand(module: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """Return a `__getattr__` for `module` (PEP 562).

    `places` says where each name is to be found: "module" for the same name there, "module:name" for another.
    """

    def get_attribute(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        place, _, other = places[name].partition(":")
        try:
            return getattr(import_module(place), other or name)
        except ModuleNotFoundError as error:  # an optional package
            raise AttributeError(f"{module}.{name} needs the package {error.name}") from error

    return get_attribute


def load_submodules(package: str, *names: str) -> Callable[[str], Any]:
    """Return a `__getattr__` for `package` that gives submodules of these `names` without an import."""

    def get_attribute(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return import_module(f"{package}.{name}")

    return get_attribute
