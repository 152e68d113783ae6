"""Path parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rapide._codegen import Writer
from rapide._pydantic import Undefined
from rapide._run.sources import MISSING, Sources
from rapide.declare import params
from rapide.errors import MarkerError
from rapide.inputs.base import Errors, Parameter, make_field, make_input, plain_validate
from rapide.inputs.scalars import is_scalar
from rapide.inputs.single import emit_value
from rapide.plan.nodes import Input

__all__ = ["claim", "emit", "read"]


def _bound_key(item: Input, names: Mapping[str, bool]) -> str:
    """Return the first alias that is a name of this path.

    So one dependency serves differently named paths.
    """
    return next((choice for choice in item.choices if choice in names), item.key)


def _refuse_default(parameter: Parameter) -> None:
    if parameter.marker is not None and parameter.default is not Undefined:
        raise MarkerError(
            "RAP103",
            "Path parameters cannot have default values",
            function=parameter.function,
            parameter=parameter.name,
        )


def claim(parameter: Parameter) -> Input | None:
    """Claim names of the path template and everything marked `Path`."""
    marked = isinstance(parameter.marker, params.Path)
    if not marked and parameter.name not in parameter.path_names:
        return None
    where: dict[str, Any] = {"function": parameter.function, "parameter": parameter.name}
    if parameter.marker is not None and not marked:
        name = type(parameter.marker).__name__
        if not isinstance(parameter.marker, params.Param | params.Body):
            name = "Field"
        raise MarkerError("RAP104", f"Cannot use `{name}` for path param {parameter.name!r}", **where)
    if not is_scalar(parameter.type_) and not parameter.json_text:
        raise MarkerError("RAP105", "Path params must be of one of the supported types", **where)
    _refuse_default(parameter)
    model_field = make_field(parameter, parameter.marker or params.Path(), required=True)
    item = make_input(parameter, "path", model_field)
    key = _bound_key(item, parameter.path_names)
    return Input("path", item.name, model_field, key, converted=parameter.path_names.get(key, True))


def read(item: Input, sources: Sources) -> tuple[object, Errors]:
    """Read the value from the path parameters."""
    return plain_validate(item, sources.path.get(item.key, MISSING), ("path", item.key))


def emit(writer: Writer, item: Input, target: str) -> None:
    """Write the read."""
    writer.want('path = scope["path_params"]')
    emit_value(writer, item, target, mapping="path", key=repr(item.key), as_is=not item.converted)
