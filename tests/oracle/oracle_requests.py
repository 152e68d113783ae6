"""Generated requests: those that fit a route, those that nearly do, and hostile ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from oracle_signatures import PATH_NAMES, Case, Parameter


@dataclass(frozen=True)
class Sent:
    """A request as ASGI gives it to a handler."""

    path_params: tuple[tuple[str, Any], ...] = ()
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    chunks: tuple[bytes, ...] = (b"",)
    leaves: bool = False
    """Whether the client leaves after the last chunk, before the end of the body."""


TEXTS = (
    "", "1", "0", "-3", "3.5", "x", "abc", "true", "red", "bad", "worse", "a", "null", "[1]", "nan",
    "inf", "1e400", " 1 ", "2020-01-01", "9" * 30, "9" * 5000, "\u0660", "é", "\x00", "a" * 300,
    "9007199254740993", "1_000", "0x1",
)  # fmt: skip
# No integer of more than 308 digits: see `test_every_type`.
JSON_VALUES = (
    None, True, 0, 1, -1, 3.5, 1e400, float("nan"), "", "x", "1", [], [1], {}, {"a": 1}, {"kind": "cat"},
    "2020-01-01", 10**30, 10**300, "\ud800", ["x", None], {"name": None}, {"name": "", "age": "x"},
    [[[[]]]], 2**63, 1.0, -0.0,
)  # fmt: skip
HOSTILE_BODIES = (
    b"{", b"}", b"[1,", b'{"a":1}{', b"\xff\xfe", b'"\xff"', b"nul", b"NaN", b"Infinity", b"-Infinity",
    b'{"a":NaN}', b"\xef\xbb\xbf1", b"[" * 300 + b"]" * 300, b"[" * 5000, b" ", b"1 ", b"\x00",
    b'{"name":"\\ud800"}', b"0" * 10, b'{"name":"a","name":"b"}', b"{'a':1}", "1".encode("utf-16"),
    b"a=1&b=2", b"1e5", b"01", b"+1", b".5", b'"\x01"', b'"tab\ttab"', b"[1,]", b"// x\n1",
    b'{"value":1,"children":[{"value":2,"children":[]}]}',
)  # fmt: skip
LONG_INTEGERS = (str(10**400).encode(), b"9" * 5000)
_TYPES = (
    *(b"application/json",) * 4,
    b"APPLICATION/JSON; charset=utf-8",
    b"application/vnd.api+json",
    b"text/plain",
    b"application/jsonx",
    b"",
    b"\xff",
    None,
)
_RAW_QUERIES = (
    b"&&",
    b"=",
    b"=1",
    b"a",
    b"a=%zz",
    b"a=%ff&a=%E9",
    b"a=1;b=2",
    b"+",
    b"a[]=1",
    b"%61=1",
    b"\xff=\xff",
)
_RAW_HEADERS = (
    (b"a", b"\xff"),
    (b"b_c", b"1"),
    (b"x-a", b"2"),
    (b"cookie", b"a"),
    (b"cookie", b'a="q\\"x\\054"; =v; b_c=; a'),
    (b"cookie", b"\xff=\xff; ;;"),
    (b"content-length", b"5"),
    (b"content-length", b"99999999999999999999"),
    (b"content-length", b"\xb2"),
)


def _all_parameters(case: Case) -> Iterator[Parameter]:
    for function in (*case.nodes, case.endpoint):
        yield from function.parameters


@st.composite
def _texts(draw: Any, parameter: Parameter) -> list[str]:
    """Return the values of one parameter: mostly one that fits, now and then none, several, or anything."""
    assert parameter.kind is not None
    fitting = parameter.kind.fitting
    how = draw(st.integers(0, 9))
    if how == 0:
        return []
    if how <= 6 and fitting:
        return [draw(st.sampled_from(fitting))]
    return draw(st.lists(st.sampled_from((*fitting, *TEXTS)), min_size=1, max_size=3))


@st.composite
def _pairs(draw: Any, case: Case, place: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for parameter in _all_parameters(case):
        if parameter.place != place:
            continue
        chosen = draw(st.lists(st.sampled_from(parameter.names), min_size=1, max_size=len(parameter.names)))
        for name in chosen if len(parameter.names) > 2 else chosen[:2]:
            pairs.extend((name, text) for text in draw(_texts(parameter)))
    return pairs


@st.composite
def _changed(draw: Any, value: Any) -> Any:
    """Return JSON data with one place changed."""
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(value)))
        how = draw(st.sampled_from(["drop", "change", "add"]))
        if how == "drop":
            return {name: item for name, item in value.items() if name != key}
        if how == "add":
            return {
                **value,
                draw(st.sampled_from(["extra", "name", "kind"])): draw(st.sampled_from(JSON_VALUES)),
            }
        return {**value, key: draw(_changed(value[key]))}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [draw(_changed(value[0])), *value[1:]]
    return draw(st.sampled_from(JSON_VALUES))


@st.composite
def _json_bodies(draw: Any, case: Case) -> bytes:
    bodies = [parameter for parameter in _all_parameters(case) if parameter.place == "body"]
    values: dict[str, Any] = {}
    for parameter in bodies:
        assert parameter.kind is not None
        value = draw(st.sampled_from(parameter.kind.fitting))
        if draw(st.integers(0, 3)) == 0:
            value = draw(_changed(value))
        for name in draw(st.sampled_from([parameter.names, parameter.names[:1], parameter.names[-1:]])):
            values[name] = value
    single = len({parameter.name for parameter in bodies}) == 1 and draw(st.integers(0, 3)) > 0
    data = next(iter(values.values())) if single else values
    if draw(st.integers(0, 9)) == 0:
        data = draw(_changed(data))
    return json.dumps(data, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@st.composite
def _bodies(draw: Any, case: Case) -> bytes:
    how = draw(st.integers(0, 9))
    if how == 0:
        return b""
    if how == 1:
        return draw(st.sampled_from(HOSTILE_BODIES))
    if how == 2:
        return draw(st.binary(max_size=20))
    return draw(_json_bodies(case))


@st.composite
def requests(draw: Any, case: Case) -> Sent:
    """Return a request for a route."""
    query = "&".join(f"{quote(key)}={quote(text)}" for key, text in draw(_pairs(case, "query"))).encode()
    if draw(st.integers(0, 5)) == 0:
        query = b"&".join([query, draw(st.sampled_from(_RAW_QUERIES))])
    headers = [
        (name.lower().encode(), text.encode("latin-1", "replace"))
        for name, text in draw(_pairs(case, "header"))
    ]
    cookies = [f"{name}={text}" for name, text in draw(_pairs(case, "cookie"))]
    if cookies:
        headers.append((b"cookie", "; ".join(cookies).encode("latin-1", "replace")))
    content_type = draw(st.sampled_from(_TYPES))
    if content_type is not None:
        headers.append((b"content-type", content_type))
    if draw(st.integers(0, 5)) == 0:
        headers.append(draw(st.sampled_from(_RAW_HEADERS)))
    body = draw(_bodies(case))
    cut = draw(st.integers(0, len(body)))
    whole = draw(st.integers(0, 3)) > 0
    path_params = {name: draw(_path_values(case, name)) for name in PATH_NAMES}
    return Sent(
        tuple(path_params.items()),
        query,
        tuple(headers),
        (body,) if whole else (body[:cut], body[cut:]),
        draw(st.integers(0, 29)) == 0,
    )


@st.composite
def _path_values(draw: Any, case: Case, name: str) -> Any:
    if ":int" in case.path and name == "p1":
        return draw(st.sampled_from([0, 7, 12345678901234567890]))
    fitting = [
        text
        for parameter in _all_parameters(case)
        if parameter.name == name and parameter.kind is not None
        for text in parameter.kind.fitting
        if text
    ]
    pool = st.sampled_from([text for text in TEXTS if text])
    return draw(st.one_of(st.sampled_from(fitting), pool) if fitting else pool)
