"""`fastapi.exceptions`."""

from rapide.exceptions import (
    DependencyScopeError,
    EndpointContext,
    FastAPIDeprecationWarning,
    FastAPIError,
    HTTPException,
    PydanticV1NotSupportedError,
    RequestErrorModel,
    RequestValidationError,
    ResponseValidationError,
    ValidationException,
    WebSocketErrorModel,
    WebSocketException,
    WebSocketRequestValidationError,
)

__all__ = [
    "DependencyScopeError",
    "EndpointContext",
    "FastAPIDeprecationWarning",
    "FastAPIError",
    "HTTPException",
    "PydanticV1NotSupportedError",
    "RequestErrorModel",
    "RequestValidationError",
    "ResponseValidationError",
    "ValidationException",
    "WebSocketErrorModel",
    "WebSocketException",
    "WebSocketRequestValidationError",
]
