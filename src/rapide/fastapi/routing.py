"""`fastapi.routing`: routes and routers with FastAPI's behaviour, and functions that third parties replace.

The functions in `_ORIGINALS` are looked up here when they are needed. As long as nobody replaces one, routes
run their generated handlers and need none of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from starlette._exception_handler import wrap_app_handling_exceptions
from starlette._utils import get_route_path, is_async_callable
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.datastructures import URL, URLPath
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Match, Mount, NoMatchFound, compile_path, get_name
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from rapide import routing, sse
from rapide._analyse.route import plan_body
from rapide._lazy import load_on_demand
from rapide.behaviour import FASTAPI, Behaviour
from rapide.datastructures import Default, DefaultPlaceholder
from rapide.encoders import jsonable_encoder
from rapide.exceptions import (
    EndpointContext,
    FastAPIError,
    RequestValidationError,
    ResponseValidationError,
    WebSocketRequestValidationError,
)
from rapide.fastapi import _handlers
from rapide.fastapi._body_limit import (
    MAX_BODY_SIZE_SCOPE_KEY,
    get_body_limit_error,
    get_body_size_limit,
    validate_max_body_size,
    wrap_app_with_body_limit,
)
from rapide.fastapi._compat import lenient_issubclass
from rapide.fastapi._contexts import (
    _DefaultLifespan,
    _EffectiveRouteContext,
    _IncludedRouter,
    _iter_routes_with_context,
    _merge_lifespan_context,
)
from rapide.fastapi._form_limits import _FormLimits, _validate_form_limits, refuses_as_fastapi
from rapide.fastapi._handlers import (
    get_request_handler,
    get_websocket_app,
    request_response,
    run_endpoint_function,
    serialize_response,
    websocket_session,
)
from rapide.fastapi._late import LateRoute, Settable, WatchedClass, WatchedModule, make_settable
from rapide.fastapi._signatures import (
    ADD_ROUTE,
    INCLUDE,
    ROUTER_ROUTE,
    VERB,
    VERBS,
    fastapis,
    show_others,
    shows,
    takes,
)
from rapide.fastapi.dependencies._graph import LISTS, walk_fields
from rapide.fastapi.dependencies.models import Dependant
from rapide.fastapi.dependencies.utils import (
    SolvedDependency,
    _get_body_field,
    _get_flat_body_params,
    _should_embed_body_fields,
    get_dependant,
    get_parameterless_sub_dependant,
    get_stream_item_type,
    get_typed_return_annotation,
    solve_dependencies,
)
from rapide.fastapi.utils import (
    ModelField,
    create_model_field,
    generate_unique_id,
    get_value_or_default,
    is_body_allowed_for_status_code,
)
from rapide.openapi.bodies import body_field
from rapide.options import ROUTE_DEFAULTS, ROUTER_DEFAULTS, keyword_signature
from rapide.plan import Call, RoutePlan, SocketPlan
from rapide.routing import RouteContext, iter_route_contexts
from rapide.routing.declaring import declaring
from rapide.routing.request_handler import RequestHandler, as_asgi
from rapide.routing.route import CUSTOMISING
from rapide.sse import EventSourceResponse, ServerSentEvent, format_sse_event
from rapide.types import DecoratedCallable, IncEx

__all__ = [
    "MAX_BODY_SIZE_SCOPE_KEY",
    "URL",
    "APIRoute",
    "APIRouter",
    "APIWebSocketRoute",
    "BaseRoute",
    "DecoratedCallable",
    "Default",
    "DefaultPlaceholder",
    "Dependant",
    "EndpointContext",
    "EventSourceResponse",
    "FastAPIError",
    "HTTPException",
    "IncEx",
    "JSONResponse",
    "Match",
    "Middleware",
    "ModelField",
    "Mount",
    "NoMatchFound",
    "PlainTextResponse",
    "RedirectResponse",
    "Request",
    "RequestValidationError",
    "Response",
    "ResponseValidationError",
    "RouteContext",
    "ServerSentEvent",
    "SolvedDependency",
    "StaticFiles",
    "StreamingResponse",
    "URLPath",
    "WebSocket",
    "WebSocketRequestValidationError",
    "_DefaultLifespan",
    "_EffectiveRouteContext",
    "_FormLimits",
    "_IncludedRouter",
    "_get_body_field",
    "_get_flat_body_params",
    "_iter_routes_with_context",
    "_merge_lifespan_context",
    "_should_embed_body_fields",
    "_validate_form_limits",
    "asynccontextmanager",
    "compile_path",
    "create_model_field",
    "format_sse_event",
    "generate_unique_id",
    "get_body_limit_error",
    "get_body_size_limit",
    "get_dependant",
    "get_name",
    "get_parameterless_sub_dependant",
    "get_request_handler",
    "get_route_path",
    "get_stream_item_type",
    "get_telemetry_data",
    "get_typed_return_annotation",
    "get_value_or_default",
    "get_websocket_app",
    "is_async_callable",
    "is_body_allowed_for_status_code",
    "iter_route_contexts",
    "iterate_in_threadpool",
    "jsonable_encoder",
    "lenient_issubclass",
    "request_response",
    "run_endpoint_function",
    "run_in_threadpool",
    "serialize_response",
    "solve_dependencies",
    "validate_max_body_size",
    "websocket_session",
    "wrap_app_handling_exceptions",
    "wrap_app_with_body_limit",
]

if TYPE_CHECKING:
    from rapide.fastapi.telemetry import get_telemetry_data

__getattr__ = load_on_demand(__name__, {"get_telemetry_data": "rapide.fastapi.telemetry"})

# What third parties replace, as it is when nobody did.
_ORIGINALS: dict[str, Any] = {name: globals()[name] for name in _handlers.HTTP_SEAMS | _handlers.SOCKET_SEAMS}
_edition = 0

# Seconds of silence between the pings of a stream of events; set it here to change it.
_PING_INTERVAL = sse._PING_INTERVAL


def _flattened(route: Any) -> Dependant:
    """Return a dependant with the parameters of a route's whole graph."""
    whole = route.dependant
    flat = Dependant(call=whole.call, path=whole.path, use_cache=whole.use_cache)
    for name in dict.fromkeys(LISTS.values()):
        setattr(flat, name, [*walk_fields(whole, name)])
    return flat


class APIRoute(LateRoute, routing.APIRoute, metaclass=WatchedClass):  # type: ignore[override]  # a property where the engine has an attribute
    """A path operation with FastAPI's behaviour. `RouteOptions` lists the options."""

    behaviour: Behaviour = FASTAPI
    _SEAMS: ClassVar[frozenset[str]] = _handlers.HTTP_SEAMS

    _flat_dependant = Settable(_flattened)

    @Settable
    def body_field(self) -> ModelField | None:
        """The one field that describes the whole body; None when nothing reads it."""
        return body_field(self.plan, self.unique_id)

    @Settable
    def _embed_body_fields(self) -> bool:
        """Whether the body holds its parameters by name."""
        return self.plan.body is not None and self.plan.body.embed

    @property
    def response_model(self) -> Any:
        """The type of the result, or None. Another one holds from then on, for copies and inclusions too."""
        return super().response_model

    @response_model.setter
    def response_model(self, model: Any) -> None:
        self._response_model = model
        self._plan = None
        vars(self).pop("_late", None)
        self._handlers.clear()

    def _declared_plan(self) -> RoutePlan:
        plan: RoutePlan = routing.APIRoute.plan.fget(self)  # type: ignore[attr-defined]  # the getter of a property
        return plan

    def _changed_plan(self, plan: RoutePlan, call: Call) -> RoutePlan:
        return replace(plan, endpoint=call, body=plan_body(call))

    def get_route_handler(self) -> RequestHandler:
        """Return the route as a function from request to response; a subclass may wrap or replace it."""
        with declaring(self.behaviour, whole=self.behaviour is not None):
            return get_request_handler(
                dependant=self.dependant,
                body_field=self.body_field,
                status_code=self.status_code,
                response_class=self.response_class,
                response_field=self.response_field,
                response_model_include=self.response_model_include,
                response_model_exclude=self.response_model_exclude,
                response_model_by_alias=self.response_model_by_alias,
                response_model_exclude_unset=self.response_model_exclude_unset,
                response_model_exclude_defaults=self.response_model_exclude_defaults,
                response_model_exclude_none=self.response_model_exclude_none,
                dependency_overrides_provider=self.dependency_overrides_provider,
                embed_body_fields=self._embed_body_fields,
                strict_content_type=self.strict_content_type,
                form_limits=self.form_limits,
                stream_item_field=self.stream_item_field,
                is_json_stream=self.is_json_stream,
            )

    def _is_custom(self) -> bool:
        told = not self.__dict__.keys().isdisjoint(("_embed_body_fields", "body_field"))
        return told or self._runs_own("get_route_handler") or super()._is_custom()

    def _make_app(self) -> Any:
        with CUSTOMISING:
            handler = self.get_route_handler()
            if request_response is _ORIGINALS["request_response"]:
                return self._limited(as_asgi(handler, self.plan))
            return self._limited(request_response(handler))


class APIWebSocketRoute(LateRoute, routing.APIWebSocketRoute, metaclass=WatchedClass):  # type: ignore[override]  # a property where the engine has an attribute
    """A WebSocket endpoint with FastAPI's behaviour."""

    behaviour: Behaviour = FASTAPI
    _SEAMS: ClassVar[frozenset[str]] = _handlers.SOCKET_SEAMS

    _flat_dependant = Settable(_flattened)
    _embed_body_fields = False

    def _declared_plan(self) -> SocketPlan:
        plan: SocketPlan = routing.APIWebSocketRoute.plan.fget(self)  # type: ignore[attr-defined]  # the getter of a property
        return plan

    def _changed_plan(self, plan: SocketPlan, call: Call) -> SocketPlan:
        return replace(plan, endpoint=call)

    def _make_app(self) -> Any:
        handler = get_websocket_app(
            dependant=self.dependant,
            dependency_overrides_provider=self.dependency_overrides_provider,
            embed_body_fields=self._embed_body_fields,
        )
        return websocket_session(handler)


make_settable(
    APIRoute,
    "is_json_stream",
    "is_sse_stream",
    "param_convertors",
    "path_format",
    "path_regex",
    "response_field",
    "response_fields",
    "stream_item_field",
    "stream_item_type",
    "unique_id",
)
make_settable(APIWebSocketRoute, "param_convertors", "path_format", "path_regex")
APIRoute.__signature__ = keyword_signature(("path", "endpoint"), fastapis(ROUTE_DEFAULTS))
APIWebSocketRoute.__signature__ = keyword_signature(
    ("path", "endpoint"), {"name": None, "dependencies": None, "dependency_overrides_provider": None}
)
APIRoute._STANDARD = {"handle": APIRoute.handle, "get_route_handler": APIRoute.get_route_handler}
APIWebSocketRoute._STANDARD = {"handle": APIWebSocketRoute.handle}


class APIRouter(routing.APIRouter):
    """A router whose routes have FastAPI's behaviour. `RouterOptions` lists the options."""

    route_class_default: ClassVar[type[routing.APIRoute]] = APIRoute
    socket_class: ClassVar[type[routing.APIWebSocketRoute]] = APIWebSocketRoute
    raw_routes_have_prefix: ClassVar[bool] = False

    if not TYPE_CHECKING:  # who would not find the parameters
        __init__ = refuses_as_fastapi(routing.APIRouter.__init__)
    add_api_route = takes(ADD_ROUTE, "path", "endpoint")(refuses_as_fastapi(routing.APIRouter.add_api_route))
    api_route = takes(ROUTER_ROUTE, "path")(routing.APIRouter.api_route)
    include_router = shows(INCLUDE, "router")(refuses_as_fastapi(routing.APIRouter.include_router))

    def _mark_routes_changed(self) -> None:
        """Look at the routes again: extensions say so after they changed the list."""
        self.forget_table()


def _verb(name: str) -> Callable[..., Any]:
    method = name.upper()

    def verb(self: APIRouter, path: str, **options: Any) -> Any:
        return self.api_route(path, methods=[method], **options)

    verb.__name__ = name
    verb.__doc__ = getattr(routing.APIRouter, name).__doc__
    return takes(VERB, "path")(verb)


for _name in VERBS:
    setattr(APIRouter, _name, _verb(_name))
show_others(APIRouter)
_ROUTER_OPTIONS = {**fastapis(ROUTER_DEFAULTS), "route_class": APIRoute}
APIRouter.__signature__ = keyword_signature((), _ROUTER_OPTIONS)  # type: ignore[attr-defined]  # shown by tools

sys.modules[__name__].__class__ = WatchedModule
