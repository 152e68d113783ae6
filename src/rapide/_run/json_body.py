"""What is JSON and what is not: media types, syntax, and how far a document may go.

RFC 8259 knows no NaN, no half of a surrogate pair and no other encoding than UTF-8. Every test of a document
as a whole is a few searches at the speed of C; the slow look follows only where one of them finds something.
"""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import MutableMapping
from itertools import accumulate
from typing import Any

from pydantic_core import from_json

from rapide._dataclass import dataclass
from rapide._run.sources import MISSING
from rapide.exceptions import HTTPException, RequestValidationError

__all__ = [
    "JsonReading",
    "content_type_of",
    "holds_long_integer",
    "is_json",
    "is_json_type",
    "is_modest",
    "is_plain_json",
    "load_body",
    "load_strictly",
]

Scope = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class JsonReading:
    """How the JSON body of a route is read.

    `strict_type` refuses to guess that a body without Content-Type is JSON. `strict` holds to RFC 8259 and to
    one Content-Type, `max_depth` ends nesting and the digits of numbers, `unique_keys` refuses a key that
    comes twice, `refuse_types` answers 415 to another media type; otherwise its bytes are the value.
    """

    strict_type: bool = True
    strict: bool = True
    max_depth: int | None = None
    unique_keys: bool = False
    refuse_types: bool = True


# ------------------------------------------------------------------------------------------------ media types

# As nearly all clients write it.
_USUAL_TYPES = frozenset(
    {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
)
_UTF_8 = ("utf-8", "utf8")


def content_type_of(scope: Scope) -> str | None:
    """Return the media type of the body without parameters, in lower case; None without the header."""
    for name, value in scope["headers"]:
        if name == b"content-type":
            return str(value.decode("latin-1")).partition(";")[0].strip().lower()
    return None


def is_json(scope: Scope, *, strict: bool) -> bool:
    """Tell whether the body is declared as JSON: application/json or application/*+json.

    The suffix is that of RFC 6838, section 4.2.8. Without a Content-Type, or with an empty one, it counts as
    JSON when not `strict`.
    """
    for name, value in scope["headers"]:
        if name == b"content-type":
            if value == b"application/json":
                return True
            return is_json_type(content_type_of(scope) or "") if value else not strict
    return not strict


def is_json_type(media_type: str) -> bool:
    """Tell whether a media type, with parameters or without, is that of JSON."""
    main, _, sub = media_type.partition(";")[0].strip().lower().partition("/")
    return main == "application" and (sub == "json" or sub.endswith("+json"))


def _is_utf_8(parameters: str) -> bool:
    """Tell whether none of the parameters of a media type names another encoding."""
    for parameter in parameters.lower().split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in _UTF_8:
            return False
    return True


def _says_json(scope: Scope, *, strict_type: bool) -> bool:
    """Tell whether the body is declared, once, as JSON in UTF-8, and as packed in nothing."""
    declared: bytes | None = None
    for name, value in scope["headers"]:
        if name == b"content-type":
            if declared is not None:
                return False
            declared = value
        elif name == b"content-encoding" and value.lower() != b"identity":
            return False
    if not declared:
        return not strict_type
    if declared in _USUAL_TYPES:
        return True
    text = declared.decode("latin-1")
    return is_json_type(text) and _is_utf_8(text.partition(";")[2])


def is_plain_json(body: bytes, scope: Scope, *, strict: bool) -> bool:
    """Tell whether the body is JSON without the constants that JavaScript knows and RFC 8259 does not."""
    return _says_json(scope, strict_type=strict) and b"NaN" not in body and b"Infinity" not in body


# ------------------------------------------------------------------------------------------------ extent

# Possessive, and content without the closing quote: otherwise a text that never ends would be tried again
# from each quote inside it.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER = b"0" * 20  # 2**64 has twenty digits
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_NO_STEPS = bytes(set(range(256)) - set(b"[{]}"))


def _depth(text: bytes) -> int:
    return max(accumulate(array("b", text.translate(_STEPS, _NO_STEPS))), default=0)


def is_modest(body: bytes, max_depth: int) -> bool:
    """Tell whether no list or object of a JSON document is nested deeper, and no number has twenty digits."""
    shallow = body.count(b"[") + body.count(b"{") <= max_depth
    if shallow and _LONG_NUMBER not in body.translate(_ZEROS):
        return True
    bare = _STRING.sub(b"", body)  # what stands in text is no structure and no number
    return _depth(bare) <= max_depth and _LONG_NUMBER not in bare.translate(_ZEROS)


# Integers of fewer digits are floats too (IEEE 754 ends at 1.8e308); from here on one may be infinite.
_LONG_INTEGER = b"0" * 309
_DIGIT = re.compile(rb"[0-9]")


def holds_long_integer(body: bytes) -> bool:
    """Tell whether JSON has a number of so many digits that it may not fit into a float.

    Validated from its bytes such a number is infinite; parsed before, it is no float, and refused.
    """
    # Of a run of 309 digits, one is among every 309th byte: nearly all bodies are looked through in steps.
    return _DIGIT.search(body[308::309]) is not None and _LONG_INTEGER in body.translate(_ZEROS)


# ------------------------------------------------------------------------------------------------ reading


def _invalid_json(
    position: int, message: str, body: Any, *, shown: str = "JSON decode error"
) -> RequestValidationError:
    error = {
        "type": "json_invalid",
        "loc": ("body", position),
        "msg": shown,
        "input": {},
        "ctx": {"error": message},
    }
    return RequestValidationError([error], body=body)


def _loads(body: bytes) -> Any:
    try:
        return json.loads(body)
    except json.JSONDecodeError as exc:
        raise _invalid_json(exc.pos, exc.msg, exc.doc) from exc
    except Exception as exc:
        raise HTTPException(400, "There was an error parsing the body") from exc


# How pydantic-core says where a mistake is; it counts bytes from 1.
_PLACE = re.compile(r" at line (\d+) column (\d+)$")


def _mistake_in(body: bytes, reason: str) -> tuple[int, str]:
    """Return where JSON that pydantic-core refused is wrong, in characters, and why; not what is there."""
    try:
        json.loads(body)
    except json.JSONDecodeError as exc:
        return exc.pos, exc.msg  # the words that people know
    except (RecursionError, ValueError):
        pass
    # What Python reads and RFC 8259 does not know.
    place = _PLACE.search(reason)
    if place is None:
        return 0, reason
    lines = body.split(b"\n")
    line = int(place[1])
    before = b"\n".join([*lines[: line - 1], lines[line - 1][: max(int(place[2]) - 1, 0)]])
    return len(before.decode("utf-8", "ignore")), reason[: place.start()]


def load_strictly(body: bytes, max_depth: int | None = None) -> Any:
    """Parse what RFC 8259 knows: UTF-8, no NaN, no lone surrogates, limited nesting.

    Raises RequestValidationError with reason and place of a mistake, HTTPException 400 for undecodable bytes.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise HTTPException(400, "The body is not UTF-8") from exc
    if max_depth is not None and not is_modest(body, max_depth):
        reason = f"nested deeper than {max_depth} levels, or a number of twenty digits or more"
        raise _invalid_json(0, reason, None, shown=f"JSON decode error: {reason}")
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as exc:
        reason = str(exc)
    position, why = _mistake_in(body, reason)
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    shown = f"JSON decode error: {why}, line {line}, column {column}"
    raise _invalid_json(position, why, text, shown=shown)


def _with_unique_keys(pairs: list[tuple[str, Any]]) -> None:
    """Refuse the members of an object of which two have the same key."""
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            error = {
                "type": "json_duplicate_key",
                "loc": ("body", key),
                "msg": "An object has this key more than once",
                "input": None,
            }
            raise RequestValidationError([error])
        seen.add(key)


def load_body(body: bytes, scope: Scope, reading: JsonReading) -> Any:
    """Return the data of a body: MISSING when empty, parsed JSON, or the raw bytes of another media type.

    Raises RequestValidationError for a syntax error, HTTPException 400 for undecodable bytes and, where other
    types are refused, 415 for a body that is not declared as JSON.
    """
    if not body:
        return MISSING
    strict_type = reading.strict_type
    declared = (
        _says_json(scope, strict_type=strict_type) if reading.strict else is_json(scope, strict=strict_type)
    )
    if not declared:
        if reading.refuse_types:
            raise _unsupported(scope)
        return body
    data = load_strictly(body, reading.max_depth) if reading.strict else _loads(body)
    if reading.unique_keys:
        json.loads(body, object_pairs_hook=_with_unique_keys)
    return data


def _unsupported(scope: Scope) -> HTTPException:
    """Return the 415 that says what would be read (RFC 9110, sections 12.5.1 and 12.5.3)."""
    packed = any(name == b"content-encoding" for name, _ in scope["headers"])
    if packed:
        detail = "The body must not be encoded: it is read as it is."
        return HTTPException(415, detail, headers={"Accept-Encoding": "identity"})
    detail = "The body must be JSON in UTF-8: application/json, or another application/*+json."
    return HTTPException(415, detail, headers={"Accept": "application/json"})
