"""The document: all operations, their components, and what is said about the API as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import chain
from typing import Any, TypedDict, Unpack

from pydantic import BaseModel, ConfigDict, TypeAdapter

from rapide._pydantic import ModelField
from rapide.errors import RouteError
from rapide.openapi.extras import describe_schemes
from rapide.openapi.fragments import plain
from rapide.openapi.members import Members, Pace, collected, unpaced
from rapide.openapi.models import ExternalDocumentation, Info, PathItem, Reference, Server, Tag
from rapide.openapi.operation import Context, RouteParts, describe_route, parts_of
from rapide.openapi.operation_ids import OperationIds, describe_clash, operation_ids
from rapide.openapi.problems import ErrorComponents
from rapide.openapi.responses import response_fields
from rapide.openapi.schemas import Schemas
from rapide.plan import plan_of

__all__ = ["document_members", "fields_of_routes", "get_openapi", "prepare_outline"]


class _Outline(BaseModel):
    """What the user wrote of the document itself; checked and normalised by OpenAPI's models."""

    model_config = ConfigDict(title="OpenAPI", defer_build=True)

    openapi: str
    info: Info
    servers: list[Server] | None = None
    tags: list[Tag] | None = None
    externalDocs: ExternalDocumentation | None = None  # noqa: N815 -- OpenAPI's name


def prepare_outline() -> None:
    """Build now what the first document needs in one piece."""
    _Outline.model_rebuild()


@cache
def _webhooks_adapter() -> TypeAdapter[dict[str, PathItem | Reference]]:
    return TypeAdapter(dict[str, PathItem | Reference])


def _take_apart(
    routes: Iterable[Any], parts: dict[int, RouteParts], ids: OperationIds, pace: Pace = unpaced
) -> list[ModelField]:
    """Return the fields of the shown routes, and note the parts of each route.

    The order is FastAPI's: callbacks, bodies, responses, parameters. Components whose long names are equal
    are numbered by it.
    """
    callbacks: list[ModelField] = []
    bodies: list[ModelField] = []
    responses: list[ModelField] = []
    parameters: list[ModelField] = []
    for route in routes:
        pace()
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


def _paths(
    routes: Sequence[Any], context: Context, schemes: dict[str, Any], pace: Pace = unpaced
) -> Iterator[tuple[str, Any]]:
    """Yield the path items of routes by path, and add the security schemes that they use."""
    by_path: dict[str, list[Any]] = {}
    for route in routes:
        if plan_of(route) is not None and route.include_in_schema:
            by_path.setdefault(route.path_format, []).append(route)
    for path, of_path in by_path.items():
        item: dict[str, Any] = {}
        for route in of_path:
            pace()
            item.update(describe_route(route, context))
            schemes.update(describe_schemes(route.plan.endpoint))
        if item:
            yield path, item


def _check_ids(ids: OperationIds) -> None:
    """Refuse ids that nobody could tell apart; where ids are made as FastAPI's are, they are warned of."""
    for operation_id, first, second in ids.clashes:
        if second.plan.behaviour.operation_ids == "function":
            raise RouteError("RAP205", describe_clash(operation_id, first, second), function=second.endpoint)


def _describe(
    routes: Sequence[Any],
    webhooks: Sequence[Any],
    *,
    separate: bool,
    rendered: Callable[[Any], Any] | None,
    pace: Pace,
) -> Iterator[tuple[str, Any]]:
    """Yield the members of the document that come from routes: paths, webhooks, components."""
    parts: dict[int, RouteParts] = {}
    ids = operation_ids(routes, webhooks, pace=pace)
    _check_ids(ids)
    fields = _take_apart([*routes, *webhooks], parts, ids, pace)
    schemas = Schemas(fields, separate=separate, pace=pace)
    errors = ErrorComponents(schemas.definitions)
    context = Context(schemas, errors, ids=ids, parts=parts)
    schemes: dict[str, Any] = {}
    yield "paths", _rendered(_paths(routes, context, schemes, pace), rendered)
    behaviour = next((plan.behaviour for plan in map(plan_of, routes) if plan is not None), None)
    of_hooks = replace(context, behaviour=behaviour, answered_here=False)
    hooks = dict(_paths(webhooks, of_hooks, schemes, pace))
    if hooks:
        checked = plain(_webhooks_adapter().validate_python(hooks))
        yield "webhooks", _rendered(checked.items(), rendered)
    definitions = {**schemas.definitions, **errors.used}
    components: dict[str, Any] = {}
    if definitions:
        components["schemas"] = Members((name, definitions[name]) for name in sorted(definitions))
    if schemes:
        components["securitySchemes"] = schemes
    if components:
        yield "components", Members(components.items())


def _rendered(items: Iterable[tuple[str, Any]], rendered: Callable[[Any], Any] | None) -> Members:
    """Return path items, each as `rendered` makes it."""
    return Members(items if rendered is None else ((path, rendered(item)) for path, item in items))


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
    return collected(  # type: ignore[no-any-return]  # an object, as members are
        document_members(
            title=title,
            version=version,
            openapi_version=openapi_version,
            summary=summary,
            description=description,
            routes=routes,
            webhooks=webhooks,
            tags=tags,
            servers=servers,
            terms_of_service=terms_of_service,
            contact=contact,
            license_info=license_info,
            separate_input_output_schemas=separate_input_output_schemas,
            external_docs=external_docs,
        )
    )


class DocumentOptions(TypedDict, total=False):
    """What `get_openapi` takes besides title, version and routes."""

    openapi_version: str
    summary: str | None
    description: str | None
    webhooks: Sequence[Any] | None
    tags: list[dict[str, Any]] | None
    servers: list[dict[str, Any]] | None
    terms_of_service: str | None
    contact: dict[str, Any] | None
    license_info: dict[str, Any] | None
    separate_input_output_schemas: bool
    external_docs: dict[str, Any] | None


def document_members(
    *,
    title: str,
    version: str,
    routes: Sequence[Any],
    rendered: Callable[[Any], Any] | None = None,
    pace: Pace = unpaced,
    **options: Unpack[DocumentOptions],
) -> Members:
    """Return the members of the document that `get_openapi` returns, each to be made when it is asked for.

    `rendered` makes other path items of those of the document. `pace` is called often. Raises what
    `get_openapi` raises, most of it when members are asked for.
    """
    given: dict[str, Any] = {**options}
    more = {
        "summary": given.get("summary"),
        "description": given.get("description"),
        "termsOfService": given.get("terms_of_service"),
        "contact": given.get("contact"),
        "license": given.get("license_info"),
    }
    info = {"title": title, "version": version, **_given(more)}
    names = {"servers": "servers", "tags": "tags", "externalDocs": "external_docs"}
    around = {name: given.get(option) for name, option in names.items()}
    written = {"openapi": given.get("openapi_version", "3.1.0"), "info": info, **_given(around)}
    outline: dict[str, Any] = plain(_Outline.model_validate(written))
    last = [(name, outline.pop(name)) for name in ("tags", "externalDocs") if name in outline]
    separate = given.get("separate_input_output_schemas", True)
    described = _describe(
        routes, given.get("webhooks") or (), separate=separate, rendered=rendered, pace=pace
    )
    return Members(chain(outline.items(), described, last))


def _given(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}
