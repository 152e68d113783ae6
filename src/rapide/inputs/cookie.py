"""Cookie parameters."""

from __future__ import annotations

from typing import Any

from rapide._codegen import Writer
from rapide._run.sources import Sources
from rapide.declare import params
from rapide.inputs.base import Errors, Parameter, make_field, make_input, read_value
from rapide.inputs.groups import make_group, read_group
from rapide.inputs.scalars import model_of
from rapide.inputs.single import emit_exact, emit_value
from rapide.plan.nodes import Input

__all__ = ["claim", "emit", "read"]


def claim(parameter: Parameter) -> Input | None:
    """Claim what is marked `Cookie`."""
    marker = parameter.marker
    if not isinstance(marker, params.Cookie):
        return None
    if model_of(parameter.type_) and not parameter.json_text:
        return make_group(parameter, "cookie", marker)
    return make_input(parameter, "cookie", make_field(parameter, marker))


def read(item: Input, sources: Sources) -> tuple[Any, Errors]:
    """Read the value, or the whole group, from the cookies."""
    return read_group(item, sources.cookie) if item.group else read_value(item, sources.cookie)


def emit(writer: Writer, item: Input, target: str) -> None:
    """Write the read."""
    if item.group or item.sequence:
        emit_exact(writer, item, target)
        return
    writer.want("cookies = cookies_of(scope)")
    emit_value(writer, item, target, mapping="cookies", key=repr(item.key))
