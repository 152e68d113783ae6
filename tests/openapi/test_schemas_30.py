"""Schemas in the words of OpenAPI 3.0."""

from typing import Any

import pytest

from rapide.openapi.schemas_30 import schema_30

_REF = {"$ref": "#/components/schemas/Item"}
_NULL = {"type": "null"}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (True, {}),
        (False, {"not": {}}),
        ({"type": "string", "x-own": {"const": 1}}, {"type": "string", "x-own": {"const": 1}}),
        # null
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        (_NULL, {"nullable": True, "enum": [None]}),
        ({"anyOf": [{"type": "string", "maxLength": 3}, _NULL], "title": "T"},
         {"type": "string", "maxLength": 3, "nullable": True, "title": "T"}),
        ({"anyOf": [_REF, _NULL], "title": "T"}, {"allOf": [_REF], "nullable": True, "title": "T"}),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}, _NULL]},
         {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True}),
        ({"oneOf": [_REF, _NULL]}, {"allOf": [_REF], "nullable": True}),
        ({"enum": ["a", None]}, {"enum": ["a", None], "nullable": True}),
        ({"const": None}, {"enum": [None], "nullable": True}),
        # numbers
        ({"exclusiveMinimum": 1}, {"minimum": 1, "exclusiveMinimum": True}),
        ({"exclusiveMaximum": 1.5}, {"maximum": 1.5, "exclusiveMaximum": True}),
        ({"minimum": 3, "exclusiveMinimum": 1}, {"minimum": 3}),
        ({"minimum": 1, "exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"maximum": 3, "exclusiveMaximum": 3}, {"maximum": 3, "exclusiveMaximum": True}),
        ({"maximum": 1, "exclusiveMaximum": 3}, {"maximum": 1}),
        # values
        ({"const": "a"}, {"enum": ["a"]}),
        ({"examples": ["a", "b"]}, {"example": "a"}),
        ({"examples": []}, {}),
        ({"examples": ["a"], "example": "b"}, {"example": "b"}),
        # content
        ({"contentMediaType": "application/octet-stream"}, {"format": "binary"}),
        ({"contentMediaType": "application/octet-stream", "contentEncoding": "base64"}, {"format": "byte"}),
        ({"contentMediaType": "application/json", "contentSchema": {"const": 1}}, {}),
        # arrays
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "array", "items": True}, {"type": "array", "items": {}}),
        ({"type": "array", "items": _NULL}, {"type": "array", "items": {"nullable": True, "enum": [None]}}),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
         {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
         {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}]},
         {"type": "array", "items": {"type": "string"}}),
        ({"type": "array", "prefixItems": [{"type": "string"}, _NULL]},
         {"type": "array", "items": {"type": "string", "nullable": True}}),
        # objects
        ({"type": "object", "required": []}, {"type": "object"}),
        ({"patternProperties": {"^a": {"const": 1}}}, {"additionalProperties": {"enum": [1]}}),
        ({"patternProperties": {"^a": {}, "^b": {"const": 1}}, "additionalProperties": False},
         {"additionalProperties": {}}),
        ({"properties": {"a": {"const": 1}}, "additionalProperties": {"const": 2}},
         {"properties": {"a": {"enum": [1]}}, "additionalProperties": {"enum": [2]}}),
        ({"properties": {"const": {"type": "string"}}}, {"properties": {"const": {"type": "string"}}}),
        ({"allOf": [{"const": 1}], "not": {"const": 2}}, {"allOf": [{"enum": [1]}], "not": {"enum": [2]}}),
        # references
        (_REF, _REF),
        ({**_REF, "description": "d"}, {"allOf": [_REF], "description": "d"}),
        ({**_REF, "examples": []}, _REF),
        # words that mean nothing in 3.0
        ({"$comment": "c", "if": {}, "propertyNames": {}, "unevaluatedItems": False, "type": "string"},
         {"type": "string"}),
    ],
)  # fmt: skip
def test_schema_says_the_same_in_other_words(schema: Any, expected: Any) -> None:
    """Each word of JSON Schema that 3.0 lacks has its replacement, or is left out."""
    assert schema_30(schema) == expected


def test_schema_is_left_alone() -> None:
    """Converting makes a new object."""
    schema = {"anyOf": [{"const": 1}, _NULL], "examples": [1]}
    schema_30(schema)
    assert schema == {"anyOf": [{"const": 1}, _NULL], "examples": [1]}
