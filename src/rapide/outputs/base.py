"""What the kinds share: where errors of responses come from, and replies of a declared response class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import ValidationError
from starlette.responses import Response

from rapide._codegen import Writer
from rapide._pydantic import ModelField
from rapide._run.respond import has_body, merge_headers
from rapide.errors import locate
from rapide.exceptions import EndpointContext, ResponseValidationError
from rapide.plan.nodes import Output, RoutePlan, SocketPlan, walk_calls
from rapide.responses import Response as CheckedResponse

__all__ = [
    "dump_options",
    "emit_reply",
    "endpoint_context",
    "make_reply",
    "merge_into",
    "text_type",
    "validator_of",
]


def endpoint_context(plan: RoutePlan | SocketPlan) -> EndpointContext:
    """Return where the endpoint of a plan stands, for error messages."""
    file, line = locate(plan.endpoint.function)
    context = EndpointContext(
        function=getattr(plan.endpoint.function, "__name__", repr(plan.endpoint.function)),
        path=f"{_method(plan)} {plan.path}".strip(),
    )
    if file is not None and line is not None:
        context["file"] = file
        context["line"] = line
    return context


def _method(plan: RoutePlan | SocketPlan) -> str:
    if isinstance(plan, SocketPlan):
        return "WS"
    return plan.methods[0] if plan.methods else ""


def validator_of(model_field: ModelField, context: EndpointContext) -> Callable[[Any], Any]:
    """Return a function that validates a result and raises ResponseValidationError."""
    name = ("response",)

    def validated(value: Any) -> Any:
        try:
            return model_field.validator.validate_python(value, from_attributes=True)
        except ValidationError:
            _, errors = model_field.validate(value, loc=name)
            raise ResponseValidationError(errors, body=value, endpoint_ctx=context) from None

    return validated


def dump_options(output: Output) -> dict[str, Any]:
    """Return the arguments that Pydantic's serialiser needs for the options of a route."""
    options: dict[str, Any] = {"by_alias": output.by_alias}
    for name in ("include", "exclude"):
        value = getattr(output, name)
        if value is not None:
            options[name] = set(value) if isinstance(value, list | tuple) else value
    for name in ("exclude_unset", "exclude_defaults", "exclude_none"):
        if getattr(output, name):
            options[name] = True
    return options


def make_reply(
    response_class: type[Any], content: Any, status: int | None, injected: Response | None = None
) -> Response:
    """Return a response of a declared class, with what was set on the injected response."""
    effective = (injected.status_code if injected is not None else None) or status
    options = {} if effective is None else {"status_code": effective}
    reply: Response = response_class(content, **options)
    if not has_body(reply.status_code):
        reply.body = b""
        if "content-length" in reply.headers:
            del reply.headers["content-length"]
    merge_headers(reply, injected)
    return reply


def merge_into(reply: Response, injected: Response) -> Response:
    """Let what was set on the injected response reach the response that the endpoint returned."""
    if injected.status_code is not None:
        reply.status_code = injected.status_code
    merge_headers(reply, injected)
    return reply


# What a response class may do otherwise than Starlette's own, or ours, which only know how to encode text.
_MADE_OF = ("__init__", "__call__", "render", "init_headers")


def text_type(plan: RoutePlan) -> bytes | None:
    """Return the Content-Type of results that are text and need no response object; None where they need one.

    Those of `PlainTextResponse`, `HTMLResponse` and the like do not, unless somebody asks for the response or
    the status has no body.
    """
    output, response_class = plan.output, plan.output.response_class
    if not isinstance(response_class, type) or not issubclass(response_class, Response):
        return None
    plain = [{getattr(Response, name), getattr(CheckedResponse, name)} for name in _MADE_OF]
    if any(getattr(response_class, name) not in known for name, known in zip(_MADE_OF, plain, strict=True)):
        return None
    asked = any(item.kind == "response" for call in walk_calls(plan.endpoint) for item in call.connections)
    media_type = response_class.media_type
    if asked or media_type is None or response_class.charset != "utf-8" or not has_body(output.status_code):
        return None
    if media_type.startswith("text/") and "charset=" not in media_type.lower():
        media_type += "; charset=utf-8"
    return media_type.encode("latin-1")


def emit_reply(writer: Writer, plan: RoutePlan, content: str, *, injected: bool) -> None:
    """Write the making of a reply of the declared response class; of `content` where text needs no reply."""
    output = plan.output
    response_class = writer.bind("response_class", output.response_class)
    if text_type(plan) is not None:
        writer.line(f"result = {content}")
        with writer.block("if type(result) is str:"):
            writer.line("content = result.encode()")
        with writer.block("else:"):
            writer.line(f"reply = make_reply({response_class}, result, {output.status_code})")
        return
    arguments = f"{response_class}, {content}, {output.status_code}" + (", response" if injected else "")
    writer.line(f"reply = make_reply({arguments})")
