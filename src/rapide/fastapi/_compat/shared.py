"""`fastapi._compat.shared`: questions about annotations."""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Sequence
from typing import Any, get_args

from pydantic import VERSION, BaseModel
from starlette.datastructures import UploadFile

from rapide.encoders import is_pydantic_v1_model_instance
from rapide.inputs.scalars import SEQUENCE_TYPES, bare_type, is_sequence, is_subclass, union_members
from rapide.inputs.scalars import holds_pydantic_v1 as annotation_is_pydantic_v1
from rapide.inputs.scalars import is_scalar as field_annotation_is_scalar
from rapide.inputs.scalars import is_scalar_sequence as field_annotation_is_scalar_sequence
from rapide.inputs.scalars import is_sequence as field_annotation_is_sequence

__all__ = [
    "PYDANTIC_VERSION_MINOR_TUPLE",
    "BaseModel",
    "UnionType",
    "UploadFile",
    "annotation_is_pydantic_v1",
    "field_annotation_is_complex",
    "field_annotation_is_scalar",
    "field_annotation_is_scalar_sequence",
    "field_annotation_is_sequence",
    "is_bytes_or_nonable_bytes_annotation",
    "is_bytes_sequence_annotation",
    "is_pydantic_v1_model_class",
    "is_pydantic_v1_model_instance",
    "is_uploadfile_or_nonable_uploadfile_annotation",
    "is_uploadfile_sequence_annotation",
    "lenient_issubclass",
    "sequence_annotation_to_type",
    "sequence_types",
    "value_is_sequence",
]

PYDANTIC_VERSION_MINOR_TUPLE = tuple(int(part) for part in VERSION.split(".")[:2])
UnionType = types.UnionType
sequence_types = SEQUENCE_TYPES
sequence_annotation_to_type: dict[Any, type] = {
    Sequence: list,
    list: list,
    tuple: tuple,
    set: set,
    frozenset: frozenset,
    deque: deque,
}


def lenient_issubclass(cls: Any, class_or_tuple: Any) -> bool:
    """Tell whether `cls` is a class and a subclass; false for anything that is not a class."""
    return is_subclass(cls, class_or_tuple)


def field_annotation_is_complex(annotation: Any) -> bool:
    """Tell whether one text cannot hold a type, or a member of the union."""
    return not field_annotation_is_scalar(annotation)


def is_pydantic_v1_model_class(cls: Any) -> bool:
    """Tell whether a class is a model of Pydantic 1."""
    return isinstance(cls, type) and annotation_is_pydantic_v1(cls)


def value_is_sequence(value: Any) -> bool:
    """Tell whether a value is one of `sequence_types`; text and bytes are not."""
    return isinstance(value, (*SEQUENCE_TYPES, deque)) and not isinstance(value, str | bytes)


def _is_or_has(annotation: Any, base: type) -> bool:
    """Tell whether a type, or a member of a union, is a subclass of `base`."""
    members = union_members(annotation) or (annotation,)
    return any(is_subclass(bare_type(member), base) for member in members)


def _is_sequence_of(annotation: Any, base: type) -> bool:
    """Tell whether a type, or a member of a union, is a sequence whose items are `base`."""
    members = union_members(annotation)
    if members:
        return any(_is_sequence_of(member, base) for member in members)
    items = [item for item in get_args(bare_type(annotation)) if item is not ...]
    return is_sequence(annotation) and all(_is_or_has(item, base) for item in items)


def is_bytes_or_nonable_bytes_annotation(annotation: Any) -> bool:
    """Tell whether a type is bytes, possibly optional."""
    return _is_or_has(annotation, bytes)


def is_uploadfile_or_nonable_uploadfile_annotation(annotation: Any) -> bool:
    """Tell whether a type is an uploaded file, possibly optional."""
    return _is_or_has(annotation, UploadFile)


def is_bytes_sequence_annotation(annotation: Any) -> bool:
    """Tell whether a type is a sequence of bytes, possibly optional."""
    return _is_sequence_of(annotation, bytes)


def is_uploadfile_sequence_annotation(annotation: Any) -> bool:
    """Tell whether a type is a sequence of uploaded files, possibly optional."""
    return _is_sequence_of(annotation, UploadFile)
