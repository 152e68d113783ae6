"""One route as operations of a path item."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import dataclass, field, replace
from typing import Any

from rapide._pydantic import ModelField
from rapide.behaviour import Behaviour
from rapide.openapi.bodies import body_field, describe_body
from rapide.openapi.constants import METHODS_WITH_BODY
from rapide.openapi.extras import describe_callbacks, describe_security
from rapide.openapi.fragments import heading, merged, plain
from rapide.openapi.operation_ids import OperationIds
from rapide.openapi.parameters import Parameter, describe_parameters, parameters_of
from rapide.openapi.problems import ErrorComponents, describe_errors
from rapide.openapi.responses import describe_responses
from rapide.openapi.schemas import SchemaSource
from rapide.plan import RoutePlan, plan_of

__all__ = ["Context", "RouteParts", "describe_metadata", "describe_route", "operation_summary", "parts_of"]


@dataclass(frozen=True, slots=True)
class RouteParts:
    """What of a route has a schema. Collected first: component names depend on all schemas of a document."""

    plan: RoutePlan
    parameters: list[Parameter]
    body: ModelField | None


def parts_of(route: Any, plan: RoutePlan, name: str) -> RouteParts:
    """Take a route apart; `name` is what its operations are called."""
    return RouteParts(plan, parameters_of(plan.endpoint), body_field(plan, name))


@dataclass(slots=True)
class Context:
    """What the operations of one document share: their schemas, and what they add to it."""

    schemas: SchemaSource
    errors: ErrorComponents = field(default_factory=ErrorComponents)
    operation_ids: set[str] = field(default_factory=set)
    ids: OperationIds = field(default_factory=lambda: OperationIds({}, ()))
    parts: dict[int, RouteParts] = field(default_factory=dict)
    # Callbacks and webhooks are on routers that belong to no application: they are shown as its routes are.
    behaviour: Behaviour | None = None
    answered_here: bool = True

    def parts_of(self, route: Any, plan: RoutePlan) -> RouteParts:
        """Return the parts of a route, taken apart once."""
        found = self.parts.get(id(route))
        return found if found is not None else parts_of(route, plan, route.unique_id)


def operation_summary(route: Any) -> str:
    """Return the summary of a route: its own, or its name for people."""
    summary: str = route.summary or heading(route.name)
    return summary


def _warn_of_duplicate(operation_id: str, route: Any) -> None:
    endpoint = inspect.unwrap(route.endpoint)
    name = getattr(endpoint, "__name__", type(endpoint).__name__)
    message = f"Duplicate Operation ID {operation_id} for function {name}"
    code = getattr(endpoint, "__globals__", {}).get("__file__")
    warnings.warn(f"{message} at {code}" if code else message, stacklevel=2)


def describe_metadata(route: Any, operation_id: str, operation_ids: set[str]) -> dict[str, Any]:
    """Return the members that say what an operation is. Warns when its id is in `operation_ids`."""
    described: dict[str, Any] = {}
    if route.tags:
        described["tags"] = plain(list(route.tags))
    described["summary"] = operation_summary(route)
    if route.description:
        described["description"] = route.description
    if operation_id in operation_ids:
        _warn_of_duplicate(operation_id, route)
    operation_ids.add(operation_id)
    described["operationId"] = operation_id
    if route.deprecated:
        described["deprecated"] = route.deprecated
    return described


def _describe_operation(route: Any, method: str, parts: RouteParts, context: Context) -> dict[str, Any]:
    plan = parts.plan
    # Ids of functions are unique; who sees one twice sees a route that was declared twice.
    unique = id(route) in context.ids.names and plan.behaviour.operation_ids == "function"
    known = set[str]() if unique else context.operation_ids
    described = describe_metadata(route, context.ids.of_operation(route, method), known)
    security = describe_security(plan)
    if security:
        described["security"] = security
    parameters = describe_parameters(parts.parameters, context.schemas)
    if parameters:
        described["parameters"] = parameters
    # Before OpenAPI 3.2 an operation of QUERY is no operation; where documents say so, it may have its body.
    has_body = method in METHODS_WITH_BODY or (method == "QUERY" and plan.behaviour.strict_documents)
    if parts.body is not None and has_body:
        described["requestBody"] = describe_body(parts.body, context.schemas, plan.body)
    behaviour = context.behaviour or plan.behaviour
    callbacks = describe_callbacks(route, lambda callback: _describe_callback(callback, context, behaviour))
    if callbacks:
        described["callbacks"] = callbacks
    responses = describe_responses(route, context.schemas)
    if behaviour.documented_errors == "validation" or context.answered_here:
        responses.update(describe_errors(route, plan, behaviour, responses, context.errors))
    described["responses"] = responses
    if route.openapi_extra:
        described = merged(described, plain(route.openapi_extra))
    return described


def _describe_callback(route: Any, context: Context, behaviour: Behaviour) -> dict[str, Any]:
    # FastAPI leaves its error components out where only callbacks refer to them: they are not collected.
    inner = replace(context, errors=ErrorComponents(), behaviour=behaviour, answered_here=False)
    return describe_route(route, inner)


def describe_route(route: Any, context: Context) -> dict[str, Any]:
    """Return the path item of a route: an operation for each of its methods; nothing for a hidden route."""
    plan = plan_of(route)
    if plan is None or not route.include_in_schema:
        return {}
    parts = context.parts_of(route, plan)
    return {
        method.lower(): _describe_operation(route, method, parts, context) for method in sorted(route.methods)
    }
