"""`fastapi.exceptions`."""

from typing import TYPE_CHECKING

from pydantic import BaseModel
from starlette.exceptions import (
    HTTPException as StarletteHTTPException,
)
from starlette.exceptions import (
    WebSocketException as StarletteWebSocketException,
)

from rapide._lazy import load_on_demand
from rapide.exceptions import (
    DependencyScopeError,
    EndpointContext,
    FastAPIDeprecationWarning,
    FastAPIError,
    HTTPException,
    PydanticV1NotSupportedError,
    RequestValidationError,
    ResponseValidationError,
    ValidationException,
    WebSocketException,
    WebSocketRequestValidationError,
)

if TYPE_CHECKING:
    from rapide.exceptions import RequestErrorModel, WebSocketErrorModel


__all__ = [
    "BaseModel",
    "DependencyScopeError",
    "EndpointContext",
    "FastAPIDeprecationWarning",
    "FastAPIError",
    "HTTPException",
    "PydanticV1NotSupportedError",
    "RequestErrorModel",
    "RequestValidationError",
    "ResponseValidationError",
    "StarletteHTTPException",
    "StarletteWebSocketException",
    "ValidationException",
    "WebSocketErrorModel",
    "WebSocketException",
    "WebSocketRequestValidationError",
]

__getattr__ = load_on_demand(
    __name__,
    {
        "RequestErrorModel": "rapide.exceptions",
        "WebSocketErrorModel": "rapide.exceptions",
    },
)
