"""Walking Pydantic's core schemas, and changing them: numbers with an end.

Floats are finite and integers have 64 bits, unless the declaration says otherwise. Pydantic takes infinity,
1e400 and "nan" for a float, and integers of 4,300 digits. Neither can be written as JSON that others read;
arithmetic on the latter costs time that the client does not pay. A schema is changed where it says nothing
about it, after Pydantic has made it: documents and the user's own use of a model stay as they are.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import SchemaValidator

__all__ = ["bounded_validator", "child_schemas", "inner_schemas", "is_open_ended"]

# The keys under which a schema holds one other; those of `_CHILDREN` hold one, a list, or some by name.
_ONE_CHILD = ("schema", "items_schema", "keys_schema", "values_schema", "extras_schema", "schema_")
_CHILDREN = (*_ONE_CHILD, "lax_schema", "strict_schema", "fields", "choices", "definitions", "steps")
_LEAST, _MOST = -(2**63), 2**63 - 1


def child_schemas(schema: dict[str, Any]) -> list[Any]:
    """Return the schemas right inside a schema."""
    children: list[Any] = [schema[key] for key in _ONE_CHILD if isinstance(schema.get(key), dict)]
    items = schema.get("items_schema")
    if isinstance(items, list):
        children.extend(items)
    fields = schema.get("fields")
    if isinstance(fields, dict):
        children.extend(fields.values())
    elif isinstance(fields, list):
        children.extend(fields)
    choices = schema.get("choices")
    if isinstance(choices, dict):
        children.extend(choices.values())
    elif isinstance(choices, list):
        children.extend(choice[0] if isinstance(choice, tuple) else choice for choice in choices)
    for key in ("definitions", "steps"):
        children.extend(schema.get(key) or ())
    return children


def inner_schemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a schema and all schemas in it, and the configurations that they carry."""
    if isinstance(schema, dict):
        yield schema
        yield schema.get("config") or {}
        for child in child_schemas(schema):
            yield from inner_schemas(child)


# What stands before an integer that is read from text. Python takes "1_000", " 1", "+1" and all digits.
_DIGITS: dict[str, Any] = {
    "type": "custom-error",
    "custom_error_type": "int_parsing",
    "schema": {
        "type": "union",
        "choices": [{"type": "int", "strict": True}, {"type": "str", "pattern": r"^-?[0-9]+$"}],
    },
}


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What is changed: `finite` not inside a model that says it for itself, `text` where values are text."""

    finite: bool = True
    text: bool = False

    def number(self, schema: dict[str, Any]) -> dict[str, Any]:
        if schema["type"] == "float":
            return (
                {**schema, "allow_inf_nan": False}
                if self.finite and "allow_inf_nan" not in schema
                else schema
            )
        changed = dict(schema)
        if not changed.keys() & {"le", "lt"}:
            changed["le"] = _MOST
        if not changed.keys() & {"ge", "gt"}:
            changed["ge"] = _LEAST
        if self.text and not schema.get("strict"):
            return {"type": "chain", "steps": [_DIGITS, changed]}
        return changed

    def schema(self, schema: Any) -> Any:
        """Return a schema whose numbers are bounded; the very same one when nothing is to be changed."""
        if isinstance(schema, tuple):  # a choice of a union with its label
            inner = self.schema(schema[0])
            return schema if inner is schema[0] else (inner, *schema[1:])
        if not isinstance(schema, dict):
            return schema
        if schema.get("type") in ("int", "float"):
            return self.number(schema)
        inside = self
        if self.finite and (schema.get("config") or {}).get("allow_inf_nan") is not None:
            inside = replace(self, finite=False)  # the model says it for all of its fields
        changes = {}
        for key in _CHILDREN:
            old = schema.get(key)
            new = inside.children(old)
            if new is not old:
                changes[key] = new
        return {**schema, **changes} if changes else schema

    def children(self, children: Any) -> Any:
        if isinstance(children, list):
            new = [self.schema(child) for child in children]
            return children if all(map(operator.is_, new, children)) else new
        if isinstance(children, dict) and not isinstance(
            children.get("type"), str
        ):  # fields, choices: by name
            changed = {name: self.schema(child) for name, child in children.items()}
            return children if all(map(operator.is_, changed.values(), children.values())) else changed
        return self.schema(children)


@lru_cache(maxsize=4096)
def bounded_validator(adapter: TypeAdapter[Any], *, text: bool = False) -> SchemaValidator:
    """Return the validator of a type with its numbers bounded: the adapter's own where there are none.

    With `text`, integers are ASCII digits behind an optional minus.
    """
    schema: Any = adapter.core_schema
    bounded = _Bounds(text=text).schema(schema) if isinstance(schema, dict) else schema
    if bounded is schema:
        return adapter.validator  # type: ignore[return-value]  # a stand-in until its names can be resolved
    # Otherwise each model inside would be validated by its own validator, which knows no bounds.
    return SchemaValidator(bounded, _use_prebuilt=False)


def is_open_ended(schema: Any) -> bool:
    """Tell whether values of a schema may be nested, or numbers in them long, without an end of its own."""
    if not isinstance(schema, dict):
        return True
    kind = str(schema.get("type"))
    # What recurs is a definition. A function may be given what came, before anything has looked at it.
    if kind in ("any", "definitions", "definition-ref") or kind.startswith("function"):
        return True
    if "allow" in (schema.get("extra_behavior"), (schema.get("config") or {}).get("extra_fields_behavior")):
        return True
    return any(map(is_open_ended, child_schemas(schema)))
