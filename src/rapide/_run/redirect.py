"""Redirecting to a path that differs by a trailing slash."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote

from starlette.datastructures import URL
from starlette.responses import RedirectResponse

__all__ = ["slash_redirect"]

# What may stand in a path, and in a query, as it is (RFC 3986, sections 3.3 and 3.4); a query comes encoded.
_IN_PATH = "/:@!$&'()*+,;="
_IN_QUERY = _IN_PATH + "?%[]"


def slash_redirect(scope: MutableMapping[str, Any], path: str, *, absolute: bool) -> RedirectResponse:
    """Return a 307 to `path` (decoded, root path included), with the query of the request.

    The Location is a path, which neither the Host header nor a proxy's scheme can bend; or Starlette's URL,
    if `absolute`.
    """
    query = quote(scope.get("query_string", b""), safe=_IN_QUERY)
    if absolute:
        # Encoded first: Starlette decodes the query as UTF-8, and a client may send any bytes.
        target = {**scope, "path": path, "query_string": query.encode("ascii")}
        return RedirectResponse(str(URL(scope=target)))
    # Two slashes in front would name a host, and browsers read a backslash as a slash.
    location = quote("/" + path.lstrip("/\\"), safe=_IN_PATH, errors="replace")
    return RedirectResponse(f"{location}?{query}" if query else location)
