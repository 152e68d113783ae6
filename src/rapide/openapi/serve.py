"""The document of an application: made when it is needed, again when routes change, never twice."""

from __future__ import annotations

import json
import threading
from typing import Any

from anyio import to_thread
from starlette.requests import Request

__all__ = ["OpenAPIDocument"]


class OpenAPIDocument:
    """Keeps the document and its bytes by root path.

    `app` offers `routes`, `webhooks`, `make_openapi`, `openapi` and the attribute `openapi_schema`, in which everybody may
    look for the document and put one.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.RLock()
        self._version: Any = None
        self._bytes: dict[str, tuple[Any, bytes]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return OpenAPIDocument, (self._app,)

    def current(self) -> dict[str, Any]:
        """Return the document."""
        app = self._app
        version = (app.router.version, app.webhooks.version)
        if app.openapi_schema is None or (self._version is not None and self._version != version):
            with self._lock:
                if app.openapi_schema is None or self._version != version:
                    app.openapi_schema = app.make_openapi(app.routes, app.webhooks.routes)
                    self._version = version
        document: dict[str, Any] = app.openapi_schema
        return document

    async def bytes_for(self, request: Request) -> bytes:
        """Return the document as JSON for a request, with its root path among the servers.

        Making it may take long in a large application, so that happens off the event loop.
        """
        root_path = str(request.scope.get("root_path", "")).rstrip("/")
        return await to_thread.run_sync(self._encoded, root_path)

    def _encoded(self, root_path: str) -> bytes:
        document = self._app.openapi()
        known = self._bytes.get(root_path)
        if known is not None and known[0] is document:
            return known[1]
        shown = document
        if root_path and self._app.root_path_in_servers:
            servers = document.get("servers") or []
            if root_path not in {server.get("url") for server in servers}:
                shown = {**document, "servers": [{"url": root_path}, *servers]}
        encoded = json.dumps(shown, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        if len(self._bytes) >= _MOST_ROOT_PATHS:
            self._bytes.clear()
        self._bytes[root_path] = (document, encoded)
        return encoded


# A client can choose the root path on some servers: what is kept must not grow with what clients send.
_MOST_ROOT_PATHS = 16
