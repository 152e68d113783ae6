"""`fastapi.openapi.utils`."""

import warnings
from collections.abc import Sequence
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from rapide._pydantic import ModelField
from rapide.datastructures import DefaultPlaceholder
from rapide.encoders import jsonable_encoder
from rapide.errors import FastAPIDeprecationWarning
from rapide.openapi.constants import METHODS_WITH_BODY, REF_PREFIX
from rapide.openapi.document import fields_of_routes, get_openapi
from rapide.openapi.models import OpenAPI
from rapide.openapi.operation import describe_metadata, operation_summary
from rapide.openapi.problems import HTTP_VALIDATION_ERROR, VALIDATION_ERROR
from rapide.openapi.responses import STATUS_RANGES
from rapide.params import Body, ParamTypes
from rapide.responses import is_body_allowed_for_status_code

__all__ = [
    "METHODS_WITH_BODY",
    "REF_PREFIX",
    "BaseRoute",
    "Body",
    "DefaultPlaceholder",
    "FastAPIDeprecationWarning",
    "JSONResponse",
    "ModelField",
    "OpenAPI",
    "ParamTypes",
    "Response",
    "generate_operation_id",
    "generate_operation_summary",
    "get_fields_from_routes",
    "get_openapi",
    "get_openapi_operation_metadata",
    "is_body_allowed_for_status_code",
    "jsonable_encoder",
    "status_code_ranges",
    "validation_error_definition",
    "validation_error_response_definition",
]

# The very objects that documents are made from: applications change them to document a 422 of their own.
validation_error_definition = VALIDATION_ERROR
validation_error_response_definition = HTTP_VALIDATION_ERROR
status_code_ranges = STATUS_RANGES


def generate_operation_id(*, route: Any, method: str) -> str:
    """Return the id of an operation, which is the same for all methods of a route. Deprecated by FastAPI."""
    warnings.warn(
        "fastapi.openapi.utils.generate_operation_id() is deprecated: use the route's unique_id",
        FastAPIDeprecationWarning,
        stacklevel=2,
    )
    return str(route.operation_id or route.unique_id)


def generate_operation_summary(*, route: Any, method: str) -> str:
    """Return the summary of a route: its own, or its name for people."""
    return operation_summary(route)


def get_openapi_operation_metadata(*, route: Any, method: str, operation_ids: set[str]) -> dict[str, Any]:
    """Return the members that say what an operation is; `operation_ids` collects the ids in use."""
    return describe_metadata(route, route.operation_id or route.unique_id, operation_ids)


def get_fields_from_routes(routes: Sequence[Any]) -> list[ModelField]:
    """Return every field that has a schema in the document of these routes."""
    return fields_of_routes(routes)
