"""`fastapi.applications`: the application with FastAPI's defaults."""

from __future__ import annotations

import warnings
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, Unpack, cast

import starlette.applications
from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from rapide import routing
from rapide._lazy import load_on_demand
from rapide.app import Rapide
from rapide.app_options import APP_DEFAULTS, AppOptions
from rapide.behaviour import FASTAPI, Behaviour
from rapide.datastructures import Default, DefaultPlaceholder
from rapide.declare.depends import Depends
from rapide.docs import (
    CdnPages,
    get_redoc_html,
    get_swagger_ui_html,
    get_swagger_ui_oauth2_redirect_html,
)
from rapide.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from rapide.exceptions import (
    FastAPIDeprecationWarning,
    RequestValidationError,
    WebSocketRequestValidationError,
)
from rapide.fastapi._body_limit import AppBodyLimitMiddleware
from rapide.fastapi._signatures import (
    APP_INCLUDE,
    APP_ROUTE,
    VERB,
    VERBS,
    fastapis,
    show_others,
    shows,
    takes,
)
from rapide.fastapi.routing import APIRouter
from rapide.middleware.asyncexitstack import AsyncExitStackMiddleware
from rapide.options import generate_unique_id, keyword_signature

if TYPE_CHECKING:
    from rapide.fastapi.telemetry import TelemetryConfig
    from rapide.openapi.document import get_openapi

__all__ = [
    "AppBodyLimitMiddleware",
    "AsyncExitStackMiddleware",
    "BaseHTTPMiddleware",
    "BaseRoute",
    "Default",
    "DefaultPlaceholder",
    "Depends",
    "ExceptionMiddleware",
    "FastAPI",
    "FastAPIDeprecationWarning",
    "HTMLResponse",
    "HTTPException",
    "JSONResponse",
    "Middleware",
    "Request",
    "RequestValidationError",
    "Response",
    "ServerErrorMiddleware",
    "Starlette",
    "State",
    "TelemetryConfig",
    "WebSocketRequestValidationError",
    "generate_unique_id",
    "get_openapi",
    "get_redoc_html",
    "get_swagger_ui_html",
    "get_swagger_ui_oauth2_redirect_html",
    "http_exception_handler",
    "request_validation_exception_handler",
    "websocket_request_validation_exception_handler",
]

__getattr__ = load_on_demand(
    __name__, {"TelemetryConfig": "rapide.fastapi.telemetry", "get_openapi": "rapide.openapi.document"}
)


def _page_by(name: str) -> Callable[..., Response]:
    """Return a function that makes a docs page with what stands in this module under `name` by then.

    Packages that serve the pages' files themselves put their own functions there.
    """

    def page(**arguments: Any) -> Any:
        return globals()[name](**arguments)

    return page


_TELEMETRY = {
    "tracer_provider": None, "meter_provider": None, "logger_provider": None,
    "tracing": True, "metrics": True, "logs": True, "operation_spans": True, "exclude": None,
}  # fmt: skip


def _is_excluded(config: Mapping[str, Any], scope: Scope) -> bool:
    exclude = config.get("exclude")
    return exclude is not None and bool(exclude(scope))


async def _enter(
    layer: Callable[..., Awaitable[None]], through: ASGIApp, stack: ASGIApp, *connection: Any
) -> None:
    """Let a connection in. All pass here until telemetry decides that they need not."""
    await layer(through if _ThroughStarlette.is_needed() else stack, *connection)


class _ThroughStarlette:
    """The stack of an application, inside of what somebody put in the place of `Starlette.__call__`."""

    def __init__(self, application: FastAPI) -> None:
        self._application = application

    @property
    def app(self) -> ASGIApp | None:
        """What stands inside, for those who take stacks apart."""
        return self._application.middleware_stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a connection: Starlette's own function calls `middleware_stack`."""
        await Starlette.__call__(self._application, scope, receive, send)

    @staticmethod
    def is_needed() -> bool:
        """Tell whether `Starlette.__call__` was replaced, be it before this module was imported."""
        call = Starlette.__call__
        return type(call) is not FunctionType or call.__code__.co_filename != starlette.applications.__file__


class FastAPI(Rapide):
    """An application that behaves as FastAPI's do. `AppOptions` lists the options."""

    default_behaviour: ClassVar[Behaviour] = FASTAPI
    router_class: ClassVar[type[routing.APIRouter]] = APIRouter
    _cdn_pages: ClassVar[CdnPages | None] = CdnPages(
        swagger=_page_by("get_swagger_ui_html"),
        redoc=_page_by("get_redoc_html"),
        oauth2_redirect=_page_by("get_swagger_ui_oauth2_redirect_html"),
    )

    def __init__(self, *, behaviour: Behaviour | None = None, **options: Unpack[AppOptions]) -> None:
        if options.get("root_path"):
            warnings.warn(
                "The `root_path` parameter is deprecated. Configure the server's root path instead, for "
                "example with `fastapi run --root-path /api/v1`, or `rapide run` with the same.",
                FastAPIDeprecationWarning,
                stacklevel=2,
            )
        # Packages with telemetry of their own set `exclude` here, as in FastAPI.
        self._telemetry: dict[str, Any] = {**_TELEMETRY, **(options.get("telemetry") or {})}
        options["telemetry"] = cast(
            "TelemetryConfig", {**self._telemetry, "exclude": partial(_is_excluded, self._telemetry)}
        )
        super().__init__(behaviour=behaviour, **options)
        self._telemetry_layer = partial(_enter, self._telemetry_layer, _ThroughStarlette(self))

    def _decide_telemetry(self, *, stays: bool, records: bool) -> None:
        super()._decide_telemetry(stays=stays or _ThroughStarlette.is_needed(), records=records)

    include_router = shows(APP_INCLUDE, "router")(Rapide.include_router)

    @takes(APP_ROUTE, "path", "endpoint")
    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add a path operation. Raises a DeclarationError for what cannot be."""
        self.router.add_api_route(path, endpoint, **options)

    @takes(APP_ROUTE, "path")
    def api_route(self, path: str, **options: Any) -> Callable[..., Any]:
        """Answer the methods given as `methods`, GET by default."""
        return self.router.api_route(path, **options)

    def openapi(self) -> dict[str, Any]:  # type: ignore[override]  # FastAPI gives one version
        """Return the OpenAPI document; made once, and again when routes were added."""
        return super().openapi()


def _verb(name: str) -> Callable[..., Any]:
    def verb(self: FastAPI, path: str, **options: Any) -> Any:
        return getattr(self.router, name)(path, **options)

    verb.__name__ = name
    verb.__doc__ = getattr(Rapide, name).__doc__
    return takes(VERB, "path")(verb)


for _name in VERBS:
    setattr(FastAPI, _name, _verb(_name))
_DEFAULTS: dict[str, Any] = {**fastapis(APP_DEFAULTS), "title": "FastAPI", "strict_content_type": True}
show_others(FastAPI)
FastAPI.__signature__ = keyword_signature((), _DEFAULTS)  # type: ignore[attr-defined]  # shown by tools
