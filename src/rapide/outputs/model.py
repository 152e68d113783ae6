"""Results with a model: filtered to what the model declares, and serialised by Pydantic in one step."""

from __future__ import annotations

from typing import Any

from rapide._codegen import Writer
from rapide._pydantic import ModelField, keeps_instances
from rapide.outputs.base import dump_options, emit_reply, endpoint_context, text_type, validator_of
from rapide.plan.nodes import RoutePlan

__all__ = ["emit", "is_direct"]


def is_direct(plan: RoutePlan) -> bool:
    """Tell whether the result becomes bytes without a response object."""
    return plan.output.response_class is None or text_type(plan) is not None


def _needs_validation(writer: Writer, model_field: ModelField) -> str:
    """Return the condition under which the result is not yet exactly what the model makes."""
    annotation: Any = model_field.field_info.annotation
    if keeps_instances(annotation):
        return f"type(result) is not {writer.bind(annotation.__name__, annotation)}"
    return ""


def emit(writer: Writer, plan: RoutePlan, *, injected: bool) -> None:
    """Write validation, where it is needed, and serialisation."""
    output = plan.output
    model_field = output.field
    assert model_field is not None  # noqa: S101 -- this kind has a model
    validated = writer.bind("validated", validator_of(model_field, endpoint_context(plan)))
    condition = _needs_validation(writer, model_field)
    if condition:
        with writer.block(f"if {condition}:"):
            writer.line(f"result = {validated}(result)")
    else:
        writer.line(f"result = {validated}(result)")
    if output.response_class is None:
        dump = writer.bind("dump_result", model_field.serializer.to_json)
        writer.line(f"content = {dump}(result, {_written(writer, dump_options(output))})")
    else:
        dump = writer.bind("dump_result", model_field.serializer.to_python)
        options = {"mode": "json", **dump_options(output)}
        emit_reply(writer, plan, f"{dump}(result, {_written(writer, options)})", injected=injected)


def _written(writer: Writer, options: dict[str, Any]) -> str:
    simple = (bool, str, int, type(None))
    return ", ".join(
        f"{name}={value!r}" if isinstance(value, simple) else f"{name}={writer.bind(name, value)}"
        for name, value in options.items()
    )
