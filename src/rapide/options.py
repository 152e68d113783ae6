"""The options of routes, routers, inclusions and applications: each said once, with its default."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, TypedDict

from starlette.responses import JSONResponse

from rapide.declare.defaults import UNSET, Default
from rapide.declare.depends import Auth, Depends

__all__ = [
    "INCLUDE_DEFAULTS",
    "ROUTER_DEFAULTS",
    "ROUTE_DEFAULTS",
    "FormLimits",
    "IncludeOptions",
    "RouteOptions",
    "RouterOptions",
    "generate_unique_id",
    "keyword_signature",
    "with_defaults",
]


class FormLimits(TypedDict, total=False):
    """Limits of form parsing; each key is inherited by itself."""

    max_fields: int
    """Most fields that are no files; 1000 by default."""
    max_files: int
    """Most files; 100 by default, 1000 on FastAPI's face."""
    max_part_size: int
    """Most bytes of a part that is no file; 1 MiB by default."""


class SharedOptions(TypedDict, total=False):
    """What a route, a router and an inclusion can all say."""

    tags: list[str | Enum] | None
    """Tags in OpenAPI; those of outer layers come first."""
    dependencies: Sequence[Depends] | None
    """Dependencies that are run for their effect; those of outer layers run first."""
    responses: dict[int | str, dict[str, Any]] | None
    """Additional responses in OpenAPI, by status; the innermost wins."""
    callbacks: list[Any] | None
    """OpenAPI callbacks: routes that describe what the API will call."""
    deprecated: bool | None
    """Mark as deprecated in OpenAPI."""
    include_in_schema: bool
    """Whether OpenAPI shows it."""
    generate_unique_id_function: Callable[[Any], str]
    """Makes the operation id of a route."""
    max_body_size: int | None
    """Most bytes of a body; None inherits."""
    form_limits: FormLimits | None
    """Limits of form parsing; missing keys inherit."""
    cancel_on_disconnect: bool | None
    """Whether what the route waits for is cancelled when its client has left. None for the outer value, and
    in the end for safe methods only.
    """
    timeout: float | None
    """Seconds until the response has to begin; then 504. None for the outer limit, `inf` for none at all."""
    auth: Auth
    """The dependency that decides who may call, or `public`; the innermost wins. Default: nobody is asked."""


class RouteOptions(SharedOptions, total=False):
    """The options of a path operation."""

    response_model: Any
    """The type of the result; None turns filtering off. Default: the return annotation."""
    status_code: int | None
    """The status of a successful response; default 200, or what the response class says."""
    summary: str | None
    """Short text in OpenAPI; default: the function's name."""
    description: str | None
    """Long text in OpenAPI, Markdown; default: the docstring."""
    response_description: str
    """What OpenAPI says of the successful response."""
    methods: Any
    """HTTP methods; default GET."""
    operation_id: str | None
    """The operation id in OpenAPI."""
    response_model_include: Any
    """Fields to keep in the result."""
    response_model_exclude: Any
    """Fields to leave out of the result."""
    response_model_by_alias: bool
    """Use aliases in the result."""
    response_model_exclude_unset: bool
    """Leave out fields that were never set."""
    response_model_exclude_defaults: bool
    """Leave out fields that have their default."""
    response_model_exclude_none: bool
    """Leave out fields that are None."""
    response_class: Any
    """The class that makes the response."""
    name: str | None
    """The name for `url_path_for`; default: the function's name."""
    dependency_overrides_provider: Any
    """The application whose overrides hold."""
    openapi_extra: dict[str, Any] | None
    """Merged into the operation in OpenAPI, last."""
    strict_content_type: bool
    """Refuse to read a body without Content-Type as JSON."""


class IncludeOptions(SharedOptions, total=False):
    """The options of `include_router`."""

    prefix: str
    """Put in front of every path."""
    default_response_class: Any
    """The response class of routes that name none."""


class RouterOptions(IncludeOptions, total=False):
    """The options of a router."""

    routes: list[Any] | None
    """Ready routes of Starlette or of this framework."""
    redirect_slashes: bool
    """Care for paths that differ by a trailing slash."""
    default: Any
    """ASGI application for what no route takes."""
    dependency_overrides_provider: Any
    """The application whose overrides hold."""
    route_class: Any
    """The class of the routes."""
    on_startup: Sequence[Callable[[], Any]] | None
    """Functions to run at start; only without `lifespan`."""
    on_shutdown: Sequence[Callable[[], Any]] | None
    """Functions to run at the end; only without `lifespan`."""
    lifespan: Any
    """Context manager around the life of the application."""
    strict_content_type: bool
    """Refuse to read a body without Content-Type as JSON."""


def generate_unique_id(route: Any) -> str:
    """Return FastAPI's operation id: name, path and first method, everything but word characters replaced."""
    text = re.sub(r"\W", "_", f"{route.name}{route.path_format}")
    return f"{text}_{min(route.methods).lower()}"


# The same objects everywhere, so that one look tells that nobody has said anything.
_RESPONSE_CLASS = Default(JSONResponse)
_UNIQUE_ID = Default(generate_unique_id)
_STRICT_CONTENT_TYPE = Default(True)

# Defaults in the order in which signatures show them.
ROUTE_DEFAULTS: dict[str, Any] = {
    "response_model": Default(None),
    "status_code": None,
    "tags": None,
    "dependencies": None,
    "summary": None,
    "description": None,
    "response_description": "Successful Response",
    "responses": None,
    "deprecated": None,
    "name": None,
    "methods": None,
    "operation_id": None,
    "response_model_include": None,
    "response_model_exclude": None,
    "response_model_by_alias": True,
    "response_model_exclude_unset": False,
    "response_model_exclude_defaults": False,
    "response_model_exclude_none": False,
    "include_in_schema": True,
    "response_class": _RESPONSE_CLASS,
    "dependency_overrides_provider": None,
    "callbacks": None,
    "openapi_extra": None,
    "generate_unique_id_function": _UNIQUE_ID,
    "strict_content_type": _STRICT_CONTENT_TYPE,
    "max_body_size": None,
    "form_limits": None,
    "timeout": None,
    "cancel_on_disconnect": None,
    "auth": UNSET,
}

INCLUDE_DEFAULTS: dict[str, Any] = {
    "prefix": "",
    "tags": None,
    "dependencies": None,
    "default_response_class": _RESPONSE_CLASS,
    "responses": None,
    "callbacks": None,
    "deprecated": None,
    "include_in_schema": True,
    "generate_unique_id_function": _UNIQUE_ID,
    "max_body_size": None,
    "form_limits": None,
    "timeout": None,
    "cancel_on_disconnect": None,
    "auth": UNSET,
}

ROUTER_DEFAULTS: dict[str, Any] = {
    "prefix": "",
    "tags": None,
    "dependencies": None,
    "default_response_class": _RESPONSE_CLASS,
    "responses": None,
    "callbacks": None,
    "routes": None,
    "redirect_slashes": True,
    "default": None,
    "dependency_overrides_provider": None,
    "route_class": None,
    "on_startup": None,
    "on_shutdown": None,
    "lifespan": None,
    "deprecated": None,
    "include_in_schema": True,
    "generate_unique_id_function": _UNIQUE_ID,
    "strict_content_type": _STRICT_CONTENT_TYPE,
    "max_body_size": None,
    "form_limits": None,
    "timeout": None,
    "cancel_on_disconnect": None,
    "auth": UNSET,
}


def with_defaults(given: Mapping[str, Any], defaults: Mapping[str, Any], function: str) -> dict[str, Any]:
    """Return all options, the missing ones at their default. Raises TypeError for an unknown one."""
    unknown = given.keys() - defaults.keys()
    if unknown:
        raise TypeError(f"{function}() got an unexpected keyword argument {min(unknown)!r}")
    return {**defaults, **given}


def keyword_signature(
    positional: Sequence[str | tuple[str, Any]], keywords: Mapping[str, Any]
) -> inspect.Signature:
    """Return a signature for tools that look: positional parameters (pairs have defaults), then keywords."""
    parameters = []
    for entry in positional:
        name, default = entry if isinstance(entry, tuple) else (entry, inspect.Parameter.empty)
        parameters.append(inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default))
    parameters.extend(
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value)
        for name, value in keywords.items()
    )
    return inspect.Signature(parameters)
