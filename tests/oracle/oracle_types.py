"""The types that generated signatures are made of, each with values that fit it."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import ipaddress
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NewType

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    HttpUrl,
    Json,
    RootModel,
    SecretStr,
    StringConstraints,
    Tag,
    model_validator,
)
from typing_extensions import TypeAliasType, TypedDict


class Color(enum.Enum):
    red = "red"
    blue = "blue"


class Level(enum.IntEnum):
    low = 1
    high = 2


def _refuse_bad(value: Any) -> Any:
    if value == "bad":
        raise ValueError("bad is not good")
    assert value != "worse", "worse is worse"
    return value


UserId = NewType("UserId", int)
Alias = TypeAliasType("Alias", int)
MarkedAlias = TypeAliasType("MarkedAlias", Annotated[int, Field(ge=2)])

_UUID = "12345678-1234-5678-1234-567812345678"


@dataclasses.dataclass(frozen=True)
class Kind:
    """A type, texts or JSON values that fit it, and Python values for defaults."""

    annotation: Any
    fitting: tuple[Any, ...]
    defaults: tuple[Any, ...] = (None,)

    def __repr__(self) -> str:
        return f"Kind({self.annotation!r})"


SCALARS: tuple[Kind, ...] = (
    Kind(int, ("0", "7", "-3", " 5 "), (5, "trusted")),
    Kind(str, ("x", "", "é", "a b"), ("d", 3)),
    Kind(float, ("1.5", "-0.0", "1e3", "nan"), (0.5,)),
    Kind(bool, ("true", "0", "off"), (True, False)),
    Kind(bytes, ("raw", "é"), (b"d",)),
    Kind(decimal.Decimal, ("1.10", "1e2"), (decimal.Decimal("2.50"),)),
    Kind(uuid.UUID, (_UUID,)),
    Kind(dt.datetime, ("2020-01-02T03:04:05Z", "1600000000"), (dt.datetime(2020, 1, 1, tzinfo=dt.UTC),)),
    Kind(dt.date, ("2020-01-02",)),
    Kind(dt.time, ("03:04",)),
    Kind(dt.timedelta, ("P1D", "3600")),
    Kind(Color, ("red", "blue"), (Color.red, "red")),
    Kind(Level, ("1", "2"), (Level.low,)),
    Kind(Literal["a", "b"], ("a", "b"), ("a", "zzz")),
    Kind(Literal[1, "1"] | None, ("1",)),
    Kind(int | None, ("4", "0"), (None, 3)),
    Kind(str | None, ("s", ""), (None, "d")),
    Kind(int | bool, ("1", "true", "3")),
    Kind(int | str, ("1", "x")),
    Kind(str | int, ("1", "x")),
    Kind(float | int | None, ("1", "1.0")),
    Kind(dt.date | int, ("2020-01-02", "3")),
    Kind(Annotated[int, Field(ge=1, le=9)], ("1", "9"), (100,)),
    Kind(Annotated[int, Field(multiple_of=3)], ("3", "0")),
    Kind(Annotated[float, Field(gt=0, allow_inf_nan=False)], ("1.5",)),
    Kind(Annotated[str, Field(min_length=2, max_length=3)], ("ab", "abc"), ("toolong",)),
    Kind(Annotated[str, StringConstraints(pattern="^a+$", to_lower=True)], ("aa",)),
    Kind(Annotated[str, AfterValidator(_refuse_bad)], ("good",), ("bad",)),
    Kind(Annotated[int, BeforeValidator(lambda text: str(text).removeprefix("n"))], ("n4", "5")),
    Kind(Annotated[int | None, Field(strict=True)], ()),
    Kind(Any, ("anything",), (None, [1])),
    Kind(object, ("anything",)),
    Kind(HttpUrl, ("http://a.example/x?y",)),
    Kind(SecretStr, ("hidden",)),
    Kind(ipaddress.IPv4Address, ("127.0.0.1",)),
    Kind(UserId, ("8",)),
    Kind(Alias, ("8",), (1,)),
    Kind(MarkedAlias, ("8",)),
    Kind(Json, ('{"a": 1}', "[1]", "null"), ("[2]",)),
)

SEQUENCES: tuple[Kind, ...] = (
    Kind(list[int], ("1", "2"), ([1], [])),
    Kind(list[str], ("x", ""), (["d"],)),
    Kind(list[Any], ("x",)),
    Kind(list[int] | None, ("1",), (None, [3])),
    Kind(list[int | str], ("1", "x")),
    Kind(list[Annotated[int, Field(ge=1)]], ("1", "4")),
    Kind(Annotated[list[int], Field(max_length=2)], ("1", "2")),
    Kind(set[int], ("1", "2"), ({1},)),
    Kind(frozenset[str], ("x",), (frozenset({"d"}),)),
    Kind(tuple[int, ...], ("1", "2"), ((1, 2),)),
    Kind(tuple[int, str], ("1",)),
    Kind(collections.deque[int], ("1",)),
    Kind(Sequence[Color], ("red",)),
    Kind(list[Color] | None, ("red", "blue"), (None,)),
)


# ------------------------------------------------------------------------------------------ parameter models


class Plain(BaseModel):
    one: int
    two: str = "second"
    many: list[int] = []


class AllOptional(BaseModel):
    one: int | None = None
    user_name: str = "nobody"
    flags: set[str] = set()


class Forbidding(BaseModel):
    model_config = ConfigDict(extra="forbid")
    one: int = 1
    x_tag: list[str] = []


class Allowing(BaseModel):
    model_config = ConfigDict(extra="allow")
    one: Annotated[int, Field(ge=0)]


class Renamed(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    one: int = Field(alias="first")
    two: str = Field("d", validation_alias="second")


class Checked(BaseModel):
    one: int = 1
    two: int = 2

    @model_validator(mode="after")
    def _ordered(self) -> Checked:
        if self.one > self.two:
            raise ValueError("one is greater than two")
        return self


GROUPS: tuple[Kind, ...] = tuple(
    Kind(model, ("1", "2", "x")) for model in (Plain, AllOptional, Forbidding, Allowing, Renamed, Checked)
)


# ------------------------------------------------------------------------------------------------- bodies


class Address(BaseModel):
    street: str
    zip: int | None = None


class User(BaseModel):
    name: Annotated[str, Field(min_length=1)]
    age: int = 3
    address: Address | None = None
    tags: set[str] = set()


class Cat(BaseModel):
    kind: Literal["cat"]
    meow: int


class Dog(BaseModel):
    kind: Literal["dog"]
    woof: float = 1.0


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    name: str
    amount: decimal.Decimal = decimal.Decimal(1)
    at: dt.datetime | None = None


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    count: int
    ratio: float = 1.0
    day: dt.date | None = None


class Tree(BaseModel):
    value: int
    children: list[Tree] = []


class Guarded(BaseModel):
    password: str
    again: str = Field("", alias="password_again")

    @model_validator(mode="after")
    def _equal(self) -> Guarded:
        if self.again and self.again != self.password:
            raise ValueError("the passwords differ")
        return self


class Floats(BaseModel):
    low: float
    high: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    big: int = 0


class Names(RootModel[list[str]]):
    pass


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.0


class Movie(TypedDict, total=False):
    title: str
    year: int


def _shape_of(value: Any) -> str:
    kind = value.get("kind", "") if isinstance(value, dict) else getattr(value, "kind", "")
    return str(kind)


_USER = {"name": "Ann", "age": 4, "address": {"street": "S", "zip": 1}, "tags": ["a"]}
_CAT = {"kind": "cat", "meow": 1}
_DOG = {"kind": "dog", "woof": 2.5}

BODIES: tuple[Kind, ...] = (
    Kind(User, (_USER, {"name": "B"}), (User(name="D"),)),
    Kind(User | None, (_USER, None), (None,)),
    Kind(Closed, ({"name": " C ", "amount": "1.5"}, {"name": "c", "amount": 2, "at": "2020-01-01T00:00:00"})),
    Kind(Strict, ({"count": 1, "ratio": 1, "day": "2020-01-01"}, {"count": 1, "ratio": 1.0})),
    Kind(Tree, ({"value": 1, "children": [{"value": 2}]},)),
    Kind(Guarded, ({"password": "p", "password_again": "p"}, {"password": "p", "password_again": "q"})),
    Kind(Floats, ({"low": 1, "high": 2.5, "big": 10**20},)),
    Kind(Names, (["a", "b"],)),
    Kind(Cat | Dog, (_CAT, _DOG)),
    Kind(Annotated[Cat | Dog, Field(discriminator="kind")], (_CAT, _DOG)),
    Kind(
        Annotated[Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(_shape_of)],
        (_CAT, _DOG),
    ),
    Kind(list[User], ([_USER], [])),
    Kind(list[Cat | Dog], ([_CAT, _DOG],)),
    Kind(dict[str, int], ({"a": 1}, {}), ({},)),
    Kind(dict[int, float], ({"1": 1.5},)),
    Kind(dict[str, Any], ({"a": [1, None]},)),
    Kind(dict, ({"a": 1},)),
    Kind(list[int], ([1, "2"],), ([1],)),
    Kind(set[int], ([1, 1],)),
    Kind(tuple[int, str], ([1, "a"],)),
    Kind(Point, ({"x": 1, "y": 2},)),
    Kind(Movie, ({"title": "T", "year": 1999}, {})),
    Kind(int | User, (3, _USER)),
    Kind(list[int] | dict[str, int], ([1], {"a": 1})),
    Kind(Color | list[Color], ("red", ["blue"])),
)

# What must be marked with Body() to be read from the body.
MARKED_BODIES: tuple[Kind, ...] = (
    Kind(int, (3, "4", 5.0), (5,)),
    Kind(int | None, (3, None), (None, 5)),
    Kind(Annotated[int, Field(ge=0)], (3,)),
    Kind(str, ("text", "é"), ("d",)),
    Kind(bytes, ("raw",), (b"d",)),
    Kind(bool, (True, "off")),
    Kind(float, (1, 2.5)),
    Kind(decimal.Decimal, ("1.10", 2.5)),
    Kind(dt.datetime, ("2020-01-02T03:04:05Z", 1600000000)),
    Kind(dt.timedelta, ("P1D", 60)),
    Kind(uuid.UUID, (_UUID,)),
    Kind(Level, (1,)),
    Kind(Literal[1, "1"], (1, "1")),
    Kind(int | bool | str, (1, True, "x")),
    Kind(dt.date | int, ("2020-01-02", 3)),
    Kind(Any, ({"a": 1}, None), (None,)),
    Kind(Json[list[int]], ("[1, 2]",)),
    Kind(SecretStr, ("hidden",)),
)


# ------------------------------------------------------------------------------------------------- results


class Item(BaseModel):
    name: str
    price: decimal.Decimal | None = None
    note: str = Field("n", serialization_alias="remark")


class SubItem(Item):
    secret: str = "s"


@dataclasses.dataclass
class Row:
    name: str
    price: float = 1.0


# (response model or ... for none declared, results)
RESULTS: tuple[tuple[Any, tuple[Any, ...]], ...] = (
    (
        ...,
        (
            None,
            {"a": [1, 2.5, None, True], "é": "ü"},
            [decimal.Decimal("1.50"), dt.date(2020, 1, 2), uuid.UUID(_UUID)],
            {"nested": Item(name="i"), "set": {1}, "tuple": (1, 2), "enum": Color.red},
            {"delta": dt.timedelta(hours=1), "bytes": b"raw"},
            {1: "int key", None: "none key", 2.5: "float key"},
            {"nan": float("nan")},
            {"_sa_instance_state": 1, "b": 2},
            Row("r"),
            Item(name="i"),
            object,
            "text",
            3,
            True,
            b"\xff",
        ),
    ),
    (None, ({"a": 1}, Item(name="i"), 3)),
    (
        Item,
        (
            Item(name="i", price=decimal.Decimal("1.5")),
            SubItem(name="s"),
            {"name": "d"},
            {"name": "d", "price": "2.5", "extra": 1},
            Row("r"),
            Item.model_construct(name="c", price=decimal.Decimal(2)),
            {"price": 1},
            None,
        ),
    ),
    (Item | None, (Item(name="i"), None, {"name": 3})),
    (list[Item], ([Item(name="i"), SubItem(name="s")], [{"name": "d"}], (), [3])),
    (dict[str, Item], ({"k": Item(name="i")}, {"k": {"name": "d"}})),
    (Item | Row, (Item(name="i"), Row("r"))),
    (Row, (Row("r"), {"name": "d", "price": "2"})),
    (int, (3, "4", "x", True)),
    (float, (1.5, float("nan"), 3)),
    (list[int], ([1, "2"], {3}, "12")),
    (dict, ({"a": Item(name="i")},)),
    (Any, ({"a": 1}, Item(name="i"), SubItem(name="s"))),
    (bytes, (b"raw", "text", b"\xff")),
)
