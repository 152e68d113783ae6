"""What the application sends: Starlette's response classes with checks, and the ones that FastAPI adds.

Each is a subclass of Starlette's class of its name. A header or a cookie that no client should get, or that
none would keep, is a ValueError at the line that sets it.
"""

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette import responses as starlette
from starlette.datastructures import MutableHeaders
from typing_extensions import deprecated

from rapide._outgoing import NOSNIFF, check_cookie, check_header, check_headers
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
    "attachment",
    "is_body_allowed_for_status_code",
    "redirect_local",
]


class CheckedHeaders(MutableHeaders):
    """The headers of a response. Setting what no header can be raises ValueError."""

    def __setitem__(self, key: str, value: str) -> None:
        check_header(key, value)
        super().__setitem__(key, value)

    def setdefault(self, key: str, value: str) -> str:
        """Set a header that is not there, and return its value."""
        check_header(key, value)
        return super().setdefault(key, value)

    def append(self, key: str, value: str) -> None:
        """Add a header beside those of the same name."""
        check_header(key, value)
        super().append(key, value)


_COOKIE_ATTRIBUTES = ("max_age", "expires", "path", "domain", "secure", "httponly", "samesite", "partitioned")

if TYPE_CHECKING:
    # To type checkers they are Starlette's: what returns one of those returns one of these.
    from starlette.responses import (
        FileResponse,
        HTMLResponse,
        JSONResponse,
        PlainTextResponse,
        RedirectResponse,
        Response,
        StreamingResponse,
    )
else:

    class _TakesStarlettes(type):
        """Makes every response of Starlette's an instance, as type checkers see it."""

        def __instancecheck__(cls, value: object) -> bool:
            return (
                isinstance(value, starlette.Response)
                if cls.__name__ == "Response"
                else super().__instancecheck__(value)
            )

    class Response(starlette.Response, metaclass=_TakesStarlettes):
        """A response: content, status, headers, cookies.

        Raises:
            ValueError: A header or a cookie is set that no client should get; a status is none.
        """

        def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
            """Put in the headers that were given, and length and media type."""
            if headers:
                check_headers(headers)
            if not 100 <= self.status_code <= 599:
                raise ValueError(f"{self.status_code!r} is no status of HTTP")
            super().init_headers(headers)

        @property
        def headers(self) -> MutableHeaders:
            """The headers, to be read and set."""
            if not hasattr(self, "_headers"):
                self._headers = CheckedHeaders(raw=self.raw_headers)
            return self._headers

        def set_cookie(self, key: str, value: str = "", *arguments: Any, **attributes: Any) -> None:
            """Set a cookie.

            Args:
                key: Its name. `__Host-` and `__Secure-` in front promise what has to be said as well.
                value: Its value, with the name 4,096 bytes at most.
                arguments: Starlette's, by position.
                attributes: Starlette's: `max_age`, `expires`, `path="/"`, `domain`, `secure`, `httponly`,
                    `samesite="lax"`, `partitioned`.

            Raises:
                ValueError: Browsers would drop it, or an attribute would bring in another.
            """
            given = dict(zip(_COOKIE_ATTRIBUTES, arguments, strict=False)) | attributes
            check_cookie(key, value, {"path": "/", "samesite": "lax", **given})
            super().set_cookie(key, value, *arguments, **attributes)

    class HTMLResponse(Response, starlette.HTMLResponse):
        """A page."""

    class PlainTextResponse(Response, starlette.PlainTextResponse):
        """Text."""

    class JSONResponse(Response, starlette.JSONResponse):
        """JSON by the standard library. Raises ValueError for NaN, TypeError for what JSON cannot hold."""

    class RedirectResponse(Response, starlette.RedirectResponse):
        """A redirect to any address. For an address that a client has a say in: `redirect_local`."""

    class StreamingResponse(Response, starlette.StreamingResponse):
        """A response whose body comes in pieces."""

    class FileResponse(Response, starlette.FileResponse):
        """A file, with ranges and conditional requests."""


_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def redirect_local(path: str, status_code: int = 303) -> RedirectResponse:
    """Return a redirect to a path of this application, and to nowhere else.

    Args:
        path: A path, with query and fragment, such as a `next` that came from the client.
        status_code: 303 (see other) by default.

    Raises:
        ValueError: It is another address, or what browsers take for one, such as `//evil.com`.
    """
    if not _LOCAL.fullmatch(path):
        raise ValueError(f"{path!r} is no path of this application")
    return RedirectResponse(quote(path, safe=":/%#?=@[]!$&'()*+,;~"), status_code)


def attachment(path: str | Path, *, filename: str | None = None) -> FileResponse:
    """Return a file that somebody has uploaded, to be saved and never to be shown.

    Browsers neither guess its type nor open it, whatever it claims to be.

    Args:
        path: Where the file is.
        filename: The name under which it is offered; default: that of the file.
    """
    name = filename or Path(path).name
    headers = {NOSNIFF[0].decode(): NOSNIFF[1].decode()}
    return FileResponse(path, headers=headers, media_type="application/octet-stream", filename=name)


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
class ORJSONResponse(starlette.JSONResponse):
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
class UJSONResponse(starlette.JSONResponse):
    """JSON by the library ujson. Deprecated; without the library, AssertionError."""

    def render(self, content: Any) -> bytes:
        """Return the content as JSON in UTF-8, without escapes for what ASCII lacks."""
        ujson = _require("ujson", "UJSONResponse")
        text: str = ujson.dumps(content, ensure_ascii=False)
        return text.encode("utf-8")
