"""The attributes of HTTP servers in OpenTelemetry's semantic conventions 1.44.

https://opentelemetry.io/docs/specs/semconv/http/http-spans/. Importing this module does not import
OpenTelemetry.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from rapide._redaction import redact_query

__all__ = [
    "DURATION_BUCKETS",
    "SCHEMA_URL",
    "Method",
    "connection_attributes",
    "error_type",
    "known_methods",
    "method_of",
    "proxy_prefix",
]

SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"
# Seconds; what the conventions advise for http.server.request.duration.
DURATION_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)

_METHODS = frozenset(
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"]
)
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_NOT_IN_A_HOST = frozenset("/?#@\\ ")

Attributes = dict[str, str | int]


class Method:
    """How the method of a request appears: unknown ones under one name, so that clients cannot make more."""

    __slots__ = ("attribute", "original", "span_name")

    def __init__(self, method: str, known: frozenset[str]) -> None:
        is_known = method in known
        self.span_name = method if is_known else "HTTP"
        self.attribute = method if is_known else "_OTHER"
        self.original = None if is_known else method


def known_methods() -> frozenset[str]:
    """Return the methods that are recorded by name.

    `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` replaces those of RFC 9110, RFC 5789 and QUERY.
    """
    text = os.environ.get("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS")
    return _METHODS if not text else frozenset(name.strip() for name in text.split(",") if name.strip())


def method_of(scope: Mapping[str, Any], known: frozenset[str]) -> Method:
    """Return the method of an HTTP scope."""
    return Method(scope["method"], known)


def connection_attributes(scope: Mapping[str, Any], method: Method | None) -> Attributes:
    """Return what is known about a connection before it is served; `method` is None for a WebSocket."""
    scheme = scope.get("scheme") or ("http" if method is not None else "ws")
    attributes: Attributes = {"url.scheme": scheme, **_server(scope, scheme)}
    if method is None:
        attributes["network.protocol.name"] = "websocket"
        return attributes
    attributes["url.path"] = scope["path"]
    query = scope.get("query_string", b"").decode("latin-1")
    if query:
        attributes["url.query"] = redact_query(query)
    attributes["http.request.method"] = method.attribute
    if method.original is not None:
        attributes["http.request.method_original"] = method.original
    if scope.get("http_version"):
        attributes["network.protocol.version"] = scope["http_version"]
    return attributes


def _server(scope: Mapping[str, Any], scheme: str) -> Attributes:
    """Return address and port as the client named them, else the server's own."""
    for name, value in scope.get("headers", ()):
        if name == b"host":
            return _named_host(value.decode("latin-1"), scheme)
    address, port = scope.get("server") or (None, None)
    attributes: Attributes = {}
    if address:
        attributes["server.address"] = address
        if port is not None:
            attributes["server.port"] = port
    return attributes


def _named_host(text: str, scheme: str) -> Attributes:
    if not _NOT_IN_A_HOST.isdisjoint(text):
        return {}
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return {}
    if not host:
        return {}
    port = port or _DEFAULT_PORTS.get(scheme)
    return {"server.address": host} if port is None else {"server.address": host, "server.port": port}


def proxy_prefix(scope: Mapping[str, Any]) -> str:
    """Return the path prefix that a proxy has removed, without those of mounts further out."""
    return str(scope.get("app_root_path", scope.get("root_path", ""))).rstrip("/")


def error_type(error: BaseException, package: str) -> str:
    """Return the full name of an exception's class, short for builtins.

    The framework's own are named as in `package`, where the application imports them from.
    """
    cls = type(error)
    module = cls.__module__
    if module == "builtins":
        return cls.__qualname__
    if module.startswith("rapide."):
        module = f"{package}.{module.removeprefix('rapide.')}"
    return f"{module}.{cls.__qualname__}"
