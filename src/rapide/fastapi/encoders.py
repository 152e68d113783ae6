"""`fastapi.encoders`."""

from typing import TYPE_CHECKING

from pydantic import AnyUrl, BaseModel, NameEmail, SecretBytes, SecretStr
from pydantic.color import Color  # type: ignore[deprecated]  # FastAPI has it too
from pydantic_core import PydanticUndefinedType, Url

from rapide._lazy import load_on_demand
from rapide.encoders import (
    ENCODERS_BY_TYPE,
    decimal_encoder,
    encoders_by_class_tuples,
    generate_encoders_by_class_tuples,
    is_pydantic_v1_model_instance,
    isoformat,
    jsonable_encoder,
)
from rapide.exceptions import PydanticV1NotSupportedError

if TYPE_CHECKING:
    PyExtraColor: type


__all__ = [
    "ENCODERS_BY_TYPE",
    "AnyUrl",
    "BaseModel",
    "Color",
    "NameEmail",
    "PyExtraColor",
    "PydanticUndefinedType",
    "PydanticV1NotSupportedError",
    "SecretBytes",
    "SecretStr",
    "Url",
    "decimal_encoder",
    "encoders_by_class_tuples",
    "generate_encoders_by_class_tuples",
    "is_pydantic_v1_model_instance",
    "isoformat",
    "jsonable_encoder",
]

__getattr__ = load_on_demand(
    __name__,
    {
        "PyExtraColor": "pydantic_extra_types.color:Color",
    },
    optional=True,
)
