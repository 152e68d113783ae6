"""`fastapi.exception_handlers`."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.status import WS_1008_POLICY_VIOLATION
from starlette.websockets import WebSocket

from rapide.encoders import jsonable_encoder
from rapide.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from rapide.exceptions import RequestValidationError, WebSocketRequestValidationError
from rapide.responses import is_body_allowed_for_status_code

__all__ = [
    "WS_1008_POLICY_VIOLATION",
    "HTTPException",
    "JSONResponse",
    "Request",
    "RequestValidationError",
    "Response",
    "WebSocket",
    "WebSocketRequestValidationError",
    "http_exception_handler",
    "is_body_allowed_for_status_code",
    "jsonable_encoder",
    "request_validation_exception_handler",
    "websocket_request_validation_exception_handler",
]
