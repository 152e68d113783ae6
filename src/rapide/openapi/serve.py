"""The document of an application: made when it is needed, again when routes change, never twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from anyio import to_thread
from starlette.requests import Request

__all__ = ["OpenAPIDocument", "rendered"]

# A client can choose the root path on some servers: what is kept must not grow with what clients send.
_MOST_ROOT_PATHS = 16


class _Kept(NamedTuple):
    """The bytes of a document, and what tells whether they are still right."""

    document: Mapping[str, Any]
    outline: str
    content: bytes


def _outline(document: Mapping[str, Any]) -> str:
    """Return text that changes when somebody changes the document in place: all but its large parts."""
    sizes = {name: len(value) for name, value in document.items() if isinstance(value, dict)}
    small = {
        name: value for name, value in document.items() if name not in ("paths", "components", "webhooks")
    }
    return json.dumps([sizes, small], default=repr)


def rendered(document: dict[str, Any], version: Literal["3.0", "3.1", "3.2"]) -> dict[str, Any]:
    """Return a document for another version of OpenAPI."""
    from rapide.openapi.versions import render  # noqa: PLC0415 -- FastAPI's face hardly needs it

    return render(document, version)


class OpenAPIDocument:
    """Keeps the document and its bytes by root path.

    `app` offers `router`, `routes`, `webhooks`, `make_openapi`, `openapi`, `root_path_in_servers` and the
    attribute `openapi_schema`, in which everybody may look for the document and put one. Whoever changes an
    operation of a document in place after it was served has to put a new one there, or None.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.RLock()
        self._version: Any = None
        self._kept: dict[str, _Kept] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return OpenAPIDocument, (self._app,)

    def current(self) -> dict[str, Any]:
        """Return the document; made if there is none, or if routes were added since it was made."""
        app = self._app
        if not self._is_current():
            with self._lock:
                if not self._is_current():
                    # Routes that are added meanwhile make the document old at once.
                    version = self._routes_version()
                    app.openapi_schema = app.make_openapi(app.routes, app.webhooks.routes)
                    self._version = version
        document: dict[str, Any] = app.openapi_schema
        return document

    def _routes_version(self) -> Any:
        return self._app.router.version, self._app.webhooks.version

    def _is_current(self) -> bool:
        # A document that somebody else put there has no version: it stays.
        known = self._version is None or self._version == self._routes_version()
        return self._app.openapi_schema is not None and known

    async def bytes_for(self, request: Request) -> bytes:
        """Return the document as JSON for a request, with its root path among the servers.

        Making it may take long in a large application, so that happens off the event loop.
        """
        root_path = str(request.scope.get("root_path", "")).rstrip("/")
        return await to_thread.run_sync(self._encoded, root_path)

    def _encoded(self, root_path: str) -> bytes:
        document = self._app.openapi()
        outline = _outline(document)
        kept = self._kept.get(root_path)
        if kept is not None and kept.document is document and kept.outline == outline:
            return kept.content
        shown = document
        if root_path and self._app.root_path_in_servers:
            servers = document.get("servers") or []
            if root_path not in {server.get("url") for server in servers}:
                shown = {**document, "servers": [{"url": root_path}, *servers]}
        content = json.dumps(shown, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        if len(self._kept) >= _MOST_ROOT_PATHS:
            self._kept.clear()
        self._kept[root_path] = _Kept(document, outline, content)
        return content
