"""Tests of `rapide.docs.markup`."""

import json
from datetime import date
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_reading import HOSTILE_TEXT, ParsedPage
from pydantic import BaseModel

from rapide.docs.markup import data_block, escape_attribute, escape_text, page, script_json, script_string

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | HOSTILE_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE_TEXT, inner, max_size=3),
    max_leaves=8,
)


def _read_string(literal: str) -> Any:
    """Read a single-quoted JavaScript string whose escapes are those of JSON."""
    assert literal[0] == literal[-1] == "'"
    body = literal[1:-1]
    assert "'" not in body
    assert "\n" not in body
    return json.loads('"' + body.replace('"', '\\"') + '"')


def _without_surrogates(text: str) -> str:
    return "".join("?" if "\ud800" <= character <= "\udfff" else character for character in text)


@given(HOSTILE_TEXT)
def test_script_string_reads_back_when_text_is_hostile(text: str) -> None:
    """A JavaScript string holds the text, and nothing in it can end the string or the script."""
    literal = script_string(text)
    assert _read_string(literal) == _without_surrogates(text)
    assert not {"<", ">"} & set(literal)
    assert literal.isascii()


@given(_JSON)
def test_script_json_reads_back_when_a_value_is_hostile(value: Any) -> None:
    """JSON inside a script holds the value, and nothing in it can end the script."""
    text = script_json(value)
    assert json.loads(text) == json.loads(json.dumps(value))
    assert not {"<", ">", "&"} & set(text)


@given(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, _JSON)
def test_page_has_only_its_own_elements_when_everything_is_hostile(
    title: str, text: str, attribute: str, value: Any
) -> None:
    """Whatever the text, a page parses into the elements that were written, with that text in its place."""
    markup = page(
        title=title,
        head=f'<link href="{escape_attribute(attribute)}">',
        body=f"<p>{escape_text(text)}</p>{data_block('config', value)}",
    )
    parsed = ParsedPage(markup)
    names = [name for name, _ in parsed.elements]
    assert names == ["html", "head", "meta", "meta", "title", "link", "body", "p", "script"]
    assert parsed.attributes("link") == [{"href": _without_surrogates(attribute)}]
    assert parsed.text("title") == _without_surrogates(title)
    assert parsed.text("p") == _without_surrogates(text)
    assert parsed.data == json.loads(json.dumps(value))
    markup.encode()


def test_script_json_encodes_values_when_json_does_not_know_them() -> None:
    """Enums, dates and models in a configuration become what they are in a response."""

    class Theme(Enum):
        DARK = "dark"

    class Model(BaseModel):
        day: date

    value = {"theme": Theme.DARK, "model": Model(day=date(2026, 1, 2))}
    assert json.loads(script_json(value)) == {"theme": "dark", "model": {"day": "2026-01-02"}}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_script_json_is_null_when_a_number_is_not_finite(number: float) -> None:
    """What JSON has no number for is null wherever it stands: `JSON.parse` would refuse all of the data."""
    assert json.loads(script_json({"a": [number, 1.5]})) == {"a": [None, 1.5]}
