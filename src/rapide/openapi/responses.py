"""What an operation answers: its own response, those the user declares, and those the framework gives."""

from __future__ import annotations

import http.client
import inspect
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from starlette.responses import JSONResponse

from rapide._pydantic import ModelField
from rapide.declare.defaults import DefaultPlaceholder
from rapide.openapi.fragments import merged, plain
from rapide.openapi.schemas import SchemaSource
from rapide.responses import is_body_allowed_for_status_code
from rapide.sse import _SSE_EVENT_SCHEMA

__all__ = ["STATUS_RANGES", "describe_responses", "main_status", "response_fields"]

STATUS_RANGES = {
    "1XX": "Information",
    "2XX": "Success",
    "3XX": "Redirection",
    "4XX": "Client Error",
    "5XX": "Server Error",
    "DEFAULT": "Default Response",
}


def _response_class(route: Any) -> Any:
    given = route.response_class
    return given.value if isinstance(given, DefaultPlaceholder) else given


@lru_cache(maxsize=256)
def _default_status(response_class: type[Any]) -> str:
    parameter = inspect.signature(response_class.__init__).parameters.get("status_code")
    return str(parameter.default) if parameter is not None and isinstance(parameter.default, int) else "200"


def main_status(route: Any) -> str:
    """Return the status of the operation's own response: the route's, or its response class's default."""
    if route.status_code is not None:
        return str(int(route.status_code))
    return _default_status(_response_class(route))


def response_fields(route: Any) -> Iterator[ModelField]:
    """Yield the fields of everything that a route answers with."""
    if route.response_field is not None:
        yield route.response_field
    item = getattr(route, "stream_item_field", None)
    if item is not None:
        yield item
    yield from (route.response_fields or {}).values()


def _item_schema(route: Any, schemas: SchemaSource) -> dict[str, Any]:
    item = getattr(route, "stream_item_field", None)
    return schemas.schema(item, item.name) if item is not None else {}


def _event_schema(route: Any, schemas: SchemaSource) -> dict[str, Any]:
    described: dict[str, Any] = plain(_SSE_EVENT_SCHEMA)
    content = _item_schema(route, schemas)
    if content:
        described["properties"]["data"].update(contentMediaType="application/json", contentSchema=content)
        described["required"] = ["data"]
    return described


def _main_content(route: Any, schemas: SchemaSource) -> dict[str, Any] | None:
    """Return the `content` of the operation's own response; None where there is none."""
    if getattr(route, "is_sse_stream", False):
        return {"text/event-stream": {"itemSchema": _event_schema(route, schemas)}}
    if getattr(route, "is_json_stream", False):
        return {"application/jsonl": {"itemSchema": _item_schema(route, schemas)}}
    response_class = _response_class(route)
    media_type = response_class.media_type
    if not media_type:
        return None
    if not issubclass(response_class, JSONResponse):
        return {media_type: {"schema": {"type": "string"}}}
    field: ModelField | None = route.response_field
    return {media_type: {"schema": schemas.schema(field, field.name) if field is not None else {}}}


def _description(status: Any, declared: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    text = STATUS_RANGES.get(str(status).upper()) or http.client.responses.get(int(status))
    return declared.get("description") or known.get("description") or text or "Additional Response"


def _additional(route: Any, status: Any, declared: Any, schemas: SchemaSource) -> dict[str, Any]:
    """Return a declared response with its model in its content."""
    described: dict[str, Any] = plain({name: value for name, value in declared.items() if name != "model"})
    field: ModelField | None = (route.response_fields or {}).get(status)
    if field is None:
        return described
    media_type = _response_class(route).media_type or "application/json"
    content = {"content": {media_type: {"schema": schemas.schema(field, field.name)}}}
    return merged(described, content)


def describe_responses(route: Any, schemas: SchemaSource) -> dict[str, Any]:
    """Return the Responses Object without what the framework adds.

    Raises ValueError for a declared status that is neither a number, a range such as "4XX", nor "default".
    """
    status = main_status(route)
    main: dict[str, Any] = {"description": route.response_description}
    content = _main_content(route, schemas) if is_body_allowed_for_status_code(status) else None
    if content is not None:
        main["content"] = content
    responses = {status: main}
    for key, declared in (route.responses or {}).items():
        name = str(key).upper()
        name = "default" if name == "DEFAULT" else name
        known = responses.get(name, {})
        described = merged(known, _additional(route, key, declared, schemas))
        described["description"] = _description(key, declared, known)
        responses[name] = described
    return responses
