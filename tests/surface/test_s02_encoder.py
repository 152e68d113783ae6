"""Section 2.7: what `jsonable_encoder` makes of values, rule by rule."""

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import ipaddress
import math
import pathlib
import re
import uuid

import pytest
from pydantic import AnyUrl, BaseModel, Field, SecretStr
from pydantic_core import PydanticUndefined
from surface_target import load

encoders = load("encoders")
encode = encoders.jsonable_encoder


class Item(BaseModel):
    name: str = "tea"
    stock: int = Field(default=0, alias="inStock")
    note: str | None = None


class Special(Item):
    made: dt.date = dt.date(2026, 1, 1)


@dataclasses.dataclass
class Point:
    x: int = 1
    y: int | None = None


class Colour(enum.Enum):
    red = "r"
    dated = dt.date(2026, 1, 1)


class Row:
    """An object with attributes alone."""

    def __init__(self) -> None:
        self.id = 1
        self._sa_instance_state = object


def test_custom_encoders_come_first():
    """2.7.1: the exact type, then the first class it is an instance of; their result stays as it is."""
    unchanged = object()
    assert (
        encode(Special(), custom_encoder={Item: lambda _: "item", Special: lambda _: "special"}) == "special"
    )
    assert encode(Special(), custom_encoder={Item: lambda _: unchanged}) is unchanged
    assert encode({"a": dt.date(2026, 1, 1)}, custom_encoder={dt.date: lambda day: day.year}) == {"a": 2026}


@pytest.mark.parametrize("names", [["name"], ("name",), {"name"}])
def test_names_are_taken_from_any_collection(names):
    """2.7.2: include and exclude need not be sets."""
    assert encode(Item(), include=names) == {"name": "tea"}
    assert encode(Item(), exclude=names) == {"inStock": 0, "note": None}


def test_models_are_dumped_with_the_options():
    """2.7.3: by alias unless told otherwise; what a dump gives is encoded again."""
    assert encode(Special(note="n")) == {"name": "tea", "inStock": 0, "note": "n", "made": "2026-01-01"}
    assert encode(Item(), by_alias=False) == {"name": "tea", "stock": 0, "note": None}
    assert encode(Item(name="x"), exclude_unset=True) == {"name": "x"}
    assert encode(Item(), exclude_defaults=True) == {}
    assert encode(Item(), exclude_none=True) == {"name": "tea", "inStock": 0}


def test_dataclasses_become_objects():
    """2.7.4: with all options."""
    assert encode(Point()) == {"x": 1, "y": None}
    assert encode(Point(), exclude_none=True) == {"x": 1}
    assert encode(Point(), include={"x"}) == {"x": 1}
    assert encode([Point(2, 3)]) == [{"x": 2, "y": 3}]


def test_plain_values_and_enums():
    """2.7.5: an enum is its value, not encoded again; a path is text; Pydantic's undefined value is none."""
    assert encode(Colour.red) == "r"
    assert encode(Colour.dated) == dt.date(2026, 1, 1)
    assert encode(pathlib.PurePosixPath("/a")) == "/a"
    assert encode(pathlib.PureWindowsPath("C:/a")) == "C:\\a"
    for value in ("a", 1, 1.5, True, None):
        assert encode(value) is value
    assert encode(PydanticUndefined) is None


def test_mappings_keep_what_is_allowed():
    """2.7.6: keys and values are encoded; names of SQLAlchemy's are dropped unless told otherwise."""
    given = {"a": None, "b": {"c": None, "_sa_x": 1}, "_sa_y": 2, uuid.UUID(int=0): 3}
    zeros = "00000000-0000-0000-0000-000000000000"
    assert encode(given) == {"a": None, "b": {"c": None}, zeros: 3}
    assert encode(given, exclude_none=True) == {"b": {}, zeros: 3}
    assert encode({"_sa_y": 2}, sqlalchemy_safe=False) == {"_sa_y": 2}
    assert encode({"a": {"a": 1, "b": 2}, "b": 3}, include={"a"}) == {"a": {"a": 1, "b": 2}}


@pytest.mark.parametrize(
    "made",
    [[1, 2], (1, 2), {1, 2}, frozenset({1, 2}), collections.deque([1, 2]), (number for number in (1, 2))],
    ids=lambda value: type(value).__name__,
)
def test_collections_become_lists(made):
    """2.7.7: whatever they are."""
    assert encode(made) == [1, 2]


def test_names_apply_to_the_items_of_lists():
    """2.7.7: include and exclude are handed on to them."""
    assert encode([{"a": 1, "b": 2}], include={"a"}) == [{"a": 1}]
    assert encode([Item()], exclude={"name", "note"}) == [{"inStock": 0}]


REGISTERED = [
    (b"text", "text"),
    (dt.date(2026, 1, 2), "2026-01-02"),
    (dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), "2026-01-02T03:04:00+00:00"),
    (dt.time(3, 4), "03:04:00"),
    (dt.timedelta(minutes=1), 60.0),
    (decimal.Decimal(3), 3),
    (decimal.Decimal("3.5"), 3.5),
    (decimal.Decimal("1E+2"), 100),
    (ipaddress.ip_address("::1"), "::1"),
    (ipaddress.ip_network("10.0.0.0/8"), "10.0.0.0/8"),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (AnyUrl("https://example.com/a"), "https://example.com/a"),
    (SecretStr("password"), "**********"),
    (re.compile("^a$"), "^a$"),
]


@pytest.mark.parametrize(("value", "expected"), REGISTERED, ids=lambda value: str(value)[:20])
def test_registered_types(value, expected):
    """2.7.8: each has its encoder."""
    made = encode(value)
    assert (made, type(made)) == (expected, type(expected))


def test_decimals_that_are_no_numbers_become_floats():
    """2.7.8: they pass as they are."""
    assert math.isnan(encode(decimal.Decimal("NaN")))
    assert encode(decimal.Decimal("-Infinity")) == -math.inf


def test_bytes_are_text():
    """2.7.8: bytes that are no UTF-8 are an error."""
    with pytest.raises(UnicodeDecodeError):
        encode(b"\xff")


def test_registry_can_be_extended(monkeypatch):
    """2.7.8: an encoder for one's own type is found by exact type."""
    monkeypatch.setitem(encoders.ENCODERS_BY_TYPE, Row, lambda row: f"row {row.id}")
    assert encode(Row()) == "row 1"


def test_other_objects_are_taken_apart():
    """2.7.9: by `dict()`, then by `vars()`; an error holds both failures."""
    assert encode(Row()) == {"id": 1}
    assert encode(collections.UserDict({"a": 1})) == {"a": 1}
    with pytest.raises(ValueError, match="not iterable") as caught:
        encode(object())
    (errors,) = caught.value.args
    assert [type(error) for error in errors] == [TypeError, TypeError]
