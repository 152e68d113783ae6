"""Answers to errors: RFC 9457 problem documents on the native face, FastAPI's bodies on the other."""

from __future__ import annotations

import copy
import logging
import re
import secrets
import sysconfig
import traceback
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import from_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from rapide._outgoing import protect
from rapide._run.respond import encode_exact, has_body
from rapide.behaviour import Behaviour
from rapide.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from rapide.exceptions import RequestValidationError, WebSocketRequestValidationError, is_secret

__all__ = [
    "MEDIA_TYPE",
    "ProblemDetails",
    "default_handlers",
    "not_found_response",
    "problem_response",
    "public_errors",
    "refusal_response",
]

MEDIA_TYPE = "application/problem+json"
_TYPES = "https://rapide.dev/problems/"
_MOST_ERRORS = 50
_errors = logging.getLogger("rapide.errors")
# Where code lies that is not the user's: this package, what is installed, Python, and what is generated.
_INSTALLED = (str(Path(__file__).parent), *set(sysconfig.get_paths().values()), "<")
_LONGEST_TEXT = 500


# RFC 9110's phrases where http.HTTPStatus has others, which also change from one Python to the next.
_PHRASES = {
    413: "Content Too Large",
    414: "URI Too Long",
    421: "Misdirected Request",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
    499: "Client Closed Request",  # no RFC has it; nginx and others do
}


def _phrase(status: int) -> str:
    if status in _PHRASES:
        return _PHRASES[status]
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def http_phrase(status: int) -> str | None:
    """Return what Starlette puts into an HTTPException without a detail."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return None


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


class ProblemDetails(BaseModel):
    """Why a request was not served (RFC 9457). For `responses={409: {"model": ProblemDetails}}`.

    A subclass adds the members that problems of its kind have.
    """

    model_config = ConfigDict(extra="allow", defer_build=True)

    type: str = "about:blank"
    """Identifies the kind of problem: a URI reference."""
    title: str | None = None
    """The kind of problem in a few words."""
    status: int | None = None
    """The status of the response."""
    detail: str | None = None
    """What is wrong with this very request."""
    instance: str | None = None
    """Identifies this occurrence: a URI reference."""

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the schema of the framework's own problems, of which a document has one."""
        if cls is not ProblemDetails:
            return handler(core_schema)
        from rapide.openapi.problems import PROBLEM  # noqa: PLC0415 -- only documents need it

        return copy.deepcopy(PROBLEM)


def problem_response(
    status: int,
    detail: Any = None,
    *,
    type: str | None = None,  # noqa: A002 -- the name of the member (RFC 9457, section 3.1.1)
    title: str | None = None,
    headers: Any = None,
    **members: Any,
) -> Response:
    """Return a problem document (RFC 9457).

    `title` is the phrase of the status by default, `type` a stable URI made of the title; a program that
    gives its own documents what it means there. A `detail` that is no text goes into the extension member
    `detail_data`. `members` are facts for programs.
    """
    title = title or _phrase(status)
    if detail == http_phrase(status):
        detail = None  # Starlette's own default says no more than the title
    document: dict[str, Any] = {"type": type or _TYPES + _slug(title), "title": title, "status": status}
    if isinstance(detail, str):
        if detail != title:
            document["detail"] = detail
    elif detail is not None:
        document["detail_data"] = detail
    document.update(members)
    response = Response(encode_exact(document), status, headers, media_type=MEDIA_TYPE)
    protect(response.raw_headers)
    return response


async def _http_problem(request: Request, exc: HTTPException) -> Response:
    if not has_body(exc.status_code):
        return Response(status_code=exc.status_code, headers=exc.headers)
    return problem_response(exc.status_code, exc.detail, headers=exc.headers)


async def _gone_problem(request: Request, exc: ClientDisconnect) -> Response:
    """Answer a client that left amid its body, or whose server could not read it to its end."""
    return problem_response(400, "The body did not come to its end.")


def public_errors(errors: Any) -> list[dict[str, Any]]:
    """Return what a client may see of validation errors: place, type and message, never a submitted value.

    At most 50 of them; messages that may quote a value are replaced when the place sounds like a secret.
    """
    shown = []
    for error in errors[:_MOST_ERRORS]:
        loc = [part if isinstance(part, int) else str(part)[:_LONGEST_TEXT] for part in error.get("loc", ())]
        message = (
            "Invalid value"
            if is_secret(loc) and error.get("type") != "missing"
            else str(error.get("msg", ""))
        )
        shown.append(
            {"loc": loc, "msg": message[:_LONGEST_TEXT], "type": str(error.get("type", "value_error"))}
        )
    return shown


def _as_they_are(errors: Sequence[Any]) -> Any:
    """Return errors with the submitted values, whatever they are: bytes that are no text, NaN, surrogates."""
    return from_json(encode_exact(errors))


def _validation_problem(*, echo: bool) -> Callable[..., Any]:
    async def answer(request: Request, exc: RequestValidationError) -> Response:
        errors = exc.errors()
        members: dict[str, Any] = {"errors": _as_they_are(errors) if echo else public_errors(errors)}
        if len(errors) > _MOST_ERRORS and not echo:
            members["errors_omitted"] = len(errors) - _MOST_ERRORS
        return problem_response(422, "The request does not fit what the operation expects.", **members)

    return answer


async def _validation_detail(request: Request, exc: RequestValidationError) -> Response:
    """Answer in FastAPI's shape, without the submitted values."""
    return JSONResponse({"detail": public_errors(exc.errors())}, 422)


async def _server_problem(request: Request, exc: Exception) -> Response:
    """Answer 500 with an id and nothing else; the log says under that id where it happened.

    What happened is in the traceback that the server logs.
    """
    request_id = secrets.token_hex(8)
    _errors.error(
        "%s %r failed with %s in %s; request %s",
        request.method, request.scope.get("path", ""), type(exc).__name__, _own_frame(exc), request_id,
    )  # fmt: skip
    return problem_response(500, request_id=request_id)


def _own_frame(exc: BaseException) -> str:
    """Return the innermost frame of the user's own code, as `function (file:line)`."""
    frames = [(frame.f_code, line) for frame, line in traceback.walk_tb(exc.__traceback__)]
    own = [each for each in frames if not each[0].co_filename.startswith(_INSTALLED)] or frames
    if not own:
        return "no frame"
    code, line = own[-1]
    return f"{code.co_qualname} ({code.co_filename}:{line})"


def not_found_response(behaviour: Behaviour, handlers: Mapping[Any, Callable[..., Any]]) -> Response | None:
    """Return the response for requests that no route takes; None where a handler of the user's makes it."""
    default = default_handlers(behaviour)[HTTPException]
    if 404 in handlers or handlers.get(HTTPException) is not default:
        return None
    if behaviour.errors == "problem":
        return problem_response(404, "Not Found")
    return JSONResponse({"detail": "Not Found"}, 404)


def refusal_response(behaviour: Behaviour, status: int, detail: str) -> Response:
    """Return the answer to a request that is refused before anything else has seen it."""
    if behaviour.errors == "problem":
        return problem_response(status, detail)
    return JSONResponse({"detail": detail}, status)


def default_handlers(behaviour: Behaviour) -> dict[Any, Callable[..., Any]]:
    """Return the handlers that an application starts with."""
    if behaviour.errors == "problem":
        return {
            HTTPException: _http_problem,
            ClientDisconnect: _gone_problem,
            RequestValidationError: _validation_problem(echo=behaviour.echo_input),
            WebSocketRequestValidationError: websocket_request_validation_exception_handler,
            Exception: _server_problem,
        }
    return {
        HTTPException: http_exception_handler,
        RequestValidationError: request_validation_exception_handler
        if behaviour.echo_input
        else _validation_detail,
        WebSocketRequestValidationError: websocket_request_validation_exception_handler,
    }
