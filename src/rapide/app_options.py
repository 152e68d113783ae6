"""The options of an application: each said once, with its default."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from rapide.behaviour import RAPIDE
from rapide.declare.defaults import UNSET, Default
from rapide.declare.depends import Auth, Depends
from rapide.options import FormLimits, generate_unique_id
from rapide.routing import APIRouter
from rapide.telemetry import TelemetryConfig

__all__ = ["APP_DEFAULTS", "AppOptions", "KeptOptions", "check_options"]


class AppOptions(TypedDict, total=False):
    """The options of an application."""

    telemetry: TelemetryConfig | None
    """Settings of OpenTelemetry; None leaves the defaults."""
    debug: bool
    """Show tracebacks to clients. Never in production."""
    routes: Sequence[Any] | None
    """Ready routes of Starlette or of this framework."""
    title: str
    """The title of the API."""
    summary: str | None
    """One line about the API."""
    description: str
    """Text about the API, Markdown."""
    version: str
    """The version of the API."""
    openapi_url: str | None
    """Where the OpenAPI document is served; None serves neither it nor the pages."""
    openapi_tags: list[dict[str, Any]] | None
    """Tags with their descriptions, in order."""
    servers: list[dict[str, Any]] | None
    """OpenAPI servers."""
    dependencies: Sequence[Depends] | None
    """Dependencies of all routes."""
    default_response_class: Any
    """The response class of routes that name none."""
    redirect_slashes: bool
    """Care for paths that differ by a trailing slash."""
    docs_url: str | None
    """Where Swagger UI is served; None turns it off."""
    redoc_url: str | None
    """Where ReDoc is served; None turns it off."""
    docs_dependencies: Sequence[Depends] | None
    """Dependencies that decide who may see the OpenAPI document and the pages; other dependencies do not."""
    swagger_ui_oauth2_redirect_url: str | None
    """Where Swagger UI's OAuth2 redirect is served."""
    swagger_ui_init_oauth: dict[str, Any] | None
    """Settings of Swagger UI's OAuth2 dialog."""
    middleware: Sequence[Middleware] | None
    """Middleware, the outermost first."""
    exception_handlers: Mapping[Any, Callable[..., Any]] | None
    """Handlers by status or exception class."""
    on_startup: Sequence[Callable[[], Any]] | None
    """Functions to run at start; only without `lifespan`."""
    on_shutdown: Sequence[Callable[[], Any]] | None
    """Functions to run at the end; only without `lifespan`."""
    lifespan: Any
    """Context manager around the life of the application."""
    shutdown_grace: float | None
    """Seconds that requests get to finish when the server ends; None for what `rapide run` says, else 10."""
    terms_of_service: str | None
    """URL of the terms."""
    contact: dict[str, Any] | None
    """Whom to ask."""
    license_info: dict[str, Any] | None
    """The licence of the API."""
    root_path: str
    """Path prefix that a proxy removes; better given to the server."""
    root_path_in_servers: bool
    """Put the root path into the document's servers."""
    responses: dict[int | str, dict[str, Any]] | None
    """Additional responses of all routes in OpenAPI."""
    callbacks: list[Any] | None
    """OpenAPI callbacks of all routes."""
    webhooks: APIRouter | None
    """Routes that describe webhooks."""
    deprecated: bool | None
    """Mark all routes as deprecated."""
    include_in_schema: bool
    """Whether OpenAPI shows the routes."""
    swagger_ui_parameters: dict[str, Any] | None
    """Parameters of Swagger UI."""
    generate_unique_id_function: Callable[[Any], str]
    """Makes the operation id of a route."""
    separate_input_output_schemas: bool
    """Whether a model may have two schemas, one for input and one for output."""
    openapi_external_docs: dict[str, Any] | None
    """OpenAPI externalDocs."""
    strict_content_type: bool
    """Refuse to read a body without Content-Type as JSON."""
    max_body_size: int | None
    """Most bytes of a body."""
    form_limits: FormLimits | None
    """Limits of form parsing."""
    cancel_on_disconnect: bool | None
    """Whether what a route waits for is cancelled when its client has left. None: for safe methods."""
    timeout: float | None
    """Seconds until the response of a route has to begin; then 504. None for no limit."""
    auth: Auth
    """The dependency that decides who may call whatever says nothing of its own, or `public`. Default:
    nobody is asked.
    """
    allowed_hosts: Sequence[str] | None
    """The names under which the application is known, "*.example.com" for all below one; others are answered
    421. None allows all.
    """
    public_url: str | None
    """Where clients find the application, such as "https://example.com": links and redirects lead there,
    whatever a request says in Host. None takes the Host.
    """


class KeptOptions:
    """What an application keeps of its options: attributes of the same names, which may be set later."""

    telemetry: TelemetryConfig | None
    title: str
    summary: str | None
    description: str
    version: str
    openapi_url: str | None
    openapi_tags: list[dict[str, Any]] | None
    dependencies: Sequence[Depends] | None
    default_response_class: Any
    docs_url: str | None
    redoc_url: str | None
    docs_dependencies: Sequence[Depends] | None
    swagger_ui_oauth2_redirect_url: str | None
    swagger_ui_init_oauth: dict[str, Any] | None
    shutdown_grace: float | None
    terms_of_service: str | None
    contact: dict[str, Any] | None
    license_info: dict[str, Any] | None
    root_path: str
    root_path_in_servers: bool
    responses: dict[int | str, dict[str, Any]] | None
    callbacks: list[Any] | None
    webhooks: APIRouter
    deprecated: bool | None
    include_in_schema: bool
    swagger_ui_parameters: dict[str, Any] | None
    generate_unique_id_function: Callable[[Any], str]
    separate_input_output_schemas: bool
    openapi_external_docs: dict[str, Any] | None
    strict_content_type: bool
    max_body_size: int | None
    form_limits: FormLimits | None
    timeout: float | None
    cancel_on_disconnect: bool | None
    auth: Auth
    allowed_hosts: Sequence[str] | None
    public_url: str | None
    servers: list[dict[str, Any]]


# Defaults in the order in which signatures show them.
APP_DEFAULTS: dict[str, Any] = {
    "telemetry": None,
    "debug": False,
    "routes": None,
    "title": RAPIDE.title,
    "summary": None,
    "description": "",
    "version": "0.1.0",
    "openapi_url": "/openapi.json",
    "openapi_tags": None,
    "servers": None,
    "dependencies": None,
    "default_response_class": Default(JSONResponse),
    "redirect_slashes": True,
    "docs_url": "/docs",
    "redoc_url": "/redoc",
    "docs_dependencies": None,
    "swagger_ui_oauth2_redirect_url": "/docs/oauth2-redirect",
    "swagger_ui_init_oauth": None,
    "middleware": None,
    "exception_handlers": None,
    "on_startup": None,
    "on_shutdown": None,
    "lifespan": None,
    "shutdown_grace": None,
    "terms_of_service": None,
    "contact": None,
    "license_info": None,
    "root_path": "",
    "root_path_in_servers": True,
    "responses": None,
    "callbacks": None,
    "webhooks": None,
    "deprecated": None,
    "include_in_schema": True,
    "swagger_ui_parameters": None,
    "generate_unique_id_function": Default(generate_unique_id),
    "separate_input_output_schemas": True,
    "openapi_external_docs": None,
    "strict_content_type": Default(True),
    "max_body_size": None,
    "form_limits": None,
    "timeout": None,
    "cancel_on_disconnect": None,
    "auth": UNSET,
    "allowed_hosts": None,
    "public_url": None,
}


def check_options(values: Mapping[str, Any]) -> None:
    """Refuse what can be no document and no time.

    Raises:
        AssertionError: there is a document, and it has no title or no version.
        TypeError: `shutdown_grace` is no number.
        ValueError: it is negative, or NaN.
    """
    if values["openapi_url"]:
        if not values["title"]:
            raise AssertionError("A title must be provided for OpenAPI, e.g.: 'My API'")
        if not values["version"]:
            raise AssertionError("A version must be provided for OpenAPI, e.g.: '2.1.0'")
    grace = values["shutdown_grace"]
    if grace is None:
        return
    if isinstance(grace, bool) or not isinstance(grace, int | float):
        raise TypeError(f"shutdown_grace is a number of seconds, not {grace!r}")
    if not grace >= 0:
        raise ValueError(f"shutdown_grace is a number of seconds, 0 or more, not {grace!r}")
