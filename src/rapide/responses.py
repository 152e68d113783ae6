"""What the application sends: Starlette's response classes, and the ones that FastAPI adds."""

import importlib
from typing import TYPE_CHECKING, Any

from starlette.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from typing_extensions import deprecated

from rapide.errors import FastAPIDeprecationWarning
from rapide.sse import EventSourceResponse

if TYPE_CHECKING:
    orjson: Any
    ujson: Any

__all__ = [
    "EventSourceResponse",
    "FileResponse",
    "HTMLResponse",
    "JSONResponse",
    "ORJSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "UJSONResponse",
    "is_body_allowed_for_status_code",
]

_ANY_STATUS = frozenset({None, "default", "1XX", "2XX", "3XX", "4XX", "5XX"})
# RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5. Below 200 nothing has a body.
_WITHOUT_BODY = frozenset({204, 205, 304})


def is_body_allowed_for_status_code(status_code: int | str | None) -> bool:
    """Tell whether a response with this status may have a body.

    Args:
        status_code: A status, as a number or as digits; or what OpenAPI writes in its place: None, "default",
            or a range such as "4XX". Those may always have one.

    Raises:
        ValueError: Text that is none of these.
    """
    if status_code in _ANY_STATUS:
        return True
    status = int(status_code)  # type: ignore[arg-type]  # None is one of the above
    return status >= 200 and status not in _WITHOUT_BODY


_OPTIONAL_LIBRARIES = frozenset({"orjson", "ujson"})


def __getattr__(name: str) -> Any:
    """Import an optional JSON library when somebody first needs it; None where it is not installed."""
    if name not in _OPTIONAL_LIBRARIES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        library = importlib.import_module(name)
    except ModuleNotFoundError:
        library = None
    globals()[name] = library
    return library


def _require(name: str, response_class: str) -> Any:
    library = globals()[name] if name in globals() else __getattr__(name)
    if library is None:
        raise AssertionError(f"{name} must be installed to use {response_class}")
    return library


@deprecated(
    "ORJSONResponse is deprecated: declare a return type or a response model, and the result becomes JSON "
    "without an encoder in between, which is faster.",
    category=FastAPIDeprecationWarning,
)
class ORJSONResponse(JSONResponse):
    """JSON by the library orjson. Deprecated; without the library, AssertionError."""

    def render(self, content: Any) -> bytes:
        """Return the content as JSON; keys need not be text, and numpy's arrays and numbers are known."""
        orjson = _require("orjson", "ORJSONResponse")
        encoded: bytes = orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)
        return encoded


@deprecated(
    "UJSONResponse is deprecated: declare a return type or a response model, and the result becomes JSON "
    "without an encoder in between, which is faster.",
    category=FastAPIDeprecationWarning,
)
class UJSONResponse(JSONResponse):
    """JSON by the library ujson. Deprecated; without the library, AssertionError."""

    def render(self, content: Any) -> bytes:
        """Return the content as JSON in UTF-8, without escapes for what ASCII lacks."""
        ujson = _require("ujson", "UJSONResponse")
        text: str = ujson.dumps(content, ensure_ascii=False)
        return text.encode("utf-8")
