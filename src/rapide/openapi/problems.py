"""The framework's own error responses: FastAPI's HTTPValidationError, or problem documents (RFC 9457)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from starlette.convertors import PathConvertor, StringConvertor

from rapide.behaviour import Behaviour
from rapide.inputs.form_values import wants_bytes
from rapide.inputs.scalars import is_upload, is_upload_sequence
from rapide.openapi.constants import REF_PREFIX
from rapide.openapi.fragments import plain
from rapide.openapi.parameters import walk_dependencies
from rapide.plan import BodyPlan, Call, Input, RoutePlan
from rapide.security.base import SecurityBase

__all__ = ["HTTP_VALIDATION_ERROR", "PROBLEM", "VALIDATION_ERROR", "ErrorComponents", "describe_errors"]

VALIDATION_ERROR: dict[str, Any] = {
    "title": "ValidationError",
    "type": "object",
    "properties": {
        "loc": {
            "title": "Location",
            "type": "array",
            "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        },
        "msg": {"title": "Message", "type": "string"},
        "type": {"title": "Error Type", "type": "string"},
        "input": {"title": "Input"},
        "ctx": {"title": "Context", "type": "object"},
    },
    "required": ["loc", "msg", "type"],
}
HTTP_VALIDATION_ERROR: dict[str, Any] = {
    "title": "HTTPValidationError",
    "type": "object",
    "properties": {
        "detail": {"title": "Detail", "type": "array", "items": {"$ref": f"{REF_PREFIX}ValidationError"}},
    },
}
PROBLEM: dict[str, Any] = {
    "title": "Problem details",
    "description": "Why a request was not served (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {
            "title": "Type",
            "type": "string",
            "format": "uri-reference",
            "description": "Identifies the kind of problem.",
        },
        "title": {"title": "Title", "type": "string", "description": "The kind of problem in a few words."},
        "status": {"title": "Status", "type": "integer", "minimum": 400, "maximum": 599},
        "detail": {
            "title": "Detail",
            "type": "string",
            "description": "What is wrong with this very request.",
        },
        "instance": {"title": "Instance", "type": "string", "format": "uri-reference"},
    },
    "required": ["type", "title", "status"],
}
_VALIDATION_PROBLEM: dict[str, Any] = {
    "title": "Validation problem",
    "description": "Which values of a request are invalid (RFC 9457).",
    "type": "object",
    "properties": {
        **PROBLEM["properties"],
        "errors": {
            "title": "Errors",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "loc": {
                        "title": "Location",
                        "type": "array",
                        "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                        "description": "The place, then the names and indices that lead to the value.",
                    },
                    "msg": {"title": "Message", "type": "string"},
                    "type": {"title": "Error Type", "type": "string"},
                },
                "required": ["loc", "msg", "type"],
            },
        },
    },
    "required": ["type", "title", "status", "errors"],
}
# Convertors that take any text: with others, a path that does not fit is not found.
_ANY_SEGMENT = (StringConvertor, PathConvertor)
_TITLES = {
    "400": "Bad Request",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "Not Found",
    "413": "Content Too Large",
    "415": "Unsupported Media Type",
    "422": "Unprocessable Content",
    "507": "Insufficient Storage",
}


class ErrorComponents:
    """The components of the framework's errors that a document needs.

    `taken` are the user's components: problem documents step aside for their names, unless they are the very
    same. FastAPI's two names do not, as its clients know them.
    """

    def __init__(self, taken: Mapping[str, Any] | None = None) -> None:
        self._taken = taken or {}
        self.used: dict[str, dict[str, Any]] = {}

    def _use(self, name: str, schema: Mapping[str, Any]) -> dict[str, str]:
        if name not in self.used:
            self.used[name] = plain(dict(schema))
        return {"$ref": REF_PREFIX + name}

    def http_validation_error(self) -> dict[str, str]:
        """Return a reference to FastAPI's component."""
        self._use("ValidationError", VALIDATION_ERROR)
        return self._use("HTTPValidationError", HTTP_VALIDATION_ERROR)

    def problem(self, *, validation: bool) -> dict[str, str]:
        """Return a reference to the component of problem documents, or of those that list invalid values."""
        name = "ValidationProblem" if validation else "ProblemDetails"
        schema = _VALIDATION_PROBLEM if validation else PROBLEM
        while name in self._taken and self._taken[name] != plain(schema):
            name = f"Rapide{name}"
        return self._use(name, schema)


def _asks_credentials(call: Call) -> bool:
    """Tell whether a security scheme of the graph refuses requests without credentials."""
    functions: list[Any] = [edge.call.function for edge in walk_dependencies(call)]
    return any(
        isinstance(function, SecurityBase) and getattr(function, "auto_error", True) for function in functions
    )


def _asks_scopes(call: Call) -> bool:
    """Tell whether a dependency of the graph asks for OAuth2 scopes, which credentials may lack."""
    return any(edge.own_scopes for edge in walk_dependencies(call))


def _has_inputs(call: Call) -> bool:
    return bool(call.inputs) or any(edge.call.inputs for edge in walk_dependencies(call))


def _is_file(item: Input) -> bool:
    """Tell whether an input, or a member of a form model, is an upload, which is written to a disk."""
    annotations = [member.field.field_info.annotation for member in item.members or (item,)]
    return any(is_upload(each) or is_upload_sequence(each) or wants_bytes(each) for each in annotations)


def _body_statuses(plan: RoutePlan, body: BodyPlan, behaviour: Behaviour) -> Iterator[str]:
    yield "400"
    size = behaviour.max_json_size if body.kind == "json" else behaviour.max_form_size
    if plan.limits.max_body_size is not None or size is not None:
        yield "413"
    if behaviour.unsupported_media_type:
        yield "415"
    if body.kind == "form" and behaviour.strict_forms and any(_is_file(item) for item in body.inputs):
        yield "507"


def _problem_statuses(route: Any, plan: RoutePlan, behaviour: Behaviour) -> Iterator[str]:
    """Yield the statuses with which the framework itself can answer a request for this operation."""
    if plan.body is not None:
        yield from _body_statuses(plan, plan.body, behaviour)
    if plan.auth is not None or _asks_credentials(plan.endpoint):
        yield "401"
    if plan.auth is not None or _asks_scopes(plan.endpoint):
        yield "403"
    if any(type(convertor) not in _ANY_SEGMENT for convertor in route.param_convertors.values()):
        yield "404"
    if _has_inputs(plan.endpoint):
        yield "422"


def describe_errors(
    route: Any, plan: RoutePlan, behaviour: Behaviour, declared: Collection[str], components: ErrorComponents
) -> dict[str, Any]:
    """Return the responses that the framework adds: those not declared, be it by range or as default."""
    if "4XX" in declared or "default" in declared:
        return {}
    if behaviour.documented_errors == "validation":
        if "422" in declared or not _has_inputs(plan.endpoint):
            return {}
        schema = components.http_validation_error()
        return {
            "422": {"description": "Validation Error", "content": {"application/json": {"schema": schema}}}
        }
    return {
        status: _describe_problem(status, components)
        for status in _problem_statuses(route, plan, behaviour)
        if status not in declared
    }


def _describe_problem(status: str, components: ErrorComponents) -> dict[str, Any]:
    schema = components.problem(validation=status == "422")
    return {"description": _TITLES[status], "content": {"application/problem+json": {"schema": schema}}}
