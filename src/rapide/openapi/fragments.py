"""Pieces of a document: what users supply turned into plain data, and pieces merged into each other."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

__all__ = ["heading", "merged", "plain"]

_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)
_ATOMS = frozenset({str, int, bool, type(None)})


def plain(value: Any) -> Any:
    """Return a deep copy of `value` as JSON data, without members that are None.

    Pydantic models, enums, dates and the like become what Pydantic makes of them in JSON. Members whose name
    starts with `_sa` are left out, as everywhere where FastAPI turns objects into JSON. Raises
    PydanticSerializationError for objects that have no JSON form.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is dict:
        return {
            name if type(name) is str else _name(name): plain(member)
            for name, member in value.items()
            if not _is_left_out(name, member)
        }
    if kind is list:
        return [plain(item) for item in value]
    if kind is float:
        return value if math.isfinite(value) else None
    return plain(_ANYTHING.dump_python(value, mode="json", by_alias=True, exclude_none=True))


def _is_left_out(name: Any, member: Any) -> bool:
    if member is None or (type(member) is float and not math.isfinite(member)):
        return True
    return isinstance(name, str) and name.startswith("_sa")


def _name(name: Any) -> str:
    encoded: dict[str, int] = _ANYTHING.dump_python({name: 0}, mode="json")
    return next(iter(encoded))


def merged(base: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` changed by `update`: objects member by member, lists appended, all else replaced."""
    result = dict(base)
    for name, value in update.items():
        old = result.get(name)
        if isinstance(old, dict) and isinstance(value, dict):
            result[name] = merged(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            result[name] = [*old, *value]
        else:
            result[name] = value
    return result


def heading(name: str) -> str:
    """Return a name as people write it: `item_id` is "Item Id"."""
    return name.title().replace("_", " ")
