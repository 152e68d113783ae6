"""What `fastapi.routing` offers for building handlers by hand, and what third parties put themselves around.

These functions call each other through that module, with FastAPI's keyword arguments, so that what was put
in the place of one of them is called.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

from starlette._utils import is_async_callable
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from rapide._analyse.route import distinct_inputs
from rapide._pydantic import ModelField, Undefined
from rapide._run.forms import FormValues, close_form, given_form
from rapide._run.sources import MISSING
from rapide._run.threads import in_thread
from rapide.behaviour import FASTAPI
from rapide.declare.defaults import Default, DefaultPlaceholder
from rapide.declare.params import Form
from rapide.encoders import jsonable_encoder
from rapide.exceptions import EndpointContext
from rapide.fastapi._late import current, replaced
from rapide.fastapi.dependencies._graph import call_of
from rapide.fastapi.dependencies.models import Dependant
from rapide.inputs.exact import invalid_request, invalid_socket
from rapide.interpreter import call_on_thread
from rapide.outputs.base import dump_options, endpoint_context, make_reply, validator_of
from rapide.plan import BodyPlan, Limits, Output, RoutePlan, SocketPlan
from rapide.requests import Request
from rapide.routing.declaring import declared_behaviour
from rapide.routing.request_handler import (
    FUNCTION_STACK,
    REQUEST_STACK,
    RequestHandler,
    as_asgi,
    read_whole_body,
    request_handler,
    respond_with,
)
from rapide.sse import EventSourceResponse
from rapide.telemetry.observation import observation_of

__all__ = [
    "HTTP_SEAMS",
    "SOCKET_SEAMS",
    "get_request_handler",
    "get_websocket_app",
    "request_response",
    "run_endpoint_function",
    "serialize_response",
    "websocket_session",
]

# What a request, once its handler is built, calls through the module.
_CALLED = frozenset({"solve_dependencies", "run_endpoint_function", "serialize_response"})
HTTP_SEAMS = _CALLED | {"get_request_handler", "request_response"}
SOCKET_SEAMS = frozenset({"get_websocket_app", "websocket_session", "solve_dependencies"})

SocketHandler = Callable[[WebSocket], Awaitable[None]]


def request_response(func: Callable[[Request], Any]) -> ASGIApp:
    """Return the ASGI application for a function from request to response.

    A plain function runs on a thread. Dependencies that the function solves are left when the response was
    sent.
    """
    function: Any = func

    async def on_thread(request: Request) -> Response:
        response: Response = await in_thread(function, request)
        return response

    return as_asgi(function if is_async_callable(function) else on_thread)


def websocket_session(func: SocketHandler) -> ASGIApp:
    """Return the ASGI application for a function that serves a WebSocket."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        session = WebSocket(scope, receive, send)
        async with AsyncExitStack() as request_stack:
            scope[REQUEST_STACK] = request_stack
            async with AsyncExitStack() as function_stack:
                scope[FUNCTION_STACK] = function_stack
                await func(session)

    return app


# ------------------------------------------------------------------------------------------------ sockets


def get_websocket_app(
    dependant: Dependant, dependency_overrides_provider: Any | None = None, embed_body_fields: bool = False
) -> SocketHandler:
    """Return the function that serves a WebSocket with the endpoint of a dependant."""

    async def app(websocket: WebSocket) -> None:
        call = call_of(dependant)
        observed = observation_of(websocket.scope)
        observed.connected(websocket)
        with observed.span("dependencies", call.qualified_name):
            solved = await current("solve_dependencies")(
                request=websocket,
                dependant=dependant,
                dependency_overrides_provider=dependency_overrides_provider,
                async_exit_stack=websocket.scope[REQUEST_STACK],
                embed_body_fields=embed_body_fields,
            )
            observed.solved(solved.values, solved.errors)
        if solved.errors:
            context = endpoint_context(SocketPlan(dependant.path or "", call.qualified_name, call, FASTAPI))
            failed = {0: solved.errors}
            raise observed.refused(invalid_socket(failed, (0,), context, websocket.scope, repeated=True))
        with observed.span("endpoint", call.qualified_name):
            await dependant.call(**solved.values)  # type: ignore[misc]  # call_of() refuses None

    return app


# ------------------------------------------------------------------------------------------------ requests


async def run_endpoint_function(*, dependant: Dependant, values: dict[str, Any], is_coroutine: bool) -> Any:
    """Return what the endpoint returns; a plain function runs on a thread."""
    call = dependant.call
    if call is None:
        raise AssertionError("A dependant needs something to call")
    return await call(**values) if is_coroutine else await call_on_thread(call, values)


async def serialize_response(
    *,
    field: ModelField | None = None,
    response_content: Any,
    include: Any = None,
    exclude: Any = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    is_coroutine: bool = True,
    endpoint_ctx: EndpointContext | None = None,
    dump_json: bool = False,
) -> Any:
    """Return a result as plain data, or, with `dump_json`, as JSON text in UTF-8; `field` validates it first.

    Raises ResponseValidationError.
    """
    if field is None:
        return jsonable_encoder(response_content)
    validated = validator_of(field, endpoint_ctx or EndpointContext())
    value = validated(response_content) if is_coroutine else await in_thread(validated, response_content)
    flags = (by_alias, exclude_unset, exclude_defaults, exclude_none)
    options = dump_options(Output("model", field, None, None, None, include, exclude, *flags))
    return field.serialize_json(value, **options) if dump_json else field.serialize(value, **options)


def get_request_handler(
    dependant: Dependant,
    body_field: ModelField | None = None,
    status_code: int | None = None,
    response_class: Any = Default(JSONResponse),
    response_field: ModelField | None = None,
    response_model_include: Any = None,
    response_model_exclude: Any = None,
    response_model_by_alias: bool = True,
    response_model_exclude_unset: bool = False,
    response_model_exclude_defaults: bool = False,
    response_model_exclude_none: bool = False,
    dependency_overrides_provider: Any | None = None,
    embed_body_fields: bool = False,
    strict_content_type: Any = Default(True),
    stream_item_field: ModelField | None = None,
    is_json_stream: bool = False,
    form_limits: Any = None,
) -> RequestHandler:
    """Return the function from request to response for the endpoint of a dependant.

    The dependant is looked at for each request: what is changed on it counts. `body_field` tells whether
    there is a body, and whether it is a form; `embed_body_fields` whether it holds its parameters by name.
    """
    explicit = None if isinstance(response_class, DefaultPlaceholder) else response_class
    declared = call_of(dependant)
    output = Output(
        _kind_of(declared.color, response_class, response_field, is_json_stream=is_json_stream),
        response_field,
        stream_item_field,
        explicit,
        status_code,
        response_model_include,
        response_model_exclude,
        response_model_by_alias,
        response_model_exclude_unset,
        response_model_exclude_defaults,
        response_model_exclude_none,
    )
    plan = RoutePlan(
        dependant.path or "",
        (),
        declared.qualified_name,
        declared,
        None,
        output,
        Limits(None, dict(form_limits or {})),
        bool(getattr(strict_content_type, "value", strict_content_type)),
        declared_behaviour() or FASTAPI,
    )

    async def app(request: Request) -> Response:
        call = call_of(dependant, plan.behaviour)
        inputs = distinct_inputs(call) if body_field is not None else ()
        form = body_field is not None and isinstance(body_field.field_info, Form)
        body = BodyPlan("form" if form else "json", inputs, embed_body_fields) if inputs else None
        now = replace(plan, methods=(request.method,), endpoint=call, body=body)
        if replaced(_CALLED):
            return await _Replaced(now, dependant, dependency_overrides_provider).respond(request)
        return await request_handler(now, dependency_overrides_provider)(request)

    return app


def _kind_of(color: str, response_class: Any, field: ModelField | None, *, is_json_stream: bool) -> Any:
    """Return the kind of output of an endpoint."""
    if not color.endswith("generator"):
        return "model" if field is not None else "plain"
    effective = getattr(response_class, "value", response_class)
    if isinstance(effective, type) and issubclass(effective, EventSourceResponse):
        return "events"
    return "json_lines" if is_json_stream else "stream"


class _Replaced:
    """One request whose steps are called through the module, because somebody replaced one of them."""

    def __init__(self, plan: RoutePlan, dependant: Dependant, provider: Any) -> None:
        self.plan = plan
        self.dependant = dependant
        self.provider = provider

    async def respond(self, request: Request) -> Response:
        """Return the response."""
        plan, context = self.plan, endpoint_context(self.plan)
        observed, name = observation_of(request.scope), plan.endpoint.qualified_name
        observed.connected(request)
        with observed.reading():
            body = await self._read_body(request)
        shown = MISSING if body is Undefined else body
        observed.body_read(None if body is Undefined else body)
        with observed.span("dependencies", name):
            solved = await current("solve_dependencies")(
                request=request,
                dependant=self.dependant,
                body=body,
                dependency_overrides_provider=self.provider,
                async_exit_stack=request.scope[REQUEST_STACK],
                embed_body_fields=plan.body is not None and plan.body.embed,
            )
            observed.solved(solved.values, solved.errors)
        if solved.errors:
            failed = {0: solved.errors}
            raise observed.refused(
                invalid_request(failed, (0,), shown, context, request.scope, repeated=True)
            )
        streams = plan.endpoint.color.endswith("generator")
        with nullcontext() if streams else observed.span("endpoint", name):
            result = await self._call(solved.values)
        if plan.output.kind not in ("plain", "model") or isinstance(result, Response):
            reply = await respond_with(plan, result, solved.response)
        else:
            with observed.span("serialization", name):
                reply = await self._serialize(result, solved.response, context)
        if reply.background is None:
            reply.background = solved.background_tasks
        return reply

    async def _read_body(self, request: Request) -> Any:
        body = await read_whole_body(self.plan, request)
        if isinstance(body, FormValues):
            request.scope[REQUEST_STACK].push_async_callback(close_form, body)
            return given_form(body)
        return Undefined if body is MISSING else body

    async def _call(self, values: dict[str, Any]) -> Any:
        color = self.plan.endpoint.color
        if color.endswith("generator"):
            return self.plan.endpoint.function(**values)
        run = current("run_endpoint_function")
        return await run(dependant=self.dependant, values=values, is_coroutine=color == "async")

    async def _serialize(self, result: Any, injected: Response, context: EndpointContext) -> Response:
        output = self.plan.output
        dump_json = output.field is not None and output.response_class is None
        content = await current("serialize_response")(
            field=output.field,
            response_content=result,
            include=output.include,
            exclude=output.exclude,
            by_alias=output.by_alias,
            exclude_unset=output.exclude_unset,
            exclude_defaults=output.exclude_defaults,
            exclude_none=output.exclude_none,
            is_coroutine=self.plan.endpoint.color == "async",
            endpoint_ctx=context,
            dump_json=dump_json,
        )
        make: Any = partial(Response, media_type="application/json") if dump_json else output.response_class
        return make_reply(make or JSONResponse, content, output.status_code, injected)
