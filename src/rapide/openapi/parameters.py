"""Parameters outside the body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from rapide._dataclass import dataclass
from rapide._pydantic import ModelField
from rapide.declare.defaults import DefaultPlaceholder
from rapide.openapi.fragments import plain
from rapide.openapi.schemas import SchemaSource
from rapide.plan import Call, Dependency, Input

__all__ = [
    "Parameter",
    "describe_parameters",
    "example_members",
    "parameters_of",
    "parameters_of_input",
    "walk_dependencies",
    "walk_inputs",
]

PLACES = ("path", "query", "header", "cookie")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One documented parameter: a single input, or one member of a parameter model."""

    place: str
    name: str
    title: str
    field: ModelField
    required: bool
    shown: bool


def walk_inputs(call: Call) -> Iterator[Input]:
    """Yield the inputs of a graph, a call's own before those of its dependencies, each dependency once."""
    yield from call.inputs
    for edge in walk_dependencies(call):
        yield from edge.call.inputs


def walk_dependencies(call: Call, seen: set[Any] | None = None) -> Iterator[Dependency]:
    """Yield the edges of a graph depth first; those that share one result are followed once."""
    seen = set() if seen is None else seen
    for edge in call.dependencies:
        key = edge.cache_key or id(edge.call)
        if key not in seen:
            seen.add(key)
            yield edge
            yield from walk_dependencies(edge.call, seen)


def _is_optional_group(item: Input) -> bool:
    """Tell whether a whole parameter model may be left out: it accepts None and has a default."""
    return not item.required and _accepts_none(item.field.field_info.annotation)


def _accepts_none(annotation: Any) -> bool:
    return type(None) in getattr(annotation, "__args__", ())


def parameters_of_input(item: Input) -> Iterator[Parameter]:
    """Yield the parameter that an input is, or those that a parameter model stands for."""
    shown = getattr(item.field.field_info, "include_in_schema", True)
    if not item.group:
        yield Parameter(item.kind, item.key, item.key, item.field, item.required, shown)
        return
    optional = _is_optional_group(item)
    for member in item.members:
        # A header's name is made from the field's name; the title is for people and keeps the field's words.
        converted = member.key == member.name.replace("_", "-")
        title = member.name if converted else member.key
        yield Parameter(item.kind, member.key, title, member.field, member.required and not optional, shown)


def parameters_of(call: Call) -> list[Parameter]:
    """Return the parameters of a graph in OpenAPI's order of places, parameter models taken apart."""
    by_place: dict[str, list[Parameter]] = {place: [] for place in PLACES}
    for item in walk_inputs(call):
        if item.kind in by_place:
            by_place[item.kind].extend(parameters_of_input(item))
    return [parameter for place in PLACES for parameter in by_place[place]]


def _distinct(parameters: list[Parameter]) -> Iterator[Parameter]:
    """Yield one parameter for each name and place: a required one before an optional one, then the last."""
    kept: dict[tuple[str, str], Parameter] = {}
    for parameter in parameters:
        if not parameter.shown:
            continue
        key = (parameter.place, parameter.name)
        if key not in kept or parameter.required or not kept[key].required:
            kept[key] = parameter
    return iter(kept.values())


def example_members(info: FieldInfo) -> dict[str, Any]:
    """Return the members that show examples: `examples` or `example`, never both (OAS 3.1.1, 4.8.12)."""
    examples = getattr(info, "openapi_examples", None)
    if examples:
        return {"examples": plain(examples)}
    example = getattr(info, "example", None)
    if example is None or isinstance(example, DefaultPlaceholder):
        return {}
    return {"example": plain(example)}


def _describe(parameter: Parameter, schemas: SchemaSource) -> dict[str, Any]:
    info = parameter.field.field_info
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "schema": schemas.schema(parameter.field, parameter.title),
    }
    if info.description:
        described["description"] = info.description
    described.update(example_members(info))
    if info.deprecated:
        described["deprecated"] = True
    return described


def describe_parameters(parameters: list[Parameter], schemas: SchemaSource) -> list[dict[str, Any]]:
    """Return the Parameter Objects."""
    return [_describe(parameter, schemas) for parameter in _distinct(parameters)]
