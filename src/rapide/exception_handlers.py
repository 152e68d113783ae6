"""The answers to exceptions that FastAPI gives: `{"detail": …}`."""

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.status import HTTP_422_UNPROCESSABLE_CONTENT, WS_1008_POLICY_VIOLATION
from starlette.websockets import WebSocket

from rapide.exceptions import RequestValidationError, ValidationException, WebSocketRequestValidationError
from rapide.responses import is_body_allowed_for_status_code

__all__ = [
    "http_exception_handler",
    "request_validation_exception_handler",
    "websocket_request_validation_exception_handler",
]

# RFC 6455, section 5.5.1: a control frame has at most 125 bytes, two of which are the close code.
_LONGEST_CLOSE_REASON = 123


async def http_exception_handler(request: Request, exc: HTTPException) -> Response:
    """Answer with the exception's status, headers and detail; without a body where the status forbids one."""
    if not is_body_allowed_for_status_code(exc.status_code):
        return Response(status_code=exc.status_code, headers=exc.headers)
    return JSONResponse({"detail": exc.detail}, status_code=exc.status_code, headers=exc.headers)


async def request_validation_exception_handler(request: Request, exc: RequestValidationError) -> JSONResponse:
    """Answer with 422 and the errors as Pydantic wrote them, submitted values included."""
    from rapide.encoders import jsonable_encoder  # noqa: PLC0415 -- costs a third of all that is imported here

    try:
        errors = jsonable_encoder(exc.errors())
        return JSONResponse({"detail": errors}, status_code=HTTP_422_UNPROCESSABLE_CONTENT)
    except (ValueError, TypeError, RecursionError):
        # The client sent what JSON cannot hold: NaN, half a surrogate pair, bytes that are no text, nesting
        # without end. That is no reason for a 500; what is wrong is said without the value.
        return _AsciiJSONResponse(
            {"detail": [_without_value(error) for error in exc.errors()]},
            status_code=HTTP_422_UNPROCESSABLE_CONTENT,
        )


class _AsciiJSONResponse(JSONResponse):
    def render(self, content: Any) -> bytes:
        return json.dumps(content, default=str, separators=(",", ":")).encode("ascii")


def _without_value(error: Any) -> Any:
    return {key: error[key] for key in ("type", "loc", "msg") if key in error}


async def websocket_request_validation_exception_handler(
    websocket: WebSocket, exc: WebSocketRequestValidationError
) -> None:
    """Close with 1008; the reason says place and message of as many errors as fit, but no value."""
    await websocket.close(code=WS_1008_POLICY_VIOLATION, reason=_close_reason(exc))


def _close_reason(exc: ValidationException) -> str:
    text = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in exc.errors())
    encoded = text.encode("utf-8", "replace")
    # Cut between characters: what "ignore" drops is the rest of one that the cut went through.
    return encoded[:_LONGEST_CLOSE_REASON].decode("utf-8", "ignore")
