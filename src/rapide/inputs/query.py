"""Query parameters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rapide._codegen import Writer
from rapide._run.sources import Sources
from rapide.declare import params
from rapide.errors import MarkerError
from rapide.inputs.base import Errors, Parameter, make_field, make_input, read_value
from rapide.inputs.groups import make_group, read_group
from rapide.inputs.scalars import is_scalar, is_scalar_sequence, model_of
from rapide.inputs.single import emit_exact, emit_value
from rapide.plan.nodes import Input

__all__ = ["claim", "emit", "read"]

# Methods whose requests have no body by convention (RFC 9110, section 9.3): a list there can only be meant
# for the query.
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS", "TRACE"})


def _inferred(parameter: Parameter) -> bool:
    if is_scalar(parameter.type_):
        return True
    lists = (
        parameter.behaviour.query_sequences and bool(parameter.methods) and parameter.methods <= _WITHOUT_BODY
    )
    return lists and is_scalar_sequence(parameter.type_) and not parameter.json_text


def claim(parameter: Parameter) -> Input | None:
    """Claim what is marked `Query` (or plain `Param`), and scalars without a marker."""
    marker = parameter.marker
    if marker is None:
        if not _inferred(parameter):
            return None
    elif type(marker) is not params.Param and not isinstance(marker, params.Query):
        return None
    if model_of(parameter.type_) and not parameter.json_text:
        group = make_group(parameter, "query", marker or params.Query())
        return replace(group, repeated=parameter.behaviour.repeated_fields)
    fits = is_scalar(parameter.type_) or is_scalar_sequence(parameter.type_) or parameter.json_text
    if not fits:
        raise MarkerError(
            "RAP106",
            f"Query parameter {parameter.name!r} must be one of the supported types",
            function=parameter.function,
            parameter=parameter.name,
        )
    item = make_input(parameter, "query", make_field(parameter, marker or params.Query()))
    return replace(item, repeated=parameter.behaviour.repeated_fields)


def read(item: Input, sources: Sources) -> tuple[Any, Errors]:
    """Read the value, or the whole group, from the query string."""
    return read_group(item, sources.query) if item.group else read_value(item, sources.query)


def emit(writer: Writer, item: Input, target: str) -> None:
    """Write the read."""
    if item.group:
        emit_exact(writer, item, target)
    elif item.sequence:
        writer.want("query_lists = query_lists_of(scope)")
        emit_value(writer, item, target, mapping="query_lists", key=repr(item.key))
    else:
        writer.want(f"query = {'single_query_of' if item.repeated == 'refuse' else 'query_of'}(scope)")
        emit_value(writer, item, target, mapping="query", key=repr(item.key))
