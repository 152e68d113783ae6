"""`fastapi.datastructures`."""

from pydantic import GetJsonSchemaHandler
from starlette.datastructures import UploadFile as StarletteUploadFile

from rapide.datastructures import (
    URL,
    Address,
    Default,
    DefaultPlaceholder,
    FormData,
    Headers,
    QueryParams,
    State,
    UploadFile,
)
from rapide.declare.defaults import UNSET as _Unset  # noqa: N811 -- FastAPI's name

__all__ = [
    "URL",
    "Address",
    "Default",
    "DefaultPlaceholder",
    "FormData",
    "GetJsonSchemaHandler",
    "Headers",
    "QueryParams",
    "StarletteUploadFile",
    "State",
    "UploadFile",
    "_Unset",
]
