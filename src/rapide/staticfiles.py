"""Files from a directory."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from starlette import staticfiles as starlette
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from rapide._outgoing import protect
from rapide._run.redirect import slash_redirect

__all__ = ["StaticFiles"]

_MOST_RANGES = 8
_ONE_RANGE = rb"[ \t]*(?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})[ \t]*"
_RANGES = re.compile(rb"bytes=" + _ONE_RANGE + rb"(?:," + _ONE_RANGE + rb")*")


# What Windows takes for a device or for a stream of a file, and drops at the end of a name.
_ON_WINDOWS = os.name == "nt"
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE)


class StaticFiles(starlette.StaticFiles):
    """Serves the files of a directory; see Starlette's class for the options.

    What is no file to be seen is not found: names that begin with a dot, except `.well-known`, what is no
    regular file, and a file with a slash behind. A `Range` that cannot be understood, or has more than eight
    ranges, is ignored (RFC 9110, section 14.2). Redirects to folders are paths.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and any(_is_ignored(name, value) for name, value in scope["headers"]):
            headers = [pair for pair in scope["headers"] if pair[0] not in (b"range", b"if-range")]
            scope = {**scope, "headers": headers}
        await super().__call__(scope, receive, send)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Return where a file is, and what it is; nothing for names with a dot in front, or of devices."""
        parts = Path(path).parts
        if any(part.startswith(".") and part not in (".", ".well-known") for part in parts):
            return "", None
        if _ON_WINDOWS and any(_is_device(part) for part in parts):
            return "", None
        return super().lookup_path(path)

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Return the response for a file. Raises HTTPException 404 for a file with a slash behind."""
        if scope["path"].endswith("/") and os.path.basename(full_path) not in ("index.html", "404.html"):  # noqa: PTH119 -- as Starlette takes it apart
            raise HTTPException(404)
        response = super().file_response(full_path, stat_result, scope, status_code)
        if response.status_code != 304:
            protect(response.raw_headers)
        return response

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the response for a path; a redirect to a folder stays here."""
        response = await super().get_response(path, scope)
        if isinstance(response, RedirectResponse):
            return slash_redirect(scope, scope["path"] + "/", absolute=False)
        return response


def _is_ignored(name: bytes, value: bytes) -> bool:
    """Tell whether a header is a Range that cannot be understood, or asks for too much."""
    if name != b"range":
        return False
    if value.count(b",") >= _MOST_RANGES or not _RANGES.fullmatch(value):
        return True
    bounds = (part.strip().split(b"-") for part in value[len(b"bytes=") :].split(b","))
    return any(first and last and int(first) > int(last) for first, last in bounds)


def _is_device(part: str) -> bool:
    """Tell whether Windows takes a name for something else than a file of this name."""
    return (
        part != part.rstrip(". ") or ":" in part or bool(_RESERVED.fullmatch(part.partition(".")[0].rstrip()))
    )
