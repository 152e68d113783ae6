"""Exceptions that applications raise and handle.

::

    Starlette's HTTPException
    └── HTTPException                     an error response, raised by the application
        └── Disconnected                  the client has left, so nobody takes the answer
    Starlette's WebSocketException
    └── WebSocketException                a close of a WebSocket, raised by the application
    ValidationException                   values that do not fit their declaration
    ├── RequestValidationError            what the client sent over HTTP: 422
    ├── WebSocketRequestValidationError   what the client sent to open a WebSocket: close code 1008
    └── ResponseValidationError           what the application returned: 500
    FastAPIError                          a mistake in the declarations; see `rapide.errors`
    ├── DependencyScopeError
    └── PydanticV1NotSupportedError
"""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import WebSocketException as StarletteWebSocketException
from starlette.requests import ClientDisconnect

from rapide._outgoing import check_headers
from rapide.errors import (
    DependencyScopeError,
    FastAPIDeprecationWarning,
    FastAPIError,
    UnsupportedTypeError,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

    RequestErrorModel: type[BaseModel]
    WebSocketErrorModel: type[BaseModel]

__all__ = [
    "DependencyScopeError",
    "Disconnected",
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


class EndpointContext(TypedDict, total=False):
    """Which endpoint an error belongs to. Every key may be missing."""

    function: str
    """The name of the endpoint."""
    path: str
    """Method and path, mount prefix included; "WS" stands for the method of a WebSocket."""
    file: str
    """The file that holds the endpoint."""
    line: int
    """The endpoint's first line in that file."""


def below(root_path: str, context: EndpointContext) -> EndpointContext:
    """Return the context with the prefix under which the application is mounted."""
    if not root_path or "path" not in context:
        return context
    method, _, path = context["path"].partition(" ")
    return {**context, "path": f"{method} {root_path}{path}"}


class HTTPException(StarletteHTTPException):
    """Raise it to answer the request with an error response.

    Args:
        status_code: The status of the response.
        detail: What the response says; anything that can be encoded as JSON. None stands for the status
            phrase of RFC 9110.
        headers: Headers to send with the response.

    Raises:
        ValueError: A header has a name that is none, or a line break or NUL in its value.
    """

    def __init__(
        self, status_code: int, detail: Any = None, headers: Mapping[str, str] | None = None
    ) -> None:
        if headers:
            check_headers(headers, framing=True)
        super().__init__(status_code=status_code, detail=detail, headers=headers)


class Disconnected(HTTPException, ClientDisconnect):
    """The client has left before it had its answer.

    Dependencies with `yield` are told by it, so that what nobody got is no success. Nobody receives its
    status, 499, but middleware and logs see it. It is Starlette's `ClientDisconnect`, too.
    """

    def __init__(self) -> None:
        super().__init__(499, "The client has left.")


class WebSocketException(StarletteWebSocketException):
    """Raise it to close the WebSocket.

    Args:
        code: The close code of RFC 6455, section 7.4, such as 1008.
        reason: Why, for the client: at most 123 bytes of UTF-8. None sends no reason.
    """

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code=code, reason=reason)


class PydanticV1NotSupportedError(FastAPIError):
    """A model of Pydantic version 1 was used; only models of version 2 are supported."""


class UnsupportedModelError(UnsupportedTypeError, PydanticV1NotSupportedError):
    """A parameter or a response was declared with a model of Pydantic version 1."""


# Names whose rejected values, and messages about them, leave the server neither in answers nor in logs.
_SECRET = re.compile(
    r"passw|secret|token|api_?key|authorization|credential|private_?key|cvv|ssn|pin$", re.IGNORECASE
)


def is_secret(loc: Any) -> bool:
    """Tell whether the place of an error sounds like that of a secret."""
    return any(isinstance(part, str) and _SECRET.search(part) for part in loc)


def _masked(error: Any) -> Any:
    """Return an error without the value that was submitted, where that may be a secret."""
    if not (isinstance(error, dict) and is_secret(error.get("loc", ()))):
        return error
    return {**{name: error[name] for name in ("type", "loc") if name in error}, "input": "**********"}


class ValidationException(Exception):  # noqa: N818 -- FastAPI's name
    """Values do not fit their declaration.

    Args:
        errors: One entry for each thing that is wrong, as Pydantic writes them (`type`, `loc`, `msg`, …).
        endpoint_ctx: Where the declaration stands, as far as it is known.

    Its text lists the errors and names the endpoint, so that a log says what to look at.
    """

    def __init__(self, errors: Sequence[Any], *, endpoint_ctx: EndpointContext | None = None) -> None:
        super().__init__(errors)
        self._errors = errors
        self.endpoint_ctx = endpoint_ctx
        context: EndpointContext = endpoint_ctx or {}
        self.endpoint_function = context.get("function")
        self.endpoint_path = context.get("path")
        self.endpoint_file = context.get("file")
        self.endpoint_line = context.get("line")

    def errors(self) -> Sequence[Any]:
        """Return the errors, as they were given."""
        return self._errors

    def _place(self) -> str:
        file, line, function = self.endpoint_file, self.endpoint_line, self.endpoint_function
        if file and line and function:
            # Python's own form of a frame, which editors and log viewers turn into a link.
            frame = f'  File "{file}", line {line}, in {function}'
            return f"\n\n{frame}\n    {self.endpoint_path}" if self.endpoint_path else f"\n\n{frame}"
        return f"\n\n  Endpoint: {self.endpoint_path}" if self.endpoint_path else ""

    def __str__(self) -> str:
        count = len(self._errors)
        head = "1 validation error:" if count == 1 else f"{count} validation errors:"
        return "\n".join((head, *(f"  {_masked(error)}" for error in self._errors))) + self._place()


class RequestValidationError(ValidationException):
    """What the client sent does not fit the declaration; answered with 422.

    Args:
        errors: See `ValidationException`; each `loc` starts with path, query, header, cookie or body.
        body: The parsed body, or None if there was none.
        endpoint_ctx: See `ValidationException`.
    """

    def __init__(
        self, errors: Sequence[Any], *, body: Any = None, endpoint_ctx: EndpointContext | None = None
    ) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)
        self.body = body


class WebSocketRequestValidationError(ValidationException):
    """What the client sent to open a WebSocket does not fit the declaration: close code 1008."""


class ResponseValidationError(ValidationException):
    """What the endpoint returned does not fit its response model: the application's fault, a 500.

    Args:
        errors: See `ValidationException`; each `loc` starts with "response".
        body: The value that the endpoint returned.
        endpoint_ctx: See `ValidationException`.
    """

    _is_placed = False

    def __init__(
        self, errors: Sequence[Any], *, body: Any = None, endpoint_ctx: EndpointContext | None = None
    ) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)
        self.body = body

    def place_below(self, root_path: str) -> None:
        """Put the prefix of a mount or a proxy in front of the endpoint's path; the innermost one, once."""
        if not self._is_placed and self.endpoint_ctx and self.endpoint_path:
            self.endpoint_ctx = below(root_path, self.endpoint_ctx)
            self.endpoint_path = self.endpoint_ctx.get("path")
        self._is_placed = True


# Models without fields, which carry errors through Pydantic. Made when first asked for: making one is slow.
_ERROR_MODELS = {"RequestErrorModel": "Request", "WebSocketErrorModel": "WebSocket"}


def __getattr__(name: str) -> Any:
    if name not in _ERROR_MODELS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pydantic import create_model  # noqa: PLC0415 -- only whoever asks for a model needs it

    model = globals()[name] = create_model(_ERROR_MODELS[name], __module__=__name__)
    return model
