"""Documents in other versions of OpenAPI."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from rapide.openapi.versions import Version, render

_RECORDED = Path(__file__).parent / "recorded"
_VERSIONS: tuple[Version, ...] = ("3.0", "3.1", "3.2")
# What these declare is not valid OpenAPI, whatever the version: undeclared path parameters, an empty path, a
# status that is none, a date without its zone.
_INVALID = {
    "additional_responses",
    "body_schema_details",
    "included_routers",
    "operations",
    "path_parameters",
    "when_422_is_documented",
}


def _documents() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in sorted(_RECORDED.glob("*.json")):
        found.update(json.loads(path.read_text(encoding="utf-8")))
    return {name: document for name, document in found.items() if name not in _INVALID}


_DOCUMENTS = _documents()


@pytest.mark.parametrize("name", sorted(_DOCUMENTS))
@pytest.mark.parametrize("version", _VERSIONS)
def test_rendered_documents_are_valid(name: str, version: Version) -> None:
    """Every document is valid in every version, and is itself left alone."""
    before = copy.deepcopy(_DOCUMENTS[name])
    rendered = render(_DOCUMENTS[name], version)
    validate(rendered)
    assert rendered["openapi"].startswith(version)
    assert _DOCUMENTS[name] == before


def _document(**members: Any) -> dict[str, Any]:
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}, **members}


def _operation(content: dict[str, Any]) -> dict[str, Any]:
    return {"responses": {"200": {"description": "d", "content": content}}}


def test_3_2_has_items_and_methods_of_its_own() -> None:
    """`itemSchema` and the QUERY method are 3.2's own words; other methods are additional operations."""
    stream = _operation({"application/jsonl": {"itemSchema": {"type": ["string", "null"]}}})
    document = _document(paths={"/a": {"get": stream, "query": stream, "link": stream, "x-own": 1}})
    item = render(document, "3.2")["paths"]["/a"]
    assert item == {"get": stream, "query": stream, "additionalOperations": {"LINK": stream}, "x-own": 1}


def test_3_1_has_neither() -> None:
    """Before 3.2 they are extensions."""
    document = _document(paths={"/a": {"query": _operation({"application/jsonl": {"itemSchema": {}}})}})
    item = render(document, "3.1")["paths"]["/a"]
    assert item == {
        "x-additionalOperations": {"QUERY": _operation({"application/jsonl": {"x-itemSchema": {}}})},
    }


def test_3_0_has_no_webhooks_and_less_information() -> None:
    """What 3.0 does not know is an extension or left out."""
    info = {"title": "T", "summary": "S", "version": "1", "license": {"name": "L", "identifier": "MIT"}}
    hook = {"post": {"responses": {"200": {"description": "d"}}}}
    document = _document(
        info=info,
        webhooks={"hook": hook},
        jsonSchemaDialect="x",
        components={"pathItems": {"a": {}}, "schemas": {}},
    )
    assert render(document, "3.0") == {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1", "license": {"name": "L"}},
        "paths": {},
        "components": {"schemas": {}},
        "x-webhooks": {"hook": hook},
    }


def test_3_0_converts_schemas_wherever_they_are() -> None:
    """Parameters, headers, bodies, encodings, callbacks and components have their schemas converted."""
    old, new = {"const": 1}, {"enum": [1]}
    media = {"schema": old, "encoding": {"a": {"headers": {"H": {"schema": old}}}}, "example": {"const": 1}}
    operation = {
        "parameters": [{"name": "q", "in": "query", "schema": old}],
        "requestBody": {"content": {"a/b": media}},
        "responses": {
            "200": {"description": "d", "headers": {"H": {"schema": old}}, "content": {"a/b": media}}
        },
        "callbacks": {"c": {"/x": {"post": {"requestBody": {"content": {"a/b": media}}}}}},
    }
    parameters = [{"name": "x", "in": "header", "content": {"a/b": media}}]
    document = _document(
        paths={"/a": {"get": operation, "parameters": parameters, "$ref": "r"}},
        components={
            "schemas": {"S": old},
            "parameters": {"P": parameters[0]},
            "headers": {"H": {"schema": old}},
        },
    )
    expected = json.loads(
        json.dumps(document).replace(json.dumps({"schema": old})[1:-1], json.dumps({"schema": new})[1:-1])
    )
    expected["components"]["schemas"]["S"] = new
    expected["openapi"] = "3.0.3"
    assert render(document, "3.0") == expected


def test_unknown_versions_are_refused() -> None:
    """There is no 2.0 rendering."""
    with pytest.raises(KeyError):
        render(_document(), "2.0")  # type: ignore[arg-type]
