"""The JSON body, or one member of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from rapide._codegen import Writer
from rapide._core_schemas import is_open_ended
from rapide._pydantic import reads_json_alike
from rapide._run.forms import FormValues
from rapide._run.json_body import JsonReading
from rapide._run.sources import MISSING, Sources
from rapide.declare import params
from rapide.inputs.base import Errors, Parameter, make_field, make_input, missing_error, plain_validate
from rapide.inputs.form_values import as_form_field, read_field, wants_bytes
from rapide.inputs.single import default_expression
from rapide.plan.nodes import Input, RoutePlan

__all__ = ["claim", "emit_member", "emit_whole", "goes_straight", "json_reading", "read", "read_whole"]


def claim(parameter: Parameter) -> Input | None:
    """Claim what is marked `Body`, and everything without a marker that no other kind wanted."""
    marker = parameter.marker
    if marker is not None and (not isinstance(marker, params.Body) or isinstance(marker, params.Form)):
        return None
    item = make_input(parameter, "body", make_field(parameter, marker or params.Body()))
    return as_form_field(item, parameter.behaviour)


def read_whole(item: Input, sources: Sources) -> tuple[Any, Errors]:
    """Read the body as the one value."""
    if sources.body is MISSING and item.required:
        return None, [missing_error(("body",))]
    return plain_validate(item, sources.body, ("body",))


def read(item: Input, sources: Sources) -> tuple[Any, Errors]:
    """Read a member of the object that is the body.

    In a body that is no object everything is missing, what has a default too; no body, or one of another
    media type, leaves the defaults. In a form, which has members of the body beside files, it is a field.
    """
    value = sources.body
    if isinstance(value, FormValues):
        return read_field(item, value)
    if value is not MISSING and not isinstance(value, dict | bytes):
        return None, [missing_error(("body", item.key))]
    value = value.get(item.key, MISSING) if isinstance(value, dict) else MISSING
    if value is MISSING and item.choices and isinstance(sources.body, dict):
        value = next((sources.body[key] for key in item.choices if key in sources.body), MISSING)
    return plain_validate(item, value, ("body", _used_key(item, sources.body)))


def _used_key(item: Input, body: Any) -> str:
    if isinstance(body, dict):
        return next((key for key in item.choices if key in body), item.key)
    return item.key


@lru_cache(maxsize=1024)
def json_reading(plan: RoutePlan) -> JsonReading:
    """Return how the JSON body of a route is read. What takes bytes takes those of any media type."""
    behaviour, body = plan.behaviour, plan.body
    assert body is not None  # noqa: S101 -- asked for bodies only
    takes_bytes = not body.embed and wants_bytes(body.inputs[0].field.field_info.annotation)
    open_ended = any(is_open_ended(item.field.core_schema) for item in body.inputs)
    return JsonReading(
        strict_type=plan.strict_content_type,
        strict=behaviour.strict_json,
        max_depth=behaviour.max_json_depth if open_ended else None,
        unique_keys=behaviour.unique_json_keys,
        refuse_types=behaviour.unsupported_media_type and not takes_bytes,
    )


def goes_straight(item: Input) -> bool:
    """Tell whether the body can be validated from its bytes, with the same outcome as after parsing."""
    return reads_json_alike(item.field.core_schema) and not item.field.field_info.validate_default


def emit_whole(writer: Writer, item: Input, target: str, *, straight: bool, guard: str) -> None:
    """Write the validation of the whole body.

    It reads `body`, the bytes, when it goes `straight`, else `data`.
    `guard` is the expression that tells whether the bytes may be read as JSON.
    """
    if straight:
        validate = writer.bind(f"validate_json_{item.name}", item.field.validator.validate_json)
        with writer.block(f"if not {guard} or (len(body) > 308 and holds_long_integer(body)):"):
            writer.line("raise ValueError")
        writer.line(f"{target} = {validate}(body)")
        return
    validate = writer.bind(f"validate_{item.name}", item.field.validator.validate_python)
    with writer.block("if data is MISSING:"):
        writer.line("raise LookupError")
    writer.line(f"{target} = {validate}(data)")


def emit_member(writer: Writer, item: Input, target: str) -> None:
    """Write the read of a member of the parsed body `data`."""
    if item.choices or item.field.field_info.validate_default:
        writer.line(f"{target} = read_exactly({writer.bind(f'input_{item.name}', item)}, scope, data)")
        return
    validate = writer.bind(f"validate_{item.name}", item.field.validator.validate_python)
    if item.required:
        writer.line(f"{target} = {validate}(data[{item.key!r}])")
        return
    writer.line(f"raw = data.get({item.key!r}, MISSING)")
    writer.line(f"{target} = {default_expression(writer, item)} if raw is MISSING else {validate}(raw)")
