"""The kinds in the order in which they are asked: the first that claims a parameter has it.

Explicit markers decide by themselves, so their order does not matter. Without a marker: the connection's own
types, names of the path, files, query (what fits into text), and the body for all the rest.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from rapide._pydantic import Undefined
from rapide._run.sources import Sources
from rapide.inputs import body, connection, cookie, form, header, path, query
from rapide.inputs.base import Errors, Parameter
from rapide.plan.nodes import Connection, Input

__all__ = ["KINDS", "READ_ORDER", "claim_parameter", "kind_of", "read_input"]

CLAIM_ORDER: tuple[ModuleType, ...] = (connection, path, header, cookie, form, query, body)

KINDS: dict[str, ModuleType] = {
    "path": path,
    "query": query,
    "header": header,
    "cookie": cookie,
    "body": body,
    "form": form,
}

# The order of reading, and so of errors.
READ_ORDER = tuple(KINDS)


# Defaults that cannot change and are what they equal, which -0.0 is not.
_PLAIN_DEFAULTS = frozenset({type(Undefined), type(None), bool, int, str})

_shared: dict[Any, Input | Connection] = {}
# What applications declare is finite; what a process declares in its tests need not be.
_MOST_SHARED = 4096


def claim_parameter(parameter: Parameter) -> Input | Connection | None:
    """Return the plan node of a parameter; None when no kind wants it.

    Those that say the same have the same node: a large application has many a `limit: int = 20`.
    """
    key = _key_of(parameter)
    try:
        node = _shared.get(key) if key is not None else None
    except TypeError:  # a type that cannot be hashed
        key = node = None
    if node is None:
        node = _claim(parameter)
        if key is not None and node is not None:
            if len(_shared) >= _MOST_SHARED:
                _shared.clear()
            _shared[key] = node
    return node


def _key_of(parameter: Parameter) -> tuple[Any, ...] | None:
    """Return all that a node depends on where it is little: a name, a type and a default."""
    type_, default = parameter.type_, parameter.default
    if parameter.metadata or parameter.marker is not None or type(default) not in _PLAIN_DEFAULTS:
        return None
    # `int | bool` equals `bool | int`, and 1 equals True.
    text = None if isinstance(type_, type) else repr(type_)
    in_path = parameter.path_names.get(parameter.name)
    return (
        parameter.name,
        type_,
        text,
        type(default),
        default,
        in_path,
        parameter.behaviour,
        parameter.methods,
    )


def _claim(parameter: Parameter) -> Input | Connection | None:
    for kind in CLAIM_ORDER:
        node: Input | Connection | None = kind.claim(parameter)
        if node is not None:
            return node
    return None


def kind_of(item: Input) -> ModuleType:
    """Return the module that reads and writes an input."""
    return KINDS[item.kind]


def read_input(item: Input, sources: Sources) -> tuple[Any, Errors]:
    """Read one input exactly: (value, errors)."""
    result: tuple[Any, Errors] = kind_of(item).read(item, sources)
    return result
