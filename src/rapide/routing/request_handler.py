"""A route as a function from request to response: the form that custom route classes work with.

It runs on the interpreter. Exit stacks are where third parties look for them: in the scope.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, nullcontext
from typing import Any, TypeVar

from anyio import CancelScope
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rapide._analyse.graph import Place
from rapide._outgoing import keep_private, protect
from rapide._run.body import requested_body
from rapide._run.forms import FormValues, close_form, read_form
from rapide._run.json_body import load_body
from rapide._run.leaving import Postbox, while_client_waits
from rapide._run.respond import (
    LOWEST_FINAL,
    PRIVATE,
    STARTED,
    checked_response,
    encode_exact,
    encode_fastapi,
    has_body,
    injected_response,
    is_buffered,
    make_sendable,
    merge_headers,
    not_final,
    send_whole,
    watched,
)
from rapide._run.sources import MISSING
from rapide._run.stack import SWALLOWED
from rapide._run.threads import in_thread
from rapide.encoders import jsonable_encoder
from rapide.errors import FastAPIError
from rapide.exceptions import Disconnected
from rapide.inputs.body import json_reading
from rapide.inputs.exact import invalid_request
from rapide.inputs.form import form_reading
from rapide.interpreter import Solver, call_on_thread
from rapide.outputs import KINDS
from rapide.outputs.base import dump_options, endpoint_context, make_reply, merge_into, validator_of
from rapide.plan.nodes import RoutePlan
from rapide.routing.overrides import active_overrides, replaced_plan
from rapide.telemetry.observation import observation_of

__all__ = [
    "FUNCTION_STACK",
    "REQUEST_STACK",
    "SOLVER",
    "RequestHandler",
    "as_asgi",
    "read_whole_body",
    "request_handler",
    "respond_with",
]

T = TypeVar("T")

REQUEST_STACK = "fastapi_inner_astack"
FUNCTION_STACK = "fastapi_function_astack"
SOLVER = "rapide.solver"

RequestHandler = Callable[[Request], Awaitable[Response]]


async def read_whole_body(plan: RoutePlan, request: Request) -> Any:
    """Return the body of a request as the plan wants it: a form, JSON data, raw bytes, or MISSING."""
    if plan.body is None:
        return MISSING
    if plan.body.kind == "form":
        return await read_form(request, form_reading(plan))
    behaviour, limit = plan.behaviour, plan.limits.max_body_size
    limit = behaviour.max_json_size if limit is None else limit
    body = await requested_body(request, limit, behaviour.body_timeout)
    return load_body(body, request.scope, json_reading(plan))


async def respond_with(plan: RoutePlan, result: Any, injected: Response) -> Response:
    """Return the response for what an endpoint returned."""
    output = plan.output
    if output.kind not in ("plain", "model"):
        return KINDS[output.kind].make_reply(plan, result, injected)  # type: ignore[no-any-return]  # the table of kinds is untyped
    if isinstance(result, Response):
        return merge_into(result, injected) if plan.behaviour.merge_injected_response else result
    if output.field is not None:
        validated = validator_of(output.field, endpoint_context(plan))
        result = await in_thread(validated, result) if plan.endpoint.color == "sync" else validated(result)
        if output.response_class is not None:
            content = output.field.serializer.to_python(result, mode="json", **dump_options(output))
            return make_reply(output.response_class, content, output.status_code, injected)
        body = output.field.serializer.to_json(result, **dump_options(output))
    elif output.response_class is not None:
        return make_reply(output.response_class, jsonable_encoder(result), output.status_code, injected)
    else:
        body = encode_exact(result) if plan.behaviour.json_policy == "exact" else encode_fastapi(result)
    status = injected.status_code or output.status_code or 200
    merge_headers(reply := _json_reply(body, status, plan), injected)
    return reply


def _json_reply(body: bytes, status: int, plan: RoutePlan) -> Response:
    if has_body(status):
        return Response(body, status, media_type="application/json")
    # FastAPI names a media type even where there is no content.
    media_type = None if plan.behaviour.strict_responses else "application/json"
    reply = Response(b"", status, media_type=media_type)
    if "content-length" in reply.headers:
        del reply.headers["content-length"]
    return reply


async def _call_endpoint(plan: RoutePlan, values: dict[str, Any]) -> Any:
    call = plan.endpoint
    if call.color == "async":
        return await call.function(**values)
    if call.color == "sync":
        return await call_on_thread(call.function, values)
    return call.function(**values)


def _attended(call: Coroutine[Any, Any, T], plan: RoutePlan, request: Request) -> Awaitable[T]:
    """Let a call be cancelled when its client leaves, where the plan says so."""
    return while_client_waits(call, request.receive) if plan.cancels else call


def request_handler(plan: RoutePlan, provider: Any = None) -> RequestHandler:
    """Return the function from request to response that a plan describes.

    It expects the exit stacks of the request in the scope; `as_asgi` puts them there. `provider` is the
    application whose overrides hold.
    """
    declared = plan
    place = Place((), frozenset(plan.methods), plan.behaviour)

    async def handle_request(request: Request) -> Response:
        overrides = active_overrides(provider)
        plan = replaced_plan(declared, overrides) if overrides else declared
        forms: list[FormValues] = []
        request.scope[REQUEST_STACK].push_async_callback(_close_forms, forms)

        observed = observation_of(request.scope)
        observed.connected(request)
        name = plan.endpoint.qualified_name

        async def read_body() -> Any:
            with observed.reading():
                body = await read_whole_body(plan, request)
            if isinstance(body, FormValues):
                forms.append(body)
            observed.body_read(_shown(body))
            return body

        solver = Solver(
            request,
            request.scope[REQUEST_STACK],
            request.scope[FUNCTION_STACK],
            place,
            embed=plan.body is None or plan.body.embed,
            read_body=read_body,
            response=checked_response() if plan.behaviour.strict_responses else injected_response(),
        )
        request.scope[SOLVER] = solver
        with observed.span("dependencies", name):
            solved = await _attended(solver.solve(plan.endpoint), plan, request)
            observed.solved(solved.values, solved.errors)
        if solved.errors:
            context, repeated = endpoint_context(plan), plan.behaviour.repeated_errors
            failed = {0: solved.errors}
            raise observed.refused(
                invalid_request(failed, (0,), solver.body, context, request.scope, repeated=repeated)
            )
        with nullcontext() if plan.endpoint.color.endswith("generator") else observed.span("endpoint", name):
            result = await _attended(_call_endpoint(plan, solved.values), plan, request)
        encodes = plan.output.kind in ("plain", "model") and not isinstance(result, Response)
        with observed.span("serialization", name) if encodes else nullcontext():
            reply = await respond_with(plan, result, solved.response)
        if reply.background is None:
            reply.background = solver.background
        return reply

    return handle_request


def _shown(body: Any) -> Any:
    if isinstance(body, FormValues):
        return body.form
    return None if body is MISSING else body


async def _close_forms(forms: list[FormValues]) -> None:
    for form in forms:
        await close_form(form)


def _leaves_first(plan: RoutePlan | None, response: Response) -> bool:
    """Tell whether dependencies with the request's lifetime are left before the response is sent."""
    if plan is None or plan.behaviour.dependency_exit == "after_response":
        return False
    return plan.output.kind in ("plain", "model") and is_buffered(response)


# Set in the scope to the class of what was raised because the client has left.
_LEFT = "rapide.left"


def _swallowed(scope: Scope) -> Exception:
    """Return what is raised where a dependency has swallowed an exception.

    That of a client who has left may be swallowed: nobody waits for an answer.
    """
    left: type[Disconnected] | None = scope.get(_LEFT)
    return FastAPIError(SWALLOWED) if left is None else left()


def _check_answered(scope: Scope, response: Response | None, plan: RoutePlan | None) -> Response:
    """Return the response.

    Raises FastAPIError when there is none, or when it does not count because leaving a dependency before it
    is sent failed: another dependency has swallowed the exception. Disconnected when that was the client's.
    """
    solver: Solver | None = scope.get(SOLVER)
    leaves_before = plan is not None and plan.behaviour.dependency_exit == "before_response"
    if response is None or (leaves_before and solver is not None and solver.exit_failed):
        raise _swallowed(scope)
    return response


def as_asgi(handler: RequestHandler, plan: RoutePlan | None = None) -> ASGIApp:
    """Return the ASGI function that runs a request handler, with the exit stacks of its dependencies.

    With `plan`, dependencies are left when its behaviour says so; without, after the response. Clean-up is
    shielded from cancellation.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if plan is not None and plan.cancels:
            receive = Postbox(receive)
        request = Request(scope, receive, send)
        responded = False
        if plan is not None and plan.private:
            scope[PRIVATE] = True
        with CancelScope() as guard:
            async with AsyncExitStack() as stack:
                scope[REQUEST_STACK] = stack
                await _respond(handler, plan, request, send, guard)
                responded = True
        if not responded and STARTED not in scope:
            raise _swallowed(scope)

    return app


async def _respond(
    handler: RequestHandler, plan: RoutePlan | None, request: Request, send: Send, guard: CancelScope
) -> None:
    """Make and send the response. `guard` is left as the shield of what is left after it."""
    scope = request.scope
    try:
        response = _check_answered(scope, await _in_function_scope(handler, request, guard), plan)
        if _leaves_first(plan, response):
            guard.shield = True
            await scope[REQUEST_STACK].aclose()
            _check_answered(scope, response, plan)
            guard.shield = False
        send = send if STARTED in scope else watched(scope, send)
        if plan is not None and plan.private:
            keep_private(response.raw_headers)
        if plan is not None and plan.behaviour.strict_responses:
            if response.status_code < LOWEST_FINAL:
                raise not_final(response.status_code)
            if has_body(response.status_code):
                protect(response.raw_headers)
        make_sendable(response, scope)
        if plan is not None and plan.behaviour.cancel_on_disconnect:
            await send_whole(response, scope, request.receive, send)
        else:
            await response(scope, request.receive, send)
    finally:
        guard.shield = True


async def _in_function_scope(
    handler: RequestHandler, request: Request, guard: CancelScope
) -> Response | None:
    """Return the response after leaving what ends with the function; None when that swallowed a failure."""
    response: Response | None = None
    async with AsyncExitStack() as stack:
        request.scope[FUNCTION_STACK] = stack
        try:
            response = await handler(request)
        except Disconnected as exc:
            request.scope[_LEFT] = type(exc)
            raise
        finally:
            guard.shield = True
    guard.shield = False
    return response
