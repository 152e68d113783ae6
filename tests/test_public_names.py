"""That the files for type checkers in `tests/typing` use all that is public."""

import ast
import functools
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

_TYPING = Path(__file__).parent / "typing"

_MODULES = (
    "rapide",
    "rapide.auth",
    "rapide.auth.users",
    "rapide.background",
    "rapide.concurrency",
    "rapide.datastructures",
    "rapide.exception_handlers",
    "rapide.exceptions",
    "rapide.fastapi",
    "rapide.health",
    "rapide.middleware",
    "rapide.param_functions",
    "rapide.params",
    "rapide.requests",
    "rapide.responses",
    "rapide.routing",
    "rapide.security",
    "rapide.sse",
    "rapide.staticfiles",
    "rapide.telemetry",
    "rapide.templating",
    "rapide.testclient",
    "rapide.testing",
    "rapide.websockets",
)

# Type checkers call them deprecated, and so report each use.
_DEPRECATED = {"ORJSONResponse", "UJSONResponse"}


@functools.cache
def _used() -> frozenset[str]:
    """Every name of the package that one of the files imports, with its module, or takes from a module."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(_TYPING.glob("*.py"))]
    return frozenset(name for tree in trees for name in _names(tree))


def _names(tree: ast.Module) -> Iterator[str]:
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            modules |= {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield f"{modules[node.value.id]}.{node.attr}"


@pytest.mark.parametrize("module", _MODULES)
def test_every_public_name_is_shown_to_the_type_checkers(module: str) -> None:
    """What a module lists in `__all__` is used in `tests/typing`, which mypy and pyright read."""
    public = set(importlib.import_module(module).__all__) - _DEPRECATED
    missing = sorted(name for name in public if f"{module}.{name}" not in _used())
    assert not missing, f"not used in tests/typing: {missing}"
