"""Other versions of a document: OpenAPI 3.0 for tools that know nothing newer, strict 3.1, and 3.2.

Documents are made as FastAPI makes them: 3.1 with one word of 3.2, `itemSchema`, and operations of any
method.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from rapide.openapi.schemas_30 import schema_30

__all__ = ["Version", "path_items", "render"]

Version = Literal["3.0", "3.1", "3.2"]
Convert = Callable[[Any], Any]

_NUMBERS: dict[Version, str] = {"3.0": "3.0.3", "3.1": "3.1.0", "3.2": "3.2.0"}

# Where the objects of a document are: the member, and the kind of object in it; "*" for a map of them, "[]"
# for a list.
_MEMBERS: dict[str, dict[str, str]] = {
    "document": {"paths": "*path_item", "webhooks": "*path_item", "components": "components"},
    "components": {
        "schemas": "*schema",
        "responses": "*response",
        "parameters": "*parameter",
        "requestBodies": "*body",
        "headers": "*parameter",
        "callbacks": "**path_item",
        "pathItems": "*path_item",
    },
    "operation": {
        "parameters": "[]parameter",
        "requestBody": "body",
        "responses": "*response",
        "callbacks": "**path_item",
    },
    "parameter": {"schema": "schema", "content": "*media"},
    "body": {"content": "*media"},
    "response": {"headers": "*parameter", "content": "*media"},
    "media": {"schema": "schema", "itemSchema": "schema", "encoding": "*encoding"},
    "encoding": {"headers": "*parameter"},
}
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PATH_ITEM = ("$ref", "summary", "description", "servers", "parameters")


def render(document: Mapping[str, Any], version: Version) -> dict[str, Any]:
    """Return a new document of another OpenAPI version that says the same as far as that version can.

    3.0 knows no webhooks: they are under `x-webhooks`. Before 3.2, `itemSchema` is under `x-itemSchema`, and
    operations of methods that OpenAPI did not know under `x-additionalOperations`.

    Raises:
        KeyError: The version is none of "3.0", "3.1" and "3.2".
    """
    number = _NUMBERS[version]
    rendered: dict[str, Any] = _Renderer(version).convert("document", document)
    rendered["openapi"] = number
    if version == "3.0":
        _reduce_document(rendered)
    return rendered


def path_items(version: Literal["3.1", "3.2"]) -> Convert:
    """Return what renders the path items of a document one by one; in these versions all else is the same."""
    renderer = _Renderer(version)
    return lambda item: renderer.convert("path_item", item)


def _reduce_document(document: dict[str, Any]) -> None:
    """Take out of a document what OpenAPI 3.0 does not have."""
    document.pop("jsonSchemaDialect", None)
    info = document["info"] = dict(document["info"])
    info.pop("summary", None)
    if isinstance(info.get("license"), dict):
        info["license"] = {name: value for name, value in info["license"].items() if name != "identifier"}
    if "webhooks" in document:
        document["x-webhooks"] = document.pop("webhooks")
    document.get("components", {}).pop("pathItems", None)
    document.setdefault("paths", {})


class _Renderer:
    """Walks through a document, object by object."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._own: dict[str, Convert] = {
            "schema": schema_30 if version == "3.0" else lambda schema: schema,
            "path_item": self._path_item,
            "media": self._media,
        }

    def convert(self, kind: str, value: Any) -> Any:
        """Return the object `value` in the version; what is no object of the kind stays as it is."""
        if kind.startswith("[]"):
            return [self.convert(kind[2:], item) for item in value] if isinstance(value, list) else value
        if kind.startswith("*"):
            items = value.items() if isinstance(value, dict) else ()
            return {name: self._named(kind[1:], name, item) for name, item in items}
        own = self._own.get(kind)
        return own(value) if own is not None else self._members(kind, value)

    def _named(self, kind: str, name: str, value: Any) -> Any:
        return value if name.startswith("x-") and kind != "parameter" else self.convert(kind, value)

    def _members(self, kind: str, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        kinds = _MEMBERS[kind]
        return {
            name: self.convert(kinds[name], member) if name in kinds else member
            for name, member in value.items()
        }

    def _path_item(self, item: Any) -> Any:
        if not isinstance(item, dict):
            return item
        known = (*_METHODS, "query") if self._version == "3.2" else _METHODS
        rendered: dict[str, Any] = {}
        # A document that keeps to 3.1 has them in the extension already.
        others = {
            name: self.convert("operation", value)
            for member in ("additionalOperations", "x-additionalOperations")
            for name, value in item.get(member, {}).items()
        }
        if self._version == "3.2" and "QUERY" in others:
            rendered["query"] = others.pop("QUERY")
        for name, value in item.items():
            if name in known:
                rendered[name] = self.convert("operation", value)
            elif name == "parameters":
                rendered[name] = self.convert("[]parameter", value)
            elif name in ("additionalOperations", "x-additionalOperations"):
                continue
            elif name in _PATH_ITEM or name.startswith("x-"):
                rendered[name] = value
            else:
                others[name.upper()] = self.convert("operation", value)
        if others:
            rendered["additionalOperations" if self._version == "3.2" else "x-additionalOperations"] = others
        return rendered

    def _media(self, media: Any) -> Any:
        rendered = self._members("media", media)
        here, there = (
            ("x-itemSchema", "itemSchema") if self._version == "3.2" else ("itemSchema", "x-itemSchema")
        )
        if isinstance(rendered, dict) and here in rendered:
            rendered[there] = rendered.pop(here)
        return rendered
