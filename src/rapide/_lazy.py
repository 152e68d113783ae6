"""Names that cost something to load, in modules that have to have them."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["load_on_demand", "load_submodules"]


def load_on_demand(module: str, homes: Mapping[str, str], *, optional: bool = False) -> Callable[[str], Any]:
    """Return a `__getattr__` for `module` (PEP 562) that imports a name when somebody first uses it.

    `homes` says where each name is to be found: "module" for the same name there, "module:name" for another.
    Names whose package is not installed are no attributes if `optional`; otherwise they raise
    ModuleNotFoundError, which names the package.
    """

    def get_attribute(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        home, _, other = homes[name].partition(":")
        try:
            value = getattr(import_module(home), other or name)
        except ModuleNotFoundError as error:
            if not optional:
                raise
            raise AttributeError(f"{module}.{name} needs the package {error.name}") from error
        setattr(sys.modules[module], name, value)
        return value

    return get_attribute


def load_submodules(package: str, *names: str) -> Callable[[str], Any]:
    """Return a `__getattr__` for `package` that gives submodules of these `names` without an import."""

    def get_attribute(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return import_module(f"{package}.{name}")

    return get_attribute
