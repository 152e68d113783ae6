"""Whose page makes a browser send a request (RFC 6454; the `Origin` header: Fetch, section 3.1)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

__all__ = ["carries_credentials", "foreign_origin", "header_values", "is_origin"]

_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[^\s/?#@:\[\]]+)(?::([0-9]{1,5}))?\Z", re.IGNORECASE)
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s/?#@:\[\]]+)(?::([0-9]{1,5}))?\Z", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}


def header_values(scope: Mapping[str, Any], name: bytes) -> list[str]:
    """Return the values of a header of a connection; `name` in small letters."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def is_origin(text: str) -> bool:
    """Tell whether a text is the origin of a page: scheme and host, a port at most, and no path."""
    return _ORIGIN.match(text) is not None


def foreign_origin(scope: Mapping[str, Any], trusted: Collection[str] = ()) -> bool | None:
    """Tell whether the `Origin` of a connection is neither its own nor `trusted`; None where it has none.

    A port that `Host` leaves out is the default of the origin's scheme, as a proxy in front may be what
    speaks TLS. An origin that is not encrypted is foreign to a connection that is. `null`, and whatever else
    names no host, is foreign.
    """
    origins = header_values(scope, b"origin")
    if not origins:
        return None
    origin = origins[0]
    if len(origins) > 1:
        return True
    if origin in trusted or origin.lower() in trusted:
        return False
    hosts = header_values(scope, b"host")
    page, host = _ORIGIN.match(origin), _HOST.match(hosts[0]) if len(hosts) == 1 else None
    if page is None or host is None:
        return True
    scheme = page[1].lower()
    if scheme == "http" and scope.get("scheme") in {"https", "wss"}:
        return True
    default = _PORTS[scheme]
    here = host[1].lower(), int(host[2] or default)
    return (page[2].lower(), int(page[3] or default)) != here


def carries_credentials(scope: Mapping[str, Any]) -> bool:
    """Tell whether a browser may have added credentials by itself: cookies, or a password it remembers."""
    return any(name in {b"cookie", b"authorization"} for name, _ in scope["headers"])
