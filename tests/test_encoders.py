"""What `jsonable_encoder` makes of each kind of value."""

import collections
import dataclasses
import datetime as dt
import enum
import ipaddress
import json
import math
import pathlib
import re
import sys
import types
import uuid
from decimal import Decimal
from typing import Any

import pytest
from pydantic import AnyUrl, BaseModel, Field, RootModel, SecretBytes, SecretStr
from pydantic_core import PydanticUndefined, Url

from rapide.encoders import (
    ENCODERS_BY_TYPE,
    decimal_encoder,
    encoders_by_class_tuples,
    generate_encoders_by_class_tuples,
    isoformat,
    jsonable_encoder,
)
from rapide.exceptions import PydanticV1NotSupportedError


class Item(BaseModel):
    name: str = "tea"
    price: float | None = None
    stock_count: int = Field(default=0, alias="stockCount")
    notes: dict[str, Any] = Field(default_factory=dict)


@dataclasses.dataclass
class Point:
    x: int = 1
    y: int | None = None


class Colour(str, enum.Enum):  # noqa: UP042 -- text and enum at once is the case under test
    red = "RED"


class Level(enum.IntEnum):
    low = 1


class Holiday(enum.Enum):
    new_year = dt.date(2026, 1, 1)


class Row:
    """Like an object of an ORM."""

    def __init__(self):
        self.id = 7
        self.parent = None
        self._sa_instance_state = object()


class Pairs:
    def __iter__(self):
        return iter([("a", 1), ("b", None)])


class Text(str):
    __slots__ = ()


class Identifier(uuid.UUID):
    pass


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (1.5, 1.5),
        ("é", "é"),
        (b"\xc3\xa9", "é"),
        (Colour.red, "RED"),
        (Level.low, 1),
        (pathlib.PurePosixPath("a/b"), "a/b"),
        (pathlib.PureWindowsPath("a/b"), "a\\b"),
        (PydanticUndefined, None),
        (dt.date(2026, 1, 2), "2026-01-02"),
        (dt.time(1, 2, 3), "01:02:03"),
        (dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "2026-01-02T00:00:00+00:00"),
        (dt.timedelta(minutes=1, milliseconds=5), 60.005),
        (Decimal("1.0"), 1.0),
        (Decimal("1E+2"), 100),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (Identifier(int=5), "00000000-0000-0000-0000-000000000005"),
        (ipaddress.ip_address("::1"), "::1"),
        (ipaddress.ip_network("10.0.0.0/8"), "10.0.0.0/8"),
        (ipaddress.ip_interface("10.0.0.1/8"), "10.0.0.1/8"),
        (re.compile("a+"), "a+"),
        (SecretStr("secret"), "**********"),
        (SecretBytes(b"secret"), "b'**********'"),
        (AnyUrl("https://example.com/a"), "https://example.com/a"),
        (Url("https://example.com/a"), "https://example.com/a"),
        ((1, None), [1, None]),
        (frozenset({2}), [2]),
        (collections.deque([1, b"x"]), [1, "x"]),
        ((n for n in (1, 2)), [1, 2]),
        ({"a": {"b": (Colour.red,)}}, {"a": {"b": ["RED"]}}),
        ({dt.date(2026, 1, 2): 1, 2: 3, Colour.red: 4}, {"2026-01-02": 1, 2: 3, "RED": 4}),
        (Point(), {"x": 1, "y": None}),
        (RootModel[list[int]]([1]), [1]),
        (Pairs(), {"a": 1, "b": None}),
        (types.SimpleNamespace(a=Point(2)), {"a": {"x": 2, "y": None}}),
        (types.MappingProxyType({"a": b"x"}), {"a": "x"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_value_is_encoded_by_its_kind(value, encoded):
    """Each kind of value has one encoding, which `json.dumps` accepts."""
    result = jsonable_encoder(value)
    assert result == encoded
    assert type(result) is type(encoded)
    json.dumps(result)


def test_text_subclass_is_the_same_object():
    """Text is not copied, not even into its base class."""
    text = Text("x")
    assert jsonable_encoder(text) is text


def test_enum_value_is_not_encoded_again():
    """An enum gives its value as it is, whatever that is."""
    assert jsonable_encoder(Holiday.new_year) == dt.date(2026, 1, 1)


def test_float_infinities_and_nan_stay_floats():
    """Only the response decides what JSON makes of them."""
    assert jsonable_encoder([math.inf, Decimal("-Infinity")]) == [math.inf, -math.inf]
    assert math.isnan(jsonable_encoder(Decimal("NaN")))


def test_bytes_that_are_no_utf8_raise():
    """Nobody guesses an encoding."""
    with pytest.raises(UnicodeDecodeError):
        jsonable_encoder(b"\xff")


def test_model_options_reach_models_at_every_depth():
    """Aliases and exclusions hold for models inside collections too."""
    value = {"items": [Item(name="tea"), Item(stockCount=2)]}
    assert jsonable_encoder(value, by_alias=False, exclude_unset=True) == {
        "items": [{"name": "tea"}, {"stock_count": 2}]
    }
    assert jsonable_encoder(value, exclude_defaults=True) == {"items": [{}, {"stockCount": 2}]}
    assert jsonable_encoder(value, exclude_none=True)["items"][0] == {
        "name": "tea",
        "stockCount": 0,
        "notes": {},
    }


def test_dump_of_a_model_loses_nothing_but_what_options_exclude():
    """A dict inside a model follows `exclude_none` and `sqlalchemy_safe` as any dict does."""
    item = Item(notes={"a": None, "_sa_state": 1, "b": 2})
    assert jsonable_encoder(item)["notes"] == {"a": None, "b": 2}
    assert jsonable_encoder(item, exclude_none=True)["notes"] == {"b": 2}
    assert jsonable_encoder(item, sqlalchemy_safe=False)["notes"] == {"a": None, "_sa_state": 1, "b": 2}


@pytest.mark.parametrize(
    ("include", "exclude", "encoded"),
    [
        ({"a"}, None, {"a": {"a": 1, "b": 2}}),
        (["a"], None, {"a": {"a": 1, "b": 2}}),
        ({"a": True}, None, {"a": {"a": 1, "b": 2}}),
        (None, ("a",), {"b": {"a": 3}}),
        ({"a", "b"}, {"b"}, {"a": {"a": 1, "b": 2}}),
        (set(), None, {}),
    ],
)
def test_include_and_exclude_choose_keys_of_the_outer_dict_only(include, exclude, encoded):
    """Keys of inner dicts are not touched."""
    value = {"a": {"a": 1, "b": 2}, "b": {"a": 3}}
    assert jsonable_encoder(value, include=include, exclude=exclude) == encoded


def test_include_and_exclude_reach_the_members_of_a_collection():
    """A list of models is filtered model by model."""
    assert jsonable_encoder([Item(), Item()], include={"name"}) == [{"name": "tea"}, {"name": "tea"}]
    assert jsonable_encoder([Point()], exclude={"x"}) == [{"y": None}]


def test_nested_include_reaches_into_a_model():
    """The forms that Pydantic knows work for models."""
    assert jsonable_encoder(Item(notes={"a": 1, "b": 2}), include={"notes": {"a"}}) == {"notes": {"a": 1}}


def test_exclude_none_drops_keys_of_dicts():
    """None is left out of dicts, not of lists."""
    assert jsonable_encoder({"a": None, "b": [None]}, exclude_none=True) == {"b": [None]}


def test_state_of_an_orm_object_is_left_out():
    """SQLAlchemy's own attributes are not data, unless somebody asks for them."""
    assert jsonable_encoder(Row()) == {"id": 7, "parent": None}
    with pytest.raises(ValueError, match="not iterable"):
        jsonable_encoder(Row(), sqlalchemy_safe=False)


def test_custom_encoder_comes_before_every_other_rule():
    """Encoders given by the caller win, and their results are taken as they are."""
    marker = object()
    assert jsonable_encoder(Item(), custom_encoder={Item: lambda item: marker}) is marker
    assert jsonable_encoder({"a": "b"}, custom_encoder={str: str.upper}) == {"A": "B"}
    assert jsonable_encoder([None], custom_encoder={type(None): lambda none: "nothing"}) == ["nothing"]


def test_custom_encoder_matches_the_exact_class_before_base_classes():
    """Of two encoders that fit, the one for the very class is taken, whatever their order."""
    encoders = {enum.Enum: lambda value: "base", Colour: lambda value: "exact"}
    assert jsonable_encoder([Colour.red, Holiday.new_year], custom_encoder=encoders) == ["exact", "base"]


def test_custom_encoder_does_not_reach_inside_models():
    """A model dumps itself; what comes out of it is encoded by the general rules."""
    assert jsonable_encoder(Item(name="tea"), custom_encoder={str: str.upper})["name"] == "tea"


def test_registered_class_is_found_by_exact_class(monkeypatch):
    """An application's own entry counts at the next call."""

    class Money:
        pass

    monkeypatch.setitem(ENCODERS_BY_TYPE, Money, lambda money: "1 EUR")
    assert jsonable_encoder({"price": Money()}) == {"price": "1 EUR"}


def test_registry_turned_round_holds_every_class_once():
    """`encoders_by_class_tuples` is the registry, grouped by encoder."""
    grouped = generate_encoders_by_class_tuples({dt.date: isoformat, int: str, dt.time: isoformat})
    assert grouped == {isoformat: (dt.date, dt.time), str: (int,)}
    classes = [class_ for group in encoders_by_class_tuples.values() for class_ in group]
    assert sorted(map(repr, classes)) == sorted(map(repr, ENCODERS_BY_TYPE))


def test_decimal_becomes_an_int_only_without_fractional_digits():
    """The exponent decides, not the value."""
    assert type(decimal_encoder(Decimal(2))) is int
    assert type(decimal_encoder(Decimal("2.0"))) is float


def test_a_level_of_nesting_costs_one_level_of_the_stack():
    """Data nested nearly as deep as Python's own limit is encoded."""
    value = None
    for _ in range(350):
        value = {"a": [value]}
    result = jsonable_encoder(value)
    for _ in range(350):
        result = result["a"][0]
    assert result is None


def test_value_without_items_and_attributes_raises_with_both_reasons():
    """The error holds what each attempt said."""
    with pytest.raises(ValueError, match="not iterable") as caught:
        jsonable_encoder(object())
    (reasons,) = caught.value.args
    assert [type(reason) for reason in reasons] == [TypeError, TypeError]


def test_class_of_a_dataclass_is_no_instance_of_it():
    """A class is not mistaken for data."""
    with pytest.raises(ValueError, match="not iterable"):
        jsonable_encoder(Point)


def test_model_of_pydantic_version_1_is_refused(monkeypatch):
    """The error names the class and what to do."""

    class V1Model:
        pass

    class Old(V1Model):
        pass

    monkeypatch.setitem(sys.modules, "pydantic.v1", types.SimpleNamespace(BaseModel=V1Model))
    with pytest.raises(
        PydanticV1NotSupportedError, match=r"Old is a model of Pydantic version 1.*pydantic\.BaseModel"
    ):
        jsonable_encoder([Old()])


def test_colour_of_pydantic_extra_types_is_its_text(monkeypatch):
    """The optional package is known without being imported."""

    class Color:
        def __str__(self):
            return "red"

    monkeypatch.setitem(sys.modules, "pydantic_extra_types.color", types.SimpleNamespace(Color=Color))
    assert jsonable_encoder({"c": Color()}) == {"c": "red"}
