"""Walking and changing Pydantic's core schemas."""

from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from rapide._core_schemas import bounded_validator, is_open_ended


class Inner(BaseModel):
    f: float


class Outer(BaseModel):
    inner: Inner
    more: list[Inner] = []
    child: "Outer | None" = None
    by_name: dict[str, float | None] = {}
    free: Annotated[float, Field(allow_inf_nan=True)] = 0.0
    big: Annotated[int, Field(ge=0, le=2**100)] = 0
    n: int = 0


class Free(BaseModel):
    model_config = ConfigDict(allow_inf_nan=True)
    f: float


class Pair(TypedDict):
    type: float
    n: int


@pytest.mark.parametrize(
    "value",
    [
        {"inner": {"f": "inf"}},
        {"inner": {"f": 1}, "more": [{"f": "nan"}]},
        {"inner": {"f": 1}, "child": {"inner": {"f": "-inf"}}},
        {"inner": {"f": 1}, "by_name": {"a": "inf"}},
        {"inner": {"f": 1}, "n": 2**63},
        {"inner": {"f": 1}, "big": -1},
    ],
)
def test_bounds_reach_everything_inside(value):
    """Numbers are bounded in models in models, lists, dicts, unions and in what recurs."""
    with pytest.raises(ValidationError):
        bounded_validator(TypeAdapter(Outer)).validate_python(value)


def test_bounds_of_the_declaration_win():
    """What a field or a model says of its numbers holds."""
    outer = bounded_validator(TypeAdapter(Outer)).validate_python(
        {"inner": {"f": 1}, "free": "inf", "big": 2**99}
    )
    assert (outer.free, outer.big, type(outer)) == (float("inf"), 2**99, Outer)
    assert bounded_validator(TypeAdapter(Free)).validate_python({"f": "inf"}).f == float("inf")


def test_names_of_fields_are_not_taken_for_kinds():
    """A field may be called `type`."""
    validator = bounded_validator(TypeAdapter(Pair))
    assert validator.validate_python({"type": 1.5, "n": 1}) == {"type": 1.5, "n": 1}
    with pytest.raises(ValidationError):
        validator.validate_python({"type": "inf", "n": 1})


def test_type_without_numbers_keeps_its_validator():
    """Where nothing is to be changed nothing is made."""
    adapter = TypeAdapter(list[str])
    assert bounded_validator(adapter) is adapter.validator


@pytest.mark.parametrize(
    ("annotation", "open_ended"),
    [(int, False), (Inner, False), (Any, True), (dict[str, Any], True), (Outer, True)],
)
def test_open_ended_types_are_known(annotation, open_ended):
    """`Any`, and what recurs, sets no end to nesting."""
    assert is_open_ended(TypeAdapter(annotation).core_schema) is open_ended
