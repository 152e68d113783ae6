"""The schemas of a document: a schema for every field, and the components that they refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from rapide._pydantic import ModelField
from rapide.openapi.components import Generator, Mode, renamed, short_names
from rapide.openapi.fragments import heading, plain
from rapide.openapi.members import Pace, unpaced

__all__ = ["FieldMapping", "MappedSchemas", "SchemaSource", "Schemas", "public_name"]

FieldMapping = Mapping[tuple[ModelField, Mode], Mapping[str, Any]]

# Defaults that are their own JSON: no serialiser has to be asked.
_PLAIN_DEFAULTS = (str, int, bool, type(None))


class SchemaSource(Protocol):
    """What gives the schema of a field."""

    def schema(self, field: ModelField, name: str) -> dict[str, Any]:
        """Return a new schema object; `name` makes its title where the field has none."""
        ...


def public_name(field: ModelField) -> str:
    """Return the name under which a field is sent: the (first) validation alias, the alias, or the name."""
    alias = field.field_info.validation_alias
    if isinstance(alias, AliasChoices) and all(isinstance(choice, str) for choice in alias.choices):
        return str(alias.choices[0])
    return field.validation_alias or field.alias


def _overlay(info: FieldInfo) -> dict[str, Any] | None:
    """Return what `info` adds to the schema of its bare annotation; None where only Pydantic can tell.

    The schema of `int` is made once and not for every `int` parameter.
    """
    if info.metadata or info.json_schema_extra is not None or info.discriminator is not None:
        return None
    added: dict[str, Any] = {}
    if info.default is not PydanticUndefined and info.default is not ... and info.default_factory is None:
        if type(info.default) not in _PLAIN_DEFAULTS:
            return None
        added["default"] = info.default
    if info.examples is not None:
        added["examples"] = info.examples
    if info.title is not None:
        added["title"] = info.title
    if info.description is not None:
        added["description"] = info.description
    if info.deprecated or info.deprecated == "":
        added["deprecated"] = True
    return added


def _mode_of(field: ModelField) -> Mode:
    return "serialization" if field.mode == "serialization" else "validation"


def _has_computed_fields(schema: Any) -> bool:
    """Tell whether a core schema has a computed field at any depth."""
    if isinstance(schema, dict):
        if schema.get("computed_fields"):
            return True
        return any(_has_computed_fields(value) for key, value in schema.items() if key != "metadata")
    if isinstance(schema, list | tuple):
        return any(_has_computed_fields(item) for item in schema)
    return False


class Schemas:
    """The schemas of all fields of a document.

    `definitions` are the components by name, sorted. A type that looks different on input and output is two
    components, `-Input` and `-Output`, unless `separate` is false: then the input form serves both, except
    for types with computed fields, which are only in the output form.
    """

    def __init__(self, fields: Iterable[ModelField], *, separate: bool = True, pace: Pace = unpaced) -> None:
        self._separate = separate
        self._computed: dict[int, bool] = {}
        self._types: list[tuple[Any, Mode]] = []
        self._numbers: dict[tuple[int, Mode], int] = {}
        self._fields: dict[ModelField, tuple[int, dict[str, Any]]] = {}
        for field in fields:
            pace()
            if field not in self._fields:
                self._fields[field] = self._take(field)
        generator = Generator()
        for core_schema, mode in self._types:
            pace()
            generator.make(core_schema, mode)
        names = short_names(generator.definitions, generator.choices)
        self._made: list[Any] = []
        # Once more, as a schema may look at definitions that came after it.
        for core_schema, mode in self._types:
            pace()
            self._made.append(renamed(generator.make(core_schema, mode), names))
        components = {names[long_name]: schema for long_name, schema in generator.definitions.items()}
        self.definitions: dict[str, Any] = {}
        for name in sorted(components):
            pace()
            self.definitions[name] = _component(renamed(components[name], names))

    def _take(self, field: ModelField) -> tuple[int, dict[str, Any]]:
        """Return the number of the type whose schema a field has, and what the field adds to it."""
        added = None if field.config is not None else _overlay(field.field_info)
        core_schema = field.core_schema if added is not None else field._type_adapter.core_schema  # noqa: SLF001 -- Pydantic's own part of a field of ours
        mode = self._mode(field, core_schema)
        number = self._numbers.get((id(core_schema), mode))
        if number is None:
            number = self._numbers[(id(core_schema), mode)] = len(self._types)
            self._types.append((core_schema, mode))
        return number, added or {}

    def _mode(self, field: ModelField, core_schema: Any) -> Mode:
        mode = _mode_of(field)
        if self._separate or mode == "validation":
            return mode
        key = id(core_schema)
        if key not in self._computed:
            self._computed[key] = _has_computed_fields(core_schema)
        return "serialization" if self._computed[key] else "validation"

    def _untitled(self, field: ModelField) -> dict[str, Any]:
        number, added = self._fields[field]
        schema: dict[str, Any] = plain({**self._made[number], **added})
        return schema

    def schema(self, field: ModelField, name: str) -> dict[str, Any]:
        """Return a new schema object for a field that was given to the constructor."""
        return _titled(self._untitled(field), field, name)

    def mapping(self) -> dict[tuple[ModelField, Mode], dict[str, Any]]:
        """Return the schema of every field by (field, mode), as FastAPI's functions hand it around."""
        return {(field, _mode_of(field)): self._untitled(field) for field in self._fields}


class MappedSchemas:
    """Schemas that were made elsewhere: FastAPI's `field_mapping`."""

    def __init__(self, mapping: FieldMapping, *, separate: bool = True) -> None:
        self._mapping = mapping
        self._separate = separate

    def schema(self, field: ModelField, name: str) -> dict[str, Any]:
        """Return a new schema object; KeyError for a field that is not in the mapping."""
        made = self._mapping.get((field, _mode_of(field)))
        if made is None and not self._separate:
            made = self._mapping.get((field, "validation"))
        if made is None:
            raise KeyError((field, field.mode))
        return _titled(plain(made), field, name)


def _titled(schema: dict[str, Any], field: ModelField, name: str) -> dict[str, Any]:
    if "$ref" not in schema:
        schema["title"] = field.field_info.title or heading(name)
    return schema


def _component(schema: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = plain(schema)
    description = made.get("description")
    if isinstance(description, str):
        made["description"] = description.split("\f")[0]
    return made
