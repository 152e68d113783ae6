"""Which types fit into one piece of text, and which into several."""

from __future__ import annotations

import dataclasses
import sys
import types
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Json
from starlette.datastructures import UploadFile
from typing_extensions import TypeAliasType

__all__ = [
    "SEQUENCE_TYPES",
    "bare_type",
    "holds_pydantic_v1",
    "is_json_text",
    "is_scalar",
    "is_scalar_sequence",
    "is_sequence",
    "is_subclass",
    "is_upload",
    "is_upload_sequence",
    "model_of",
    "models_of",
    "union_members",
]

SEQUENCE_TYPES = (Sequence, list, tuple, set, frozenset, deque)
_COMPOSITE = (BaseModel, Mapping, UploadFile)


def is_subclass(cls: Any, bases: Any) -> bool:
    """Tell whether `cls` is a class and a subclass; false for anything that is not a class."""
    try:
        return isinstance(cls, type) and issubclass(cls, bases)
    except TypeError:
        return False


def bare_type(annotation: Any) -> Any:
    """Return the type without `Annotated` and without one level of a type alias; of `Json[T]` it is text."""
    if isinstance(annotation, TypeAliasType):
        annotation = annotation.__value__
    while get_origin(annotation) is Annotated:
        annotation, *metadata = get_args(annotation)
        if is_json_text(metadata, annotation):
            return str
    return annotation


def holds_pydantic_v1(annotation: Any) -> bool:
    """Tell whether a model of Pydantic 1 occurs in a type."""
    # An annotation can only hold such a model when its module is loaded.
    v1 = sys.modules.get("pydantic.v1")
    if v1 is None:
        return False
    bare = bare_type(annotation)
    return is_subclass(bare, v1.BaseModel) or any(holds_pydantic_v1(inner) for inner in get_args(bare))


def union_members(annotation: Any) -> tuple[Any, ...]:
    """Return the members of a union; nothing for other types."""
    annotation = bare_type(annotation)
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else ()


def _is_one_composite(annotation: Any) -> bool:
    if is_subclass(annotation, _COMPOSITE) or dataclasses.is_dataclass(annotation):
        return True
    return is_subclass(annotation, SEQUENCE_TYPES) and not is_subclass(annotation, (str, bytes))


def is_scalar(annotation: Any) -> bool:
    """Tell whether one text can hold the type: no model, mapping, file, dataclass or sequence in it."""
    annotation = bare_type(annotation)
    members = union_members(annotation)
    if members:
        return all(is_scalar(member) for member in members)
    origin = get_origin(annotation)
    if _is_one_composite(annotation) or _is_one_composite(origin):
        return False
    return origin is None or not hasattr(origin, "__get_pydantic_core_schema__")


def _is_one_sequence(annotation: Any) -> bool:
    return is_subclass(annotation, SEQUENCE_TYPES) and not is_subclass(annotation, (str, bytes))


def is_sequence(annotation: Any) -> bool:
    """Tell whether the type, or a member of the union, is a sequence of values."""
    annotation = bare_type(annotation)
    members = union_members(annotation)
    if members:
        return any(is_sequence(member) for member in members)
    return _is_one_sequence(annotation) or _is_one_sequence(get_origin(annotation))


def is_scalar_sequence(annotation: Any) -> bool:
    """Tell whether several texts can hold the type: a sequence of scalars, or one in a union with scalars."""
    annotation = bare_type(annotation)
    members = union_members(annotation)
    if members:
        fits = all(is_scalar_sequence(member) or is_scalar(member) for member in members)
        return fits and any(is_scalar_sequence(member) for member in members)
    return is_sequence(annotation) and all(
        is_scalar(item) for item in get_args(annotation) if item is not ...
    )


def is_upload(annotation: Any) -> bool:
    """Tell whether the type is an uploaded file, possibly optional."""
    annotation = bare_type(annotation)
    members = union_members(annotation)
    if members:
        return any(is_upload(member) for member in members)
    return is_subclass(annotation, UploadFile)


def is_upload_sequence(annotation: Any) -> bool:
    """Tell whether the type is a sequence of uploaded files, possibly optional."""
    annotation = bare_type(annotation)
    members = union_members(annotation)
    if members:
        return any(is_upload_sequence(member) for member in members)
    items = get_args(annotation)
    return (
        is_sequence(annotation) and bool(items) and all(is_upload(item) for item in items if item is not ...)
    )


def is_json_text(metadata: Sequence[Any], annotation: Any) -> bool:
    """Tell whether the value is JSON text inside one value (`pydantic.Json`)."""
    candidates = [*metadata, annotation]
    json: Any = Json  # for type checkers the alias of a type, at run time a class
    return any(item is json or isinstance(item, json) for item in candidates)


def model_of(annotation: Any) -> type[BaseModel] | None:
    """Return M for `M` and for `M | None`; None for everything else."""
    annotation = bare_type(annotation)
    members = [bare_type(member) for member in union_members(annotation) if member is not type(None)]
    if len(members) == 1:
        annotation = members[0]
    return annotation if is_subclass(annotation, BaseModel) else None


def models_of(annotation: Any) -> tuple[type[BaseModel], ...]:
    """Return the members of a union of models, None left out.

    There are none for everything else, a single model too.
    """
    members = [bare_type(member) for member in union_members(annotation) if member is not type(None)]
    return (
        tuple(members)
        if len(members) > 1 and all(is_subclass(member, BaseModel) for member in members)
        else ()
    )
