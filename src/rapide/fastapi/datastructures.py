"""`fastapi.datastructures`."""

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

__all__ = [
    "URL",
    "Address",
    "Default",
    "DefaultPlaceholder",
    "FormData",
    "Headers",
    "QueryParams",
    "State",
    "UploadFile",
]
