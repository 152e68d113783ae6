"""The document of an application: made when it is needed, again when routes change, never twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from anyio import to_thread
from starlette.requests import Request

if TYPE_CHECKING:
    from rapide.openapi.members import Members, Pace

__all__ = ["OpenAPIDocument", "make_document", "rendered"]

# Seconds of work after which other threads get their turn, and for how long they do. Unasked, Python gives it
# to them every 5 ms.
_SLICE, _PAUSE = 0.001, 0.0002

# Documents are written path by path; those made by somebody else are cut into their parts of parts.
_LEVELS = 3

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


def _members_of(
    app: Any, routes: Sequence[Any], webhooks: Sequence[Any], pace: Pace | None = None
) -> Members:
    """Return the members of the document of some routes, with what an application says of itself."""
    from rapide.openapi.document import document_members  # noqa: PLC0415 -- its models take long to load
    from rapide.openapi.members import unpaced  # noqa: PLC0415 -- few processes make documents
    from rapide.openapi.versions import path_items  # noqa: PLC0415 -- FastAPI's face hardly needs it

    strict = app.behaviour.strict_documents
    return document_members(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0" if strict else app.openapi_version,
        summary=app.summary,
        description=app.description,
        terms_of_service=app.terms_of_service,
        contact=app.contact,
        license_info=app.license_info,
        routes=routes,
        webhooks=webhooks,
        tags=app.openapi_tags,
        servers=app.servers,
        separate_input_output_schemas=app.separate_input_output_schemas,
        external_docs=app.openapi_external_docs,
        rendered=path_items("3.1") if strict else None,
        pace=pace or unpaced,
    )


def make_document(app: Any, routes: Sequence[Any], webhooks: Sequence[Any]) -> dict[str, Any]:
    """Return the document of some routes, with what an application says of itself."""
    from rapide.openapi.members import collected  # noqa: PLC0415 -- few processes make documents

    document: dict[str, Any] = collected(_members_of(app, routes, webhooks))
    return document


class _GivingWay:
    """A pace that gives other threads their turn."""

    __slots__ = ("_since",)

    def __init__(self) -> None:
        self._since = perf_counter()

    def __call__(self) -> None:
        if perf_counter() - self._since > _SLICE:
            sleep(_PAUSE)
            self._since = perf_counter()


class OpenAPIDocument:
    """Keeps the document and its bytes by root path.

    `app` offers `router`, `routes`, `webhooks`, `make_openapi`, `openapi`, `root_path_in_servers` and the
    attribute `openapi_schema`, in which everybody may look for the document and put one: `schema` is its
    value. Whoever changes an operation of a document in place after it was served has to put a new one there,
    or None. What nobody asks for but clients is written to bytes at once, and is no document before somebody
    does.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.RLock()
        self._writing = (
            threading.Lock()
        )  # of its own: writing gives way, and `current` may be asked on the loop
        self._schema: dict[str, Any] | None = None
        self._version: Any = None
        self._kept: dict[str, _Kept] = {}
        self._written: dict[str, bytes] = {}
        self._written_version: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        return OpenAPIDocument, (self._app,), {"_schema": self._schema}

    @property
    def schema(self) -> dict[str, Any] | None:
        """The document; None as long as none was made, or served."""
        if self._schema is None and self._written:
            return self.current()
        return self._schema

    @schema.setter
    def schema(self, document: dict[str, Any] | None) -> None:
        self._schema = document
        self._written = {}

    def current(self) -> dict[str, Any]:
        """Return the document; made if there is none, or if routes were added since it was made."""
        app = self._app
        document = self._schema
        if document is None or not self._is_current():
            with self._lock:
                document = self._schema
                if document is None or not self._is_current():
                    # Routes that are added meanwhile make the document old at once.
                    version = self._routes_version()
                    self.schema = document = app.make_openapi(app.routes, app.webhooks.routes)
                    self._version = version
        return document

    def _routes_version(self) -> Any:
        return self._app.router.version, self._app.webhooks.version

    def _is_current(self) -> bool:
        # A document that somebody else put there has no version: it stays.
        return self._version is None or self._version == self._routes_version()

    async def bytes_for(self, request: Request) -> bytes:
        """Return the document as JSON for a request, with its root path among the servers.

        Making it may take long in a large application, so that happens off the event loop.
        """
        root_path = str(request.scope.get("root_path", "")).rstrip("/")
        return await to_thread.run_sync(self._encoded, root_path)

    def _encoded(self, root_path: str) -> bytes:
        if self._schema is None and _is_made_here(self._app):
            with self._writing:
                return self._write(root_path)
        document = self._app.openapi()
        outline = _outline(document)
        kept = self._kept.get(root_path)
        if kept is not None and kept.document is document and kept.outline == outline:
            return kept.content
        content = _joined(self._shown(document.items(), root_path), _GivingWay())
        if len(self._kept) >= _MOST_ROOT_PATHS:
            self._kept.clear()
        self._kept[root_path] = _Kept(document, outline, content)
        return content

    def _write(self, root_path: str) -> bytes:
        """Return the bytes of the document, which is never one object."""
        app, version, pace = self._app, self._routes_version(), _GivingWay()
        if self._written_version != version or len(self._written) >= _MOST_ROOT_PATHS:
            self._written = {}
        content = self._written.get(root_path)
        if content is None:
            members = _members_of(app, app.routes, app.webhooks.routes, pace=pace)
            content = self._written[root_path] = _joined(self._shown(members, root_path), pace)
            self._written_version = version
        return content

    def _shown(self, members: Any, root_path: str) -> Iterator[tuple[str, Any]]:
        """Yield the members of a document, with the root path of a request among the servers."""
        wanted = bool(root_path) and self._app.root_path_in_servers
        own = {"url": root_path}
        for name, member in members:
            if name == "servers" and wanted:
                wanted = False
                servers = member or []
                known = root_path in {server.get("url") for server in servers}
                yield name, servers if known else [own, *servers]
            else:
                yield name, member
        if wanted:
            yield "servers", [own]


def _is_made_here(app: Any) -> bool:
    """Tell whether nobody has put something in the place of what makes the document."""
    if "openapi" in vars(app) or "make_openapi" in vars(app):
        return False
    made = [getattr(type(app), name).__module__ for name in ("openapi", "make_openapi")]
    return all(module in ("rapide.app", "rapide.fastapi.applications") for module in made)


def _joined(members: Iterator[tuple[str, Any]], pace: Pace) -> bytes:
    from rapide.openapi.members import Members, encoded  # noqa: PLC0415 -- few processes make documents

    pieces: list[str] = []
    for piece in encoded(Members(members), _LEVELS):
        pace()
        pieces.append(piece)
    return "".join(pieces).encode()
