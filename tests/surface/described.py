"""What a single endpoint adds to an OpenAPI document, and the models that the tests of section 18 share."""

import datetime as dt
import decimal
import enum
from typing import Any, Literal

from document_files import plain
from pydantic import BaseModel, Field
from surface_target import FastAPI


class Colour(enum.Enum):
    """The colours on sale."""

    red = "red"
    green = "green"


class Maker(BaseModel):
    name: str
    country: str | None = None


class Item(BaseModel):
    """Something on sale.

    It has a maker.
    """

    name: str = Field(min_length=1, title="The name", description="As printed.")
    price: decimal.Decimal
    maker: Maker
    colour: Colour = Colour.red
    tags: set[str] = set()
    sizes: dict[str, int] = {}
    made: dt.datetime | None = None


class Owner(BaseModel):
    name: str


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


class Problem(BaseModel):
    """What went wrong."""

    code: int
    text: str | None = None


def plain_endpoint() -> None:
    """Return nothing in particular."""


def document_of(endpoint: Any, method: str = "post", **options: Any) -> Any:
    """Return the document of an app with one endpoint at /x."""
    app = FastAPI()
    getattr(app, method)("/x", **options)(endpoint)
    return plain(app.openapi())


def operation_of(endpoint: Any, method: str = "get", **options: Any) -> Any:
    """Return the operation of an endpoint alone in an app."""
    return document_of(endpoint, method, **options)["paths"]["/x"][method]


def responses_of(endpoint: Any, method: str = "get", **options: Any) -> Any:
    """Return the documented responses of an endpoint."""
    return operation_of(endpoint, method, **options)["responses"]


def body_of(endpoint: Any, method: str = "post", **options: Any) -> Any:
    """Return what the operation of an endpoint says about its body."""
    return operation_of(endpoint, method, **options).get("requestBody")
