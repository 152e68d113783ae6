"""The kinds in the order in which they are asked: the first that claims a parameter has it.

Explicit markers decide by themselves, so their order does not matter. Without a marker: the connection's own
types, names of the path, files, query (what fits into text), and the body for all the rest.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

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


def claim_parameter(parameter: Parameter) -> Input | Connection | None:
    """Return the plan node of a parameter; None when no kind wants it."""
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
