"""The ASGI scope of a request, as a server would make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote

from rapide.testing._httpx import httpx

__all__ = ["ScopeOptions", "make_scope"]

_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}

# The versions that uvicorn names: what a client that has left does to `send` depends on them.
_SPEC_VERSIONS = {"http": "2.3", "websocket": "2.4"}
_EXTENSIONS: dict[str, tuple[str, ...]] = {
    "http": ("http.response.debug", "http.response.trailers"),
    "websocket": ("websocket.http.response",),
}


@dataclass(frozen=True, slots=True)
class ScopeOptions:
    """What a request itself does not say: the client's address, the root path, and the lifespan's state."""

    root_path: str
    client: tuple[str, int] | None
    state: Mapping[str, Any]


def make_scope(
    kind: Literal["http", "websocket"], request: httpx.Request, options: ScopeOptions
) -> dict[str, Any]:
    """Return the scope of a request (ASGI 3)."""
    url = request.url
    raw_path = url.raw_path.partition(b"?")[0]
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": _SPEC_VERSIONS[kind]},
        "http_version": "1.1",
        "scheme": url.scheme,
        "path": unquote(raw_path.decode("ascii")),
        "raw_path": raw_path,
        "query_string": url.query,
        "root_path": options.root_path,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": options.client,
        "server": (url.host, url.port or _PORTS.get(url.scheme)),
        "state": dict(options.state),
        "extensions": {name: {} for name in _EXTENSIONS[kind]},
    }
    if kind == "http":
        scope["method"] = request.method
    else:
        offered = request.headers.get("sec-websocket-protocol", "")
        scope["subprotocols"] = [name.strip() for name in offered.split(",") if name.strip()]
    return scope
