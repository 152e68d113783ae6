"""Models whose names are those of models elsewhere."""

from enum import Enum
from typing import Generic, TypeVar

from pydantic import BaseModel

A = TypeVar("A")
B = TypeVar("B")


class Item(BaseModel):
    other: int


class Color(Enum):
    blue = "blue"


class Outer(BaseModel):
    class Item(BaseModel):
        inner: int

    item: Item


class Generic_(BaseModel, Generic[A, B]):  # noqa: N801
    a: A
    b: B
