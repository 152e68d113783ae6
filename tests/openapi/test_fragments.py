"""Pieces of documents: plain data and merging."""

from datetime import date
from enum import Enum
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from rapide.openapi.fragments import heading, merged, plain


class Kind(Enum):
    one = "eins"


class Model(BaseModel):
    kind: Kind = Kind.one
    nothing: int | None = None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (1, 1),
        ("x", "x"),
        (True, True),
        (1.5, 1.5),
        (float("inf"), None),
        ([1, None, float("nan")], [1, None, None]),
        ({"a": None, "b": {"c": None, "d": [None]}}, {"b": {"d": [None]}}),
        ({"a": float("inf")}, {}),
        ({"_sa_state": 1, "_s": 2}, {"_s": 2}),
        (Kind.one, "eins"),
        ({Kind.one: date(2020, 1, 2), 3: (1, 2)}, {"eins": "2020-01-02", "3": [1, 2]}),
        (Model(), {"kind": "eins"}),
        ({"m": [Model()]}, {"m": [{"kind": "eins"}]}),
    ],
)
def test_plain_data_is_json_without_absent_members(value: Any, expected: Any) -> None:
    """Members that are None go, items stay; models, enums and dates become JSON."""
    assert plain(value) == expected


def test_plain_data_shares_nothing_with_its_source() -> None:
    """Changing what `plain` returns changes nothing else."""
    source = {"a": [{"b": 1}]}
    copy = plain(source)
    copy["a"][0]["b"] = 2
    assert source == {"a": [{"b": 1}]}


def test_plain_data_refuses_objects_without_json() -> None:
    """An object that has no JSON form is an error and not left out."""
    with pytest.raises(PydanticSerializationError):
        plain({"x": object()})


def test_merging_goes_into_objects_and_appends_lists() -> None:
    """Objects are merged member by member, lists appended, other values replaced; the sources stay."""
    base = {"a": {"b": 1, "c": [1]}, "d": 1, "e": {"f": 1}}
    update = {"a": {"c": [2], "g": 3}, "d": {"h": 1}, "e": [1]}
    assert merged(base, update) == {"a": {"b": 1, "c": [1, 2], "g": 3}, "d": {"h": 1}, "e": [1]}
    assert base == {"a": {"b": 1, "c": [1]}, "d": 1, "e": {"f": 1}}
    assert update == {"a": {"c": [2], "g": 3}, "d": {"h": 1}, "e": [1]}


@pytest.mark.parametrize(("name", "text"), [("item_id", "Item Id"), ("user-agent", "User-Agent"), ("x", "X")])
def test_headings_are_names_for_people(name: str, text: str) -> None:
    """Underscores become spaces and words start with capitals."""
    assert heading(name) == text
