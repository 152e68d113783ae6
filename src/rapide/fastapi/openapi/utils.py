"""`fastapi.openapi.utils`."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from rapide._pydantic import ModelField
from rapide.datastructures import DefaultPlaceholder
from rapide.encoders import jsonable_encoder
from rapide.errors import FastAPIDeprecationWarning
from rapide.fastapi._compat import (
    get_definitions,
    get_flat_models_from_fields,
    get_model_name_map,
    get_schema_from_model_field,
    lenient_issubclass,
)
from rapide.fastapi.dependencies.models import Dependant
from rapide.fastapi.dependencies.utils import get_flat_params
from rapide.fastapi.utils import deep_dict_update, generate_operation_id_for_path, id_for_path
from rapide.inputs.groups import group_members
from rapide.inputs.scalars import model_of
from rapide.openapi.bodies import describe_body
from rapide.openapi.constants import METHODS_WITH_BODY, REF_PREFIX
from rapide.openapi.document import fields_of_routes, get_openapi
from rapide.openapi.extras import describe_schemes
from rapide.openapi.flat_models import ModelOrEnum
from rapide.openapi.models import OpenAPI
from rapide.openapi.operation import Context, describe_metadata, describe_route, operation_summary
from rapide.openapi.parameters import describe_parameters, parameters_of_input
from rapide.openapi.problems import HTTP_VALIDATION_ERROR, VALIDATION_ERROR
from rapide.openapi.responses import STATUS_RANGES
from rapide.openapi.schemas import FieldMapping, MappedSchemas, Schemas, public_name
from rapide.params import Body, ParamTypes
from rapide.plan import Input, plan_of
from rapide.responses import is_body_allowed_for_status_code

__all__ = [
    "METHODS_WITH_BODY",
    "REF_PREFIX",
    "BaseRoute",
    "Body",
    "DefaultPlaceholder",
    "Dependant",
    "FastAPIDeprecationWarning",
    "JSONResponse",
    "ModelField",
    "OpenAPI",
    "ParamTypes",
    "Response",
    "deep_dict_update",
    "generate_operation_id",
    "generate_operation_id_for_path",
    "generate_operation_summary",
    "get_definitions",
    "get_fields_from_routes",
    "get_flat_models_from_fields",
    "get_flat_params",
    "get_model_name_map",
    "get_openapi",
    "get_openapi_operation_metadata",
    "get_openapi_operation_request_body",
    "get_openapi_path",
    "get_schema_from_model_field",
    "is_body_allowed_for_status_code",
    "jsonable_encoder",
    "lenient_issubclass",
    "status_code_ranges",
    "validation_error_definition",
    "validation_error_response_definition",
]

# The very objects that documents are made from: applications change them to document a 422 of their own.
validation_error_definition = VALIDATION_ERROR
validation_error_response_definition = HTTP_VALIDATION_ERROR
status_code_ranges = STATUS_RANGES


# ------------------------------------------------------------------------------------------------ operations


def generate_operation_id(*, route: Any, method: str) -> str:
    """Return the id of an operation: the one it was given, or FastAPI's for its path. Deprecated."""
    warnings.warn(
        "fastapi.openapi.utils.generate_operation_id() was deprecated, it is not used internally, "
        "and will be removed soon: use the route's unique_id",
        FastAPIDeprecationWarning,
        stacklevel=2,
    )
    return str(route.operation_id or id_for_path(route.name, route.path_format, method))


def generate_operation_summary(*, route: Any, method: str) -> str:
    """Return the summary of a route: its own, or its name for people."""
    return operation_summary(route)


def get_openapi_operation_metadata(*, route: Any, method: str, operation_ids: set[str]) -> dict[str, Any]:
    """Return the members that say what an operation is; `operation_ids` collects the ids in use."""
    return describe_metadata(route, route.operation_id or route.unique_id, operation_ids)


def get_openapi_operation_request_body(
    *,
    body_field: ModelField | None,
    model_name_map: Mapping[ModelOrEnum, str],
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,
) -> dict[str, Any] | None:
    """Return the Request Body Object of a body; None where there is none. KeyError without its schema."""
    if body_field is None:
        return None
    return describe_body(body_field, MappedSchemas(field_mapping, separate=separate_input_output_schemas))


def get_openapi_path(
    *,
    route: Any,
    operation_ids: set[str],
    model_name_map: Mapping[ModelOrEnum, str],
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return (path item, security schemes, further component schemas) of a route.

    `field_mapping` has the schemas of the route's fields, from `get_definitions`. KeyError without one.
    """
    schemas = MappedSchemas(field_mapping, separate=separate_input_output_schemas)
    context = Context(schemas, operation_ids=operation_ids)
    item = describe_route(route, context)
    plan = plan_of(route)
    schemes = describe_schemes(plan.endpoint) if item and plan is not None else {}
    return item, schemes, context.errors.used


# --------------------------------------------------------------------------------------- fields and schemas


def get_fields_from_routes(routes: Sequence[Any]) -> list[ModelField]:
    """Return every field that has a schema in the document of these routes."""
    return fields_of_routes(routes)


# --------------------------------------------------------------- private in FastAPI, but extensions use it


@dataclass
class _OpenAPIDependencyData:
    path_params: list[ModelField] = field(default_factory=list)
    query_params: list[ModelField] = field(default_factory=list)
    header_params: list[ModelField] = field(default_factory=list)
    cookie_params: list[ModelField] = field(default_factory=list)
    security_dependencies: list[tuple[Any, list[str]]] = field(default_factory=list)


_PLACES = ("path", "query", "header", "cookie")


def _get_openapi_dependency_data(  # pyright: ignore[reportUnusedFunction]  # packages import it
    dependant: Any,
) -> _OpenAPIDependencyData:
    """Return the parameters and security schemes of a dependant and all that it depends on."""
    data = _OpenAPIDependencyData()
    _add_dependant(data, dependant, ())
    return data


def _add_dependant(data: _OpenAPIDependencyData, dependant: Any, inherited: tuple[str, ...]) -> None:
    for place in _PLACES:
        getattr(data, f"{place}_params").extend(getattr(dependant, f"{place}_params"))
    scopes = tuple(dict.fromkeys((*inherited, *(dependant.own_oauth_scopes or ()))))
    for inner in dependant.dependencies:
        own = tuple(dict.fromkeys((*scopes, *(inner.own_oauth_scopes or ()))))
        if hasattr(inner.call, "scheme_name") and hasattr(inner.call, "model"):
            data.security_dependencies.append((inner, list(own)))
        _add_dependant(data, inner, scopes)


def _input_of(model_field: ModelField, place: Any) -> Input:
    info = model_field.field_info
    model = model_of(info.annotation)
    members = group_members(model, place, info) if model is not None else ()
    name = public_name(model_field)
    return Input(place, model_field.name, model_field, name, group=model is not None, members=members)


def _get_openapi_operation_parameters(  # pyright: ignore[reportUnusedFunction]  # packages import it
    *,
    dependency_data: _OpenAPIDependencyData,
    model_name_map: Mapping[ModelOrEnum, str],
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,
) -> list[dict[str, Any]]:
    """Return the Parameter Objects of what `_get_openapi_dependency_data` found."""
    parameters = [
        parameter
        for place in _PLACES
        for model_field in getattr(dependency_data, f"{place}_params")
        for parameter in parameters_of_input(_input_of(model_field, place))
    ]
    # The members of parameter models are new fields, which no mapping has.
    members = [item.field for item in parameters if (item.field, "validation") not in field_mapping]
    separate = separate_input_output_schemas
    mapping = {**field_mapping, **Schemas(members, separate=separate).mapping()}
    return describe_parameters(parameters, MappedSchemas(mapping, separate=separate))
