"""`rapide routes`: every way into an application, as a table or as JSON."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute

from rapide.cli.failures import describe_location
from rapide.errors import locate

__all__ = ["RouteRow", "list_routes", "render_json", "render_table"]

_TABLE_HEADINGS = ("KIND", "METHODS", "PATH", "NAME", "ENDPOINT", "TAGS")


@dataclass(frozen=True, slots=True)
class RouteRow:
    """One route.

    Attributes:
        kind: "http", "websocket", "mount" or "host"; the class name for routes of other kinds.
        methods: sorted; empty for all but "http". HEAD is left out where GET implies it.
        path: with the paths of all mounts before it; the host pattern for "host".
        name: as `url_for` takes it, None without one.
        endpoint: `module.function`; for a mount what is mounted.
        location: `file:line` of the endpoint; None for mounts and hosts, and when Python does not know it.
        tags: as declared.
        in_schema: whether OpenAPI shows it.
        deprecated: whether it is declared deprecated.
    """

    kind: str
    methods: list[str]
    path: str
    name: str | None
    endpoint: str | None
    location: str | None
    tags: list[str] = field(default_factory=list)
    in_schema: bool = False
    deprecated: bool = False


def list_routes(app: Any) -> list[RouteRow]:
    """Return the routes of an application in the order of declaration, those of a mount right after it.

    The framework's own routes, those of the documentation, stand behind those of the application.
    """
    return list(_walk(app.routes, "", ""))


def _walk(routes: Iterable[BaseRoute], prefix: str, name_prefix: str) -> Iterator[RouteRow]:
    for route in sorted(routes, key=_is_of_framework):
        yield _describe(route, prefix, name_prefix)
        if isinstance(route, Mount):
            # Mounts without a name leave the names below them as they are; `url_for` does the same.
            below = f"{name_prefix}{route.name}:" if route.name else name_prefix
            yield from _walk(route.routes, prefix + route.path, below)
        elif isinstance(route, Host):
            below = f"{name_prefix}{route.name}:" if route.name else name_prefix
            yield from _walk(route.routes, prefix or route.host, below)


def _is_of_framework(route: BaseRoute) -> bool:
    module = getattr(getattr(route, "endpoint", None), "__module__", None) or ""
    return module == "rapide.docs" or module.startswith("rapide.docs.")


def _describe(route: BaseRoute, prefix: str, name_prefix: str) -> RouteRow:
    endpoint = getattr(route, "endpoint", None)
    name = getattr(route, "name", None)
    return RouteRow(
        kind=_kind(route),
        methods=_methods(route),
        path=prefix + (route.host if isinstance(route, Host) else getattr(route, "path", "")),
        name=name_prefix + name if name else None,
        endpoint=_name_of(route.app if isinstance(route, Mount | Host) else endpoint),
        location=_location(endpoint),
        tags=[str(getattr(tag, "value", tag)) for tag in getattr(route, "tags", None) or ()],
        in_schema=isinstance(route, Route) and bool(route.include_in_schema),
        deprecated=bool(getattr(route, "deprecated", False)),
    )


def _kind(route: BaseRoute) -> str:
    for kind, route_class in (
        ("http", Route),
        ("websocket", WebSocketRoute),
        ("mount", Mount),
        ("host", Host),
    ):
        if isinstance(route, route_class):
            return kind
    return type(route).__name__


def _methods(route: BaseRoute) -> list[str]:
    methods: set[str] = set(getattr(route, "methods", None) or ())
    if "GET" in methods:
        methods.discard("HEAD")
    return sorted(methods)


def _name_of(endpoint: Any) -> str | None:
    while isinstance(endpoint, partial):
        endpoint = endpoint.func
    if endpoint is None:
        return None
    named = endpoint if hasattr(endpoint, "__qualname__") else type(endpoint)
    return f"{named.__module__}.{named.__qualname__}"


def _location(endpoint: Any) -> str | None:
    if endpoint is None:
        return None
    file, line = locate(endpoint)
    if file is None and not inspect.isclass(endpoint):  # an object: its class says where it is written
        file, line = locate(type(endpoint))
    return describe_location(file, line)


def render_json(rows: Sequence[RouteRow]) -> str:
    """Return the rows as a JSON array."""
    return json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)


def render_table(rows: Sequence[RouteRow]) -> str:
    """Return the rows as columns of text, with nothing cut off: it is for `grep` as much as for eyes."""
    cells = [_TABLE_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_TABLE_HEADINGS))]
    lines = ("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells)
    return "\n".join(line.rstrip() for line in lines)


def _cells(row: RouteRow) -> tuple[str, ...]:
    # A place outside of the project is long, and nobody opens it to change the route; JSON has it.
    place = row.location if row.location and not Path(row.location).is_absolute() else None
    endpoint = f"{place} ({row.endpoint})" if place else row.endpoint or "-"
    return (
        row.kind,
        ",".join(row.methods) or "-",
        row.path or "/",
        row.name or "-",
        endpoint,
        ", ".join(row.tags),
    )
