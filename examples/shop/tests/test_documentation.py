"""The documentation: complete, valid, and with examples that work as they stand."""

from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from rapide.testclient import TestClient
from shop.main import create_app
from shop.settings import Settings

_DOCUMENT: dict[str, Any] = create_app(Settings(_env_file=None)).openapi()

# Logging in is tried in test_identity.py: its forms are those of OAuth 2.0, and need a password.
_OPERATIONS = [
    (method.upper(), path)
    for path, item in _DOCUMENT["paths"].items()
    for method, operation in item.items()
    if operation["tags"] != ["authentication"]
]


def _resolve(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    resolved: dict[str, Any] = _DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return resolved


def _example(schema: dict[str, Any]) -> Any:
    """What Swagger UI would fill in: the example, or one put together from the examples of the parts."""
    schema = _resolve(schema)
    if "examples" in schema:
        return schema["examples"][0]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0])
    if schema.get("type") == "object":
        return {name: _example(part) for name, part in schema["properties"].items()}
    raise AssertionError(f"nothing to try out in {schema}")


def _parameters(operation: dict[str, Any], place: str) -> dict[str, Any]:
    return {
        parameter["name"]: next(iter(parameter["examples"].values()))["value"]
        for parameter in operation.get("parameters", [])
        if parameter["in"] == place and parameter["required"]
    }


def _body(operation: dict[str, Any]) -> Any:
    if "requestBody" not in operation:
        return None
    return _example(operation["requestBody"]["content"]["application/json"]["schema"])


def test_document_is_valid_openapi() -> None:
    """By the specification, and with an operation for each thing the shop does."""
    validate(_DOCUMENT)
    assert len(_OPERATIONS) == 22


@pytest.mark.parametrize(("method", "path"), _OPERATIONS)
def test_operation_succeeds_when_tried_with_its_examples(client: TestClient, method: str, path: str) -> None:
    """On a fresh shop, "Try it out" and "Execute" without typing anything succeeds."""
    operation = _DOCUMENT["paths"][path][method.lower()]
    headers = {name: str(value) for name, value in _parameters(operation, "header").items()}
    response = client.request(
        method,
        path.format(**_parameters(operation, "path")),
        params=_parameters(operation, "query"),
        headers=headers,
        json=_body(operation),
    )
    assert response.status_code in {200, 201, 204}, response.text
    assert str(response.status_code) in operation["responses"]


@pytest.mark.parametrize(("method", "path"), _OPERATIONS)
def test_operation_is_described(method: str, path: str) -> None:
    """So are its parameters, and the body's every field has a description or speaks for itself."""
    operation = _DOCUMENT["paths"][path][method.lower()]
    assert operation["description"]
    assert operation["tags"]
    for parameter in operation.get("parameters", []):
        assert parameter.get("description"), parameter["name"]


@pytest.mark.parametrize(("method", "path"), _OPERATIONS)
def test_every_error_is_documented_as_a_problem(method: str, path: str) -> None:
    """404, 409 and 503 of the shop are `application/problem+json`, each with examples by type."""
    responses = _DOCUMENT["paths"][path][method.lower()]["responses"]
    for status in {"404", "409", "503"} & responses.keys():
        media = responses[status]["content"]["application/problem+json"]
        assert set(media["schema"]["required"]) == {"type", "title", "status", "detail"}
        for code, example in media["examples"].items():
            assert example["value"]["type"].endswith(f"/{code}")
            assert str(example["value"]["status"]) == status


def test_no_text_and_no_number_in_a_request_is_without_bound() -> None:
    """Every string in a request has a length or a form, every number a least and a greatest value."""
    unbounded = []
    for method, path in _OPERATIONS:
        operation = _DOCUMENT["paths"][path][method.lower()]
        schemas = {parameter["name"]: parameter["schema"] for parameter in operation.get("parameters", [])}
        if "requestBody" in operation:
            schemas["body"] = operation["requestBody"]["content"]["application/json"]["schema"]
        for name, schema in schemas.items():
            unbounded += [f"{method} {path}: {where}" for where in _unbounded(schema, name)]
    assert unbounded == []


def _unbounded(schema: dict[str, Any], where: str) -> Iterator[str]:
    schema = _resolve(schema)
    for part in schema.get("anyOf", []):
        yield from _unbounded(part, where)
    for name, part in schema.get("properties", {}).items():
        yield from _unbounded(part, f"{where}.{name}")
    if "enum" in schema or "const" in schema:
        return
    if schema.get("type") == "string" and not {"maxLength", "format", "pattern"} & schema.keys():
        yield where
    if schema.get("type") in {"integer", "number"} and not {"minimum", "maximum"} <= schema.keys():
        yield where
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield where
