"""The models and enums behind fields, and their names: for extensions that make schemas of their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from enum import Enum
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel
from typing_extensions import TypeAliasType

from rapide._pydantic import ModelField, model_fields
from rapide.inputs.scalars import is_subclass

__all__ = ["ModelOrEnum", "flat_models", "model_names"]

ModelOrEnum: TypeAlias = type[BaseModel] | type[Enum]


def _collect(annotation: Any, known: set[ModelOrEnum]) -> None:
    if isinstance(annotation, TypeAliasType):
        annotation = annotation.__value__
    for argument in get_args(annotation):  # of `Annotated`, too: the model of `Json[Model]` stands there
        _collect(argument, known)
    if not is_subclass(annotation, (BaseModel, Enum)) or annotation in known:
        return
    known.add(annotation)
    if issubclass(annotation, BaseModel):
        for info in model_fields(annotation).values():
            _collect(info.annotation, known)


def flat_models(fields: Iterable[ModelField], known: Collection[ModelOrEnum] = ()) -> set[ModelOrEnum]:
    """Return every model and enum in the types of `fields`, at any depth, and those of `known`."""
    found = set(known)
    for field in fields:
        _collect(field.field_info.annotation, found)
    return found


def _normalized(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9.\-_]", "_", name)


def model_names(models: Iterable[ModelOrEnum]) -> dict[ModelOrEnum, str]:
    """Return a name for each model: the name of its class, with the module where several have that name."""
    models = list(models)
    uses = Counter(_normalized(model.__name__) for model in models)
    return {
        model: _normalized(model.__name__)
        if uses[_normalized(model.__name__)] == 1
        else f"{model.__module__}__{model.__qualname__}".replace(".", "__")
        for model in models
    }
