"""Schemas of OpenAPI 3.0, which are not JSON Schema: what 3.1 says, in the words that 3.0 has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["schema_30"]

# The words of OpenAPI 3.0.4, section 4.7.24. Everything else means nothing there.
_WORDS = frozenset(
    {
        "title", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
        "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties",
        "minProperties", "required", "enum", "type", "allOf", "oneOf", "anyOf", "not", "items",
        "properties", "additionalProperties", "description", "format", "default", "nullable",
        "discriminator", "readOnly", "writeOnly", "xml", "externalDocs", "example", "deprecated",
    }
)  # fmt: skip
_NULL = {"type": "null"}
_NOTHING: dict[str, Any] = {"not": {}}


def schema_30(schema: Any) -> Any:
    """Return a schema in the words of OpenAPI 3.0. What cannot be said is left out, which allows more."""
    if isinstance(schema, bool):
        return {} if schema else dict(_NOTHING)
    if not isinstance(schema, dict):
        return schema
    words = dict(schema)
    for change in _CHANGES:
        change(words)
    reference = words.pop("$ref", None)
    kept = {word: value for word, value in words.items() if word in _WORDS or word.startswith("x-")}
    if reference is None:
        return kept
    # Next to a reference everything is ignored in 3.0.
    return {"allOf": [{"$ref": reference}], **kept} if kept else {"$ref": reference}


def _convert_inner(words: dict[str, Any]) -> None:
    for word in ("allOf", "anyOf", "oneOf", "prefixItems"):
        if isinstance(words.get(word), list):
            words[word] = [item if item == _NULL else schema_30(item) for item in words[word]]
    for word in ("items", "not", "contentSchema"):
        if word in words:
            words[word] = schema_30(words[word])
    if isinstance(words.get("additionalProperties"), dict):
        words["additionalProperties"] = schema_30(words["additionalProperties"])
    for word in ("properties", "patternProperties"):
        if isinstance(words.get(word), dict):
            words[word] = {name: schema_30(value) for name, value in words[word].items()}


def _replace_const(words: dict[str, Any]) -> None:
    if "const" in words:
        words["enum"] = [words.pop("const")]


def _allow_null(words: dict[str, Any]) -> None:
    """Say `nullable` instead of the type "null", wherever that may be."""
    types = words.get("type")
    if isinstance(types, list):
        others = [name for name in types if name != "null"]
        words.update({"nullable": True} if len(others) < len(types) else {})
        del words["type"]
        if len(others) == 1:
            words["type"] = others[0]
        elif others:
            words.setdefault("anyOf", [{"type": name} for name in others])
    elif types == "null":
        del words["type"]
        words.update(nullable=True, enum=[None])
    elif isinstance(words.get("enum"), list) and None in words["enum"]:
        words["nullable"] = True
    for word in ("anyOf", "oneOf"):
        _allow_null_member(words, word)


def _allow_null_member(words: dict[str, Any], word: str) -> None:
    members = words.get(word)
    if not isinstance(members, list) or _NULL not in members:
        return
    others = [member for member in members if member != _NULL]
    words["nullable"] = True
    if len(others) > 1:
        words[word] = others
        return
    del words[word]
    for only in others:
        if "$ref" in only:
            words["allOf"] = [*words.get("allOf", []), only]
        else:
            words.update({name: value for name, value in only.items() if name not in words})


def _bound(words: dict[str, Any], inclusive: str, exclusive: str, *, upper: bool) -> None:
    """Turn an exclusive bound into an inclusive one with a flag; the stricter of two bounds stays."""
    bound = words.get(exclusive)
    if bound is None or isinstance(bound, bool):
        return
    del words[exclusive]
    other = words.get(inclusive)
    if other is None or (other >= bound if upper else other <= bound):
        words[inclusive] = bound
        words[exclusive] = True


def _bound_numbers(words: dict[str, Any]) -> None:
    _bound(words, "minimum", "exclusiveMinimum", upper=False)
    _bound(words, "maximum", "exclusiveMaximum", upper=True)


def _pick_example(words: dict[str, Any]) -> None:
    examples = words.pop("examples", None)
    if isinstance(examples, list) and examples:
        words.setdefault("example", examples[0])


def _name_content(words: dict[str, Any]) -> None:
    """Say by `format` that text holds bytes (OpenAPI 3.0.4, section 4.4)."""
    encoding, media_type = words.get("contentEncoding"), words.get("contentMediaType")
    if encoding in ("base64", "base64url"):
        words.setdefault("format", "byte")
    elif media_type == "application/octet-stream":
        words.setdefault("format", "binary")


def _list_items(words: dict[str, Any]) -> None:
    """Describe the items of a tuple by one schema for all; arrays have to say something of their items."""
    positions = words.pop("prefixItems", None)
    if positions:
        rest = [words["items"]] if words.get("items", _NOTHING) != _NOTHING else []
        distinct = [item for index, item in enumerate([*positions, *rest]) if item not in positions[:index]]
        words["items"] = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
        if any(item == _NULL for item in distinct):
            words["items"] = schema_30(words["items"])
    elif words.get("type") == "array":
        words.setdefault("items", {})


def _tidy_objects(words: dict[str, Any]) -> None:
    if words.get("required") == []:
        del words["required"]
    patterns = words.pop("patternProperties", None)
    if isinstance(patterns, dict) and not words.get("additionalProperties"):
        values = list(patterns.values())
        words["additionalProperties"] = values[0] if len(values) == 1 else {}


_CHANGES: tuple[Callable[[dict[str, Any]], None], ...] = (
    _convert_inner,
    _replace_const,
    _allow_null,
    _bound_numbers,
    _pick_example,
    _name_content,
    _list_items,
    _tidy_objects,
)
