"""`fastapi._compat.v2`: fields and their schemas, on the engine's own."""

from __future__ import annotations

import copy
import re
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, ForwardRef, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    PydanticSchemaGenerationError,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic.errors import PydanticUndefinedAnnotation
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticUndefined, Url

from rapide._analyse.signature import Unresolved, resolve_annotation
from rapide._pydantic import ModelField, Undefined, annotated_fields, merge_field
from rapide.fastapi._compat.shared import field_annotation_is_scalar, lenient_issubclass
from rapide.inputs.base import missing_error
from rapide.inputs.scalars import bare_type, union_members
from rapide.openapi.constants import REF_TEMPLATE
from rapide.openapi.flat_models import ModelOrEnum, flat_models, model_names
from rapide.openapi.schemas import FieldMapping, MappedSchemas, Schemas
from rapide.params import Body
from rapide.types import IncEx, ModelNameMap, UnionType

__all__ = [
    "REF_TEMPLATE",
    "BaseModel",
    "ConfigDict",
    "FieldInfo",
    "GenerateJsonSchema",
    "IncEx",
    "ModelField",
    "ModelNameMap",
    "PydanticSchemaGenerationError",
    "PydanticUndefined",
    "PydanticUndefinedAnnotation",
    "RequiredParam",
    "TypeAdapter",
    "TypeModelOrEnum",
    "TypeModelSet",
    "Undefined",
    "UnionType",
    "Url",
    "ValidationError",
    "copy_field_info",
    "create_body_model",
    "evaluate_forwardref",
    "get_cached_model_fields",
    "get_definitions",
    "get_flat_models_from_annotation",
    "get_flat_models_from_field",
    "get_flat_models_from_fields",
    "get_flat_models_from_model",
    "get_missing_field_error",
    "get_model_fields",
    "get_model_name_map",
    "get_schema_from_model_field",
    "is_scalar_field",
    "lenient_issubclass",
    "normalize_name",
    "serialize_sequence_value",
]

RequiredParam = PydanticUndefined
TypeModelOrEnum = type[BaseModel] | type[Enum]
TypeModelSet = set[TypeModelOrEnum]


# ------------------------------------------------------------------------------------------------ fields


def copy_field_info(*, field_info: FieldInfo, annotation: Any) -> FieldInfo:
    """Return a copy of a marker with the type, and all rules, of `annotation`."""
    if get_origin(annotation) is Annotated:
        annotation, *metadata = get_args(annotation)
        return merge_field(field_info, annotation, tuple(metadata))
    copied = copy.copy(field_info)
    copied.annotation = annotation
    return copied


def create_body_model(
    *, fields: Sequence[ModelField], model_name: str, config: ConfigDict | None = None
) -> type[BaseModel]:
    """Return a model with these fields."""
    members: dict[str, Any] = {
        field.name: (field.field_info.annotation, field.field_info) for field in fields
    }
    return create_model(model_name, __config__=config, **members)


def get_model_fields(model: type[BaseModel]) -> list[ModelField]:
    """Return the fields of a model."""
    return annotated_fields(model)


@lru_cache
def get_cached_model_fields(model: type[BaseModel]) -> list[ModelField]:
    """Return the fields of a model, the same ones for the same model."""
    return get_model_fields(model)


def get_missing_field_error(loc: tuple[int | str, ...]) -> dict[str, Any]:
    """Return the error for a value that was not sent."""
    return missing_error(loc)


def is_scalar_field(field: ModelField) -> bool:
    """Tell whether a value of the field fits into one text, and is not from the body."""
    return field_annotation_is_scalar(field.field_info.annotation) and not isinstance(field.field_info, Body)


def serialize_sequence_value(*, field: ModelField, value: Any) -> Sequence[Any]:
    """Return values as the kind of sequence that a field has.

    Raises:
        AssertionError: The field has none.
    """
    annotation = bare_type(field.field_info.annotation)
    for candidate in union_members(annotation) or (annotation,):
        kind = get_origin(candidate) or candidate
        if lenient_issubclass(kind, (list, tuple, set, frozenset)):
            result: Sequence[Any] = kind(value)
            return result
        if lenient_issubclass(kind, Sequence) and not lenient_issubclass(kind, (str, bytes)):
            return list(value)
    raise AssertionError(f"{field.name!r} is not a sequence")


def evaluate_forwardref(
    value: Any, globalns: dict[str, Any] | None = None, localns: dict[str, Any] | None = None
) -> Any:
    """Return the type that text stands for; a `ForwardRef` when a name in it is unknown."""
    resolved = resolve_annotation(value, {**(globalns or {}), **(localns or {})})
    if isinstance(resolved, type) and issubclass(resolved, Unresolved):
        return value if isinstance(value, ForwardRef) else ForwardRef(value)
    return resolved


# ------------------------------------------------------------------------------------------------ schemas


def normalize_name(name: str) -> str:
    """Return a name with what a component must not have replaced by underscores."""
    return re.sub(r"[^a-zA-Z0-9.\-_]", "_", name)


def get_flat_models_from_fields(
    fields: Sequence[ModelField], known_models: Collection[ModelOrEnum]
) -> set[ModelOrEnum]:
    """Return every model and enum in the types of `fields`, and those that are known."""
    return flat_models(fields, known_models)


def get_flat_models_from_field(field: ModelField, known_models: Collection[ModelOrEnum]) -> set[ModelOrEnum]:
    """Return every model and enum in the type of a field, and those that are known."""
    return flat_models([field], known_models)


def get_flat_models_from_annotation(
    annotation: Any, known_models: Collection[ModelOrEnum]
) -> set[ModelOrEnum]:
    """Return every model and enum in a type, and those that are known."""
    return flat_models([ModelField(FieldInfo(annotation=annotation), "annotation")], known_models)


def get_flat_models_from_model(
    model: type[BaseModel], known_models: Collection[ModelOrEnum] | None = None
) -> set[ModelOrEnum]:
    """Return a model with every model and enum in its fields, and those that are known."""
    return get_flat_models_from_annotation(model, known_models or ())


def get_model_name_map(unique_models: Collection[ModelOrEnum]) -> dict[ModelOrEnum, str]:
    """Return a name for each model."""
    return model_names(unique_models)


def get_definitions(
    *,
    fields: Sequence[ModelField],
    model_name_map: Mapping[ModelOrEnum, str],
    separate_input_output_schemas: bool = True,
) -> tuple[dict[tuple[ModelField, Any], dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return (the schema of each field by field and mode, the component schemas by name)."""
    schemas = Schemas(fields, separate=separate_input_output_schemas)
    return schemas.mapping(), schemas.definitions


def get_schema_from_model_field(
    *,
    field: ModelField,
    model_name_map: Mapping[ModelOrEnum, str],
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,
    field_alias: str | None = None,
) -> dict[str, Any]:
    """Return the schema of a field with its title. KeyError when it is not in the mapping."""
    schemas = MappedSchemas(field_mapping, separate=separate_input_output_schemas)
    return schemas.schema(field, field_alias or field.alias)
