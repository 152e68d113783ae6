"""Emitting the read of one text value: the straight line that path, query, header and cookie share."""

from __future__ import annotations

from typing import Any

from rapide._codegen import Writer
from rapide._pydantic import ModelField, says
from rapide.inputs.scalars import union_members
from rapide.plan.nodes import Input

__all__ = ["default_expression", "emit_exact", "emit_value", "takes_text_as_is"]

_IMMUTABLE = (str, bytes, int, float, bool, type(None), frozenset)


def takes_text_as_is(model_field: ModelField) -> bool:
    """Tell whether every text is valid and stays as it is: `str`, `str | None`, `Any`, unconstrained."""
    info = model_field.field_info
    if info.metadata or info.validate_default or model_field.config or says(info, "strict"):
        return False
    members = [member for member in union_members(info.annotation) if member is not type(None)] or [
        info.annotation
    ]
    return all(member is str or member is Any for member in members)


def emit_exact(writer: Writer, item: Input, target: str) -> None:
    """Write the read of a kind that has no straight line: call the oracle for this one input."""
    writer.line(f"{target} = read_exactly({writer.bind(f'input_{item.name}', item)}, scope)")


def default_expression(writer: Writer, item: Input) -> str:
    """Return the expression for the default: a bound constant, or a call that makes it anew."""
    info = item.field.field_info
    if info.default_factory is None and isinstance(info.default, _IMMUTABLE):
        if info.default is None or isinstance(info.default, bool):
            return repr(info.default)
        return writer.bind(f"default_{item.name}", info.default)
    return f"{writer.bind(f'make_{item.name}', item.field.get_default)}()"


def emit_value(  # noqa: PLR0913 -- where the value is, by keyword
    writer: Writer, item: Input, target: str, *, mapping: str, key: str, decode: str = "", as_is: bool = True
) -> None:
    """Write the read of a value from `mapping[key]`.

    A required value that is not there raises KeyError, a bad one ValidationError: both lead to the exact
    reading.
    """
    if item.choices or item.field.field_info.validate_default:
        emit_exact(writer, item, target)
        return
    as_is = as_is and not item.sequence and takes_text_as_is(item.field)
    validate = "" if as_is else writer.bind(f"validate_{item.name}", item.field.validator.validate_python)

    def value(raw: str) -> str:
        return raw + decode if as_is else f"{validate}({raw}{decode})"

    if item.required:
        writer.line(f"{target} = {value(f'{mapping}[{key}]')}")
        return
    default = default_expression(writer, item)
    if default == "None" and as_is and not decode:
        writer.line(f"{target} = {mapping}.get({key})")
        return
    writer.line(f"raw = {mapping}.get({key})")
    writer.line(f"{target} = {default} if raw is None else {value('raw')}")
