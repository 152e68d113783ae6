"""Checking limits where they are declared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from rapide.errors import InvalidValueError

__all__ = ["check_form_limits", "check_max_body_size", "check_timeout"]

_Count = Annotated[int, Field(ge=0, strict=True)]


@with_config(ConfigDict(extra="forbid"))
class _FormLimits(TypedDict, total=False):
    max_fields: _Count
    max_files: _Count
    max_part_size: _Count


def check_max_body_size(value: Any) -> int | None:
    """Return a limit in bytes, or None. Raises InvalidValueError for all but non-negative integers."""
    if value is None or (type(value) is int and value >= 0):
        return value
    raise InvalidValueError("RAP206", "max_body_size must be a non-negative integer or None")


def check_timeout(value: Any) -> float | None:
    """Return a time in seconds, or None. Raises InvalidValueError for all but numbers above 0."""
    if value is None or (type(value) in (int, float) and value > 0):
        return value  # type: ignore[no-any-return]  # options are kept untyped
    raise InvalidValueError("RAP212", "timeout must be a number of seconds above 0, or None")


def check_form_limits(value: Mapping[str, int] | None) -> dict[str, int]:
    """Return a copy of form limits.

    Raises InvalidValueError for unknown keys, and for values that are no non-negative integers.
    """
    if value is None:
        return {}
    try:
        return dict(_form_limits().validate_python(value))
    except ValidationError as exc:
        first = exc.errors()[0]
        place = ".".join(("form_limits", *map(str, first["loc"])))
        raise InvalidValueError("RAP206", f"{place}: {first['msg']}") from exc


@cache
def _form_limits() -> TypeAdapter[Any]:
    return TypeAdapter(_FormLimits)
