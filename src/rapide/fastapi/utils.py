"""`fastapi.utils`."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, Literal

from pydantic.fields import FieldInfo

from rapide._analyse.returns import check_type
from rapide.datastructures import DefaultPlaceholder
from rapide.exceptions import FastAPIDeprecationWarning, PydanticV1NotSupportedError
from rapide.fastapi._compat import (
    ModelField,
    PydanticSchemaGenerationError,
    Undefined,
    annotation_is_pydantic_v1,
)
from rapide.options import generate_unique_id
from rapide.responses import is_body_allowed_for_status_code

__all__ = [
    "TYPE_CHECKING",
    "DefaultPlaceholder",
    "FastAPIDeprecationWarning",
    "FieldInfo",
    "ModelField",
    "PydanticSchemaGenerationError",
    "PydanticV1NotSupportedError",
    "Undefined",
    "annotation_is_pydantic_v1",
    "create_model_field",
    "deep_dict_update",
    "generate_operation_id_for_path",
    "generate_unique_id",
    "get_path_param_names",
    "get_value_or_default",
    "is_body_allowed_for_status_code",
]


def get_path_param_names(path: str) -> set[str]:
    """Return what stands in the braces of a path."""
    return set(re.findall(r"{(.*?)}", path))


def create_model_field(
    name: str,
    type_: Any,
    default: Any | None = Undefined,
    field_info: FieldInfo | None = None,
    alias: str | None = None,
    mode: Literal["validation", "serialization"] = "validation",
) -> ModelField:
    """Return a field.

    Raises:
        FastAPIError: Pydantic cannot handle the type.
        PydanticV1NotSupportedError: The type is a model of Pydantic 1.
    """
    model_field = ModelField(
        field_info or FieldInfo(annotation=type_, default=default, alias=alias), name, mode
    )
    check_type(model_field, None)
    return model_field


def generate_operation_id_for_path(*, name: str, path: str, method: str) -> str:
    """Return the id that FastAPI gives to an operation without one. Deprecated."""
    warnings.warn(
        "fastapi.utils.generate_operation_id_for_path() was deprecated, it is not used internally, "
        "and will be removed soon: use the route's unique_id",
        FastAPIDeprecationWarning,
        stacklevel=2,
    )
    return id_for_path(name, path, method)


def id_for_path(name: str, path: str, method: str) -> str:
    """Return the id that FastAPI gives to an operation without one."""
    return re.sub(r"\W", "_", f"{name}{path}") + "_" + method.lower()


def deep_dict_update(main_dict: dict[Any, Any], update_dict: dict[Any, Any]) -> None:
    """Put `update_dict` into `main_dict`: mappings are merged, lists joined, everything else is replaced."""
    for key, value in update_dict.items():
        known = main_dict.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            deep_dict_update(known, value)
        elif isinstance(known, list) and isinstance(value, list):
            main_dict[key] = known + value
        else:
            main_dict[key] = value


def get_value_or_default(first_item: Any, *extra_items: Any) -> Any:
    """Return the first value that is not a default, else the first."""
    return next(
        (item for item in (first_item, *extra_items) if not isinstance(item, DefaultPlaceholder)), first_item
    )
