"""The document: all operations, their components, and what is said about the API as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from rapide._pydantic import ModelField
from rapide.errors import RouteError
from rapide.openapi.extras import describe_schemes
from rapide.openapi.fragments import plain
from rapide.openapi.models import ExternalDocumentation, Info, PathItem, Reference, Server, Tag
from rapide.openapi.operation import Context, RouteParts, describe_route, parts_of
from rapide.openapi.operation_ids import OperationIds, describe_clash, operation_ids
from rapide.openapi.problems import ErrorComponents
from rapide.openapi.responses import response_fields
from rapide.openapi.schemas import Schemas
from rapide.plan import plan_of

__all__ = ["fields_of_routes", "get_openapi"]


class _Outline(BaseModel):
    """What the user wrote of the document itself; checked and normalised by OpenAPI's models."""

    model_config = ConfigDict(title="OpenAPI", defer_build=True)

    openapi: str
    info: Info
    servers: list[Server] | None = None
    tags: list[Tag] | None = None
    externalDocs: ExternalDocumentation | None = None  # noqa: N815 -- OpenAPI's name


@cache
def _webhooks_adapter() -> TypeAdapter[dict[str, PathItem | Reference]]:
    return TypeAdapter(dict[str, PathItem | Reference])


def _take_apart(routes: Iterable[Any], parts: dict[int, RouteParts], ids: OperationIds) -> list[ModelField]:
    """Return the fields of the shown routes, and note the parts of each route.

    The order is FastAPI's: callbacks, bodies, responses, parameters. Components whose long names are equal
    are numbered by it.
    """
    callbacks: list[ModelField] = []
    bodies: list[ModelField] = []
    responses: list[ModelField] = []
    parameters: list[ModelField] = []
    for route in routes:
        plan = plan_of(route)
        if plan is None or not route.include_in_schema:
            continue
        taken = parts[id(route)] = parts_of(route, plan, ids.of_route(route))
        if taken.body is not None:
            bodies.append(taken.body)
        responses.extend(response_fields(route))
        parameters.extend(parameter.field for parameter in taken.parameters)
        callbacks.extend(_take_apart(route.callbacks or (), parts, ids))
    return [*callbacks, *bodies, *responses, *parameters]


def fields_of_routes(routes: Iterable[Any]) -> list[ModelField]:
    """Return every field that has a schema in the document of these routes."""
    return _take_apart(routes, {}, OperationIds({}, ()))


def _paths(routes: Sequence[Any], context: Context, schemes: dict[str, Any]) -> dict[str, Any]:
    """Return the path items of routes by path, and add the security schemes that they use."""
    paths: dict[str, Any] = {}
    for route in routes:
        plan = plan_of(route)
        item = describe_route(route, context)
        if plan is not None and item:
            paths.setdefault(route.path_format, {}).update(item)
            schemes.update(describe_schemes(plan.endpoint))
    return paths


def _check_ids(ids: OperationIds) -> None:
    """Refuse ids that nobody could tell apart; where ids are made as FastAPI's are, they are warned of."""
    for operation_id, first, second in ids.clashes:
        if second.plan.behaviour.operation_ids == "function":
            raise RouteError("RAP205", describe_clash(operation_id, first, second), function=second.endpoint)


def _describe(routes: Sequence[Any], webhooks: Sequence[Any], *, separate: bool) -> dict[str, Any]:
    """Return the members of the document that come from routes: paths, webhooks, components."""
    parts: dict[int, RouteParts] = {}
    ids = operation_ids(routes, webhooks)
    _check_ids(ids)
    schemas = Schemas(_take_apart([*routes, *webhooks], parts, ids), separate=separate)
    errors = ErrorComponents(schemas.definitions)
    context = Context(schemas, errors, ids=ids, parts=parts)
    schemes: dict[str, Any] = {}
    described: dict[str, Any] = {"paths": _paths(routes, context, schemes)}
    behaviour = next((plan.behaviour for plan in map(plan_of, routes) if plan is not None), None)
    hooks = _paths(webhooks, replace(context, behaviour=behaviour, answered_here=False), schemes)
    if hooks:
        described["webhooks"] = plain(_webhooks_adapter().validate_python(hooks))
    definitions = {**schemas.definitions, **errors.used}
    if definitions:
        described["components"] = {"schemas": {name: definitions[name] for name in sorted(definitions)}}
    if schemes:
        described.setdefault("components", {})["securitySchemes"] = schemes
    return described


def get_openapi(  # noqa: PLR0913 -- FastAPI's signature
    *,
    title: str,
    version: str,
    openapi_version: str = "3.1.0",
    summary: str | None = None,
    description: str | None = None,
    routes: Sequence[Any],
    webhooks: Sequence[Any] | None = None,
    tags: list[dict[str, Any]] | None = None,
    servers: list[dict[str, Any]] | None = None,
    terms_of_service: str | None = None,
    contact: dict[str, Any] | None = None,
    license_info: dict[str, Any] | None = None,
    separate_input_output_schemas: bool = True,
    external_docs: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the OpenAPI document of `routes`, as plain data.

    `routes` and `webhooks` are routes or `RouteContext`s; those that are no API routes, or not shown in the
    schema, are passed over. `openapi_version` is only written down: `rapide.openapi.versions.render` gives
    other versions. `separate_input_output_schemas` gives a model that looks different on input and output two
    components.

    Raises:
        RouteError: Two operations have the same id, and ids are names of functions.
        pydantic.ValidationError: `contact`, `license_info`, `servers`, `tags` or `external_docs` is not what
            OpenAPI allows.
        ValueError: A declared response has a status that is neither a number, a range, nor "default".
    """
    more = {
        "summary": summary,
        "description": description,
        "termsOfService": terms_of_service,
        "contact": contact,
        "license": license_info,
    }
    info = {"title": title, "version": version, **_given(more)}
    around = {"servers": servers, "tags": tags, "externalDocs": external_docs}
    written = {"openapi": openapi_version, "info": info, **_given(around)}
    outline: dict[str, Any] = plain(_Outline.model_validate(written))
    last: dict[str, Any] = {name: outline.pop(name) for name in ("tags", "externalDocs") if name in outline}
    return {**outline, **_describe(routes, webhooks or (), separate=separate_input_output_schemas), **last}


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}
