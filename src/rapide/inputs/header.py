"""Header parameters."""

from __future__ import annotations

from typing import Any

from rapide._codegen import Writer
from rapide._pydantic import ModelField
from rapide._run.sources import Sources
from rapide.declare import params
from rapide.inputs.base import Errors, Parameter, make_field, make_input, read_value
from rapide.inputs.groups import make_group, read_group
from rapide.inputs.scalars import model_of
from rapide.inputs.single import emit_exact, emit_value
from rapide.plan.nodes import Input

__all__ = ["claim", "emit", "header_name", "read"]


def header_name(marker: params.Header, name: str) -> str:
    """Return the header that a Python name stands for, when no alias is given."""
    return name.replace("_", "-") if marker.convert_underscores else name


def _name_field(marker: params.Header, model_field: ModelField) -> None:
    info = model_field.field_info
    if not info.alias and not info.validation_alias:
        info.alias = header_name(marker, model_field.name)


def claim(parameter: Parameter) -> Input | None:
    """Claim what is marked `Header`."""
    marker = parameter.marker
    if not isinstance(marker, params.Header):
        return None
    if model_of(parameter.type_) and not parameter.json_text:
        return make_group(parameter, "header", marker)
    model_field = make_field(parameter, marker)
    _name_field(marker, model_field)
    # Looked up without regard to case, reported as it was declared.
    return make_input(parameter, "header", model_field)


def read(item: Input, sources: Sources) -> tuple[Any, Errors]:
    """Read the value, or the whole group, from the headers."""
    return read_group(item, sources.header) if item.group else read_value(item, sources.header)


def emit(writer: Writer, item: Input, target: str) -> None:
    """Write the read."""
    if item.group or item.sequence:
        emit_exact(writer, item, target)
        return
    writer.want("headers = headers_of(scope)")
    key = repr(item.key.lower().encode("latin-1"))
    emit_value(writer, item, target, mapping="headers", key=key, decode='.decode("latin-1")')
