"""What extensions ask about models that are read from forms. The engine reads forms its own way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, BaseModel
from starlette.datastructures import FormData

from rapide.declare.params import Form
from rapide.fastapi._compat import (
    ModelField,
    Undefined,
    field_annotation_is_sequence,
    get_cached_model_fields,
)
from rapide.inputs.scalars import model_of, models_of

__all__ = [
    "_get_form_model",
    "_get_form_models",
    "_get_multidict_value",
    "_get_param_aliases",
    "_is_form_model_supplied",
    "_normalize_form_model",
]


def _get_form_models(field: ModelField) -> list[type[BaseModel]]:
    """Return the models, one or those of a union, that a field of a form takes the whole form for."""
    if not isinstance(field.field_info, Form):
        return []
    annotation = field.field_info.annotation
    model = model_of(annotation)
    return list(models_of(annotation)) if model is None else [model]


def _get_form_model(field: ModelField) -> type[BaseModel] | None:
    """Return the one model that a field of a form takes the whole form for."""
    models = _get_form_models(field)
    return models[0] if len(models) == 1 else None


def _get_param_aliases(field: ModelField, *, convert_underscores: bool = False) -> list[tuple[str, str]]:
    """Return the names under which a value may be sent, each with the one that errors tell."""
    choices = field.field_info.validation_alias
    if isinstance(choices, AliasChoices):
        named = [choice for choice in choices.choices if isinstance(choice, str)]
    else:
        named = [field.validation_alias or field.alias]
    is_guessed = convert_underscores and named == [field.name]
    return [(name.replace("_", "-") if is_guessed else name, name) for name in named]


def _is_form_model_supplied(model: type[BaseModel], received_body: FormData) -> bool:
    """Tell whether a form holds anything for a model."""
    if model.model_config.get("extra") in {"allow", "forbid"} and received_body:
        return True
    return any(name in received_body for name in _names_of(model))


def _names_of(model: type[BaseModel]) -> dict[str, ModelField]:
    """Return the fields of a model by the names under which values may be sent."""
    return {name: field for field in get_cached_model_fields(model) for name, _ in _get_param_aliases(field)}


def _get_multidict_value(field: ModelField, values: Mapping[str, Any], alias: str) -> Any:
    """Return what a form holds for a field: the last value, or all for a list; Undefined without any."""
    if alias not in values:
        return Undefined
    is_list = field_annotation_is_sequence(field.field_info.annotation)
    getlist = getattr(values, "getlist", None)
    value = getlist(alias) if is_list and getlist is not None else values[alias]
    if value is None:
        return Undefined
    is_nothing = not value and not field.required if is_list else value == ""
    return Undefined if is_nothing else value


def _normalize_form_model(value: Any, *, model: type[BaseModel]) -> Any:
    """Return a dict as a form would have given it: lists where a model has lists, nothing for empty texts."""
    if not isinstance(value, dict):
        return value
    fields = _names_of(model)
    normal = {}
    for name, given in value.items():
        field = fields.get(name)
        if field is None:
            normal[name] = given
        elif field_annotation_is_sequence(field.field_info.annotation):
            normal[name] = given if isinstance(given, list) else [given]
        elif (single := given[-1] if isinstance(given, list) and given else given) != "":
            normal[name] = single
    return normal
