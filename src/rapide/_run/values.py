"""Reading query, headers and cookies: one linear pass each, only when a handler asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote_plus

__all__ = [
    "cookies_of",
    "header_lists_of",
    "headers_of",
    "parse_cookies",
    "parse_query",
    "query_lists_of",
    "query_of",
    "single_query_of",
]

Scope = MutableMapping[str, Any]


def _decode(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text


def parse_query(text: str) -> Iterable[tuple[str, str]]:
    """Yield the pairs of a query string (WHATWG URL, section 5.1); only "&" separates."""
    for pair in text.split("&"):
        if pair:
            key, _, value = pair.partition("=")
            yield _decode(key), _decode(value)


def query_of(scope: Scope) -> dict[str, str]:
    """Return the query parameters; of a repeated key the last value."""
    raw = scope["query_string"]
    if not raw:
        return {}
    text = raw.decode("latin-1")
    if "%" in text or "+" in text:
        return dict(parse_query(text))
    values: dict[str, str] = {}
    for pair in text.split("&"):
        if pair:
            key, _, value = pair.partition("=")
            values[key] = value
    return values


class _RepeatedValues(dict[str, str]):
    """Query parameters of which some came twice: asking for one of those is an error."""

    def __init__(self, values: dict[str, str], repeated: set[str]) -> None:
        super().__init__(values)
        self._repeated = repeated

    def __getitem__(self, key: str) -> str:
        if key in self._repeated:
            raise ValueError(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value. Raises ValueError for one that came twice."""
        if key in self._repeated:
            raise ValueError(key)
        return super().get(key, default)


def single_query_of(scope: Scope) -> dict[str, str]:
    """Return the query parameters; asking for one that came several times raises ValueError."""
    raw = scope["query_string"]
    if not raw:
        return {}
    values: dict[str, str] = {}
    repeated: set[str] = set()
    for pair in raw.decode("latin-1").split("&"):
        if pair:
            key, _, value = pair.partition("=")
            if "%" in pair or "+" in pair:
                key, value = unquote_plus(key), unquote_plus(value)
            if key in values:
                repeated.add(key)
            values[key] = value
    return _RepeatedValues(values, repeated) if repeated else values


def query_lists_of(scope: Scope) -> dict[str, list[str]]:
    """Return the query parameters with all their values in order."""
    values: dict[str, list[str]] = {}
    raw = scope["query_string"]
    if raw:
        for key, value in parse_query(raw.decode("latin-1")):
            values.setdefault(key, []).append(value)
    return values


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Return the headers by lower-case name; of a repeated one the first value."""
    return dict(reversed(scope["headers"]))


def header_lists_of(scope: Scope) -> dict[str, list[str]]:
    """Return the headers with all their values in order, decoded as latin-1 (RFC 9110, section 5.5)."""
    values: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        values.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return values


def _unquote_cookie(value: str) -> str:
    """Undo the quoting of old cookies: a quoted string with backslash escapes and octal codes."""
    if len(value) < 2 or value[0] != '"' or value[-1] != '"':
        return value
    inner = value[1:-1]
    if "\\" not in inner:
        return inner
    result: list[str] = []
    position = 0
    while position < len(inner):
        character = inner[position]
        if character != "\\" or position + 1 == len(inner):
            result.append(character)
            position += 1
            continue
        octal = inner[position + 1 : position + 4]
        if len(octal) == 3 and octal[0] in "0123" and octal[1] in "01234567" and octal[2] in "01234567":
            result.append(chr(int(octal, 8)))
            position += 4
        else:
            result.append(inner[position + 1])
            position += 2
    return "".join(result)


def parse_cookies(header: str) -> dict[str, str]:
    """Return the cookies of a Cookie header (RFC 6265, section 5.4); of a repeated name the last value."""
    cookies: dict[str, str] = {}
    for chunk in header.split(";"):
        name, equals, value = chunk.partition("=")
        if not equals:  # browsers send a value without a name like this
            name, value = "", name
        name, value = name.strip(), value.strip()
        if name or value:
            cookies[name] = _unquote_cookie(value)
    return cookies


def cookies_of(scope: Scope) -> dict[str, str]:
    """Return the cookies of a connection; several Cookie headers (HTTP/2) count as one."""
    parts = [value for name, value in scope["headers"] if name == b"cookie"]
    if not parts:
        return {}
    return parse_cookies("; ".join(part.decode("latin-1") for part in parts))


Multi = Mapping[str, list[str]]
