"""Checking limits where they are declared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict

__all__ = ["check_form_limits", "check_max_body_size"]

_Count = Annotated[int, Field(ge=0, strict=True)]


@with_config(ConfigDict(extra="forbid"))
class _FormLimits(TypedDict, total=False):
    max_fields: _Count
    max_files: _Count
    max_part_size: _Count


def check_max_body_size(value: Any) -> int | None:
    """Return a limit in bytes, or None. Raises ValueError for anything but a non-negative integer."""
    if value is None or (type(value) is int and value >= 0):
        return value
    raise ValueError("max_body_size must be a non-negative integer or None")


def check_form_limits(value: Mapping[str, int] | None) -> dict[str, int]:
    """Return a copy of form limits. Raises ValueError for unknown keys and all but non-negative integers."""
    if value is None:
        return {}
    return dict(_form_limits().validate_python(value))


@cache
def _form_limits() -> TypeAdapter[Any]:
    return TypeAdapter(_FormLimits)
