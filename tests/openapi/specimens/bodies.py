# ruff: noqa: C901, D103, D301, DTZ001, PLR0915, PYI061, UP042 -- users write such things, so they are documented too
"""Applications with JSON bodies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ConfigDict, Discriminator, Field, Json, RootModel, Tag
from typing_extensions import TypedDict

from specimens.target import Body, Depends, FastAPI, specimen

T = TypeVar("T")


class Kind(str, Enum):
    one = "one"
    two = "two"


class Item(BaseModel):
    """An item that is sold.

    With more text.\fAnd a hidden part.
    """

    name: str
    price: float = Field(gt=0, description="in euros")
    tags: list[str] = []
    kind: Kind = Kind.one
    note: str | None = None


class User(BaseModel):
    name: str = Field(alias="userName")
    born: date | None = None
    items: dict[str, Item] = {}


class Cat(BaseModel):
    pet: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    pet: Literal["dog"]
    barks: bool


class Page(BaseModel, Generic[T]):
    results: list[T]
    total: int


@dataclass
class Point:
    """A point."""

    x: int
    y: int = 3
    names: list[str] = field(default_factory=list)


class Movie(TypedDict, total=False):
    title: str
    year: int


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


class Tags(RootModel[list[str]]):
    """Only a list."""


class Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"a": 1}], "x-null": None})
    a: int = Field(json_schema_extra={"x-field": None, "nullable": True})


@specimen
def single_bodies() -> Any:
    app = FastAPI()

    @app.post("/model")
    def model(item: Item):
        pass

    @app.put("/optional")
    def optional(item: Item | None = None):
        pass

    @app.patch("/nullable")
    def nullable(item: Item | None):
        pass

    @app.delete("/default")
    def default(item: Item = Item(name="x", price=1)):
        pass

    @app.post("/union")
    def union(item: Cat | Dog):
        pass

    @app.post("/discriminated")
    def discriminated(item: Annotated[Cat | Dog, Body(discriminator="pet")]):
        pass

    @app.post("/generic")
    def generic(page: Page[Item]):
        pass

    @app.post("/dataclass")
    def data_class(point: Point):
        pass

    @app.post("/typed-dict")
    def typed_dict(movie: Movie):
        pass

    @app.post("/list")
    def listed(items: list[Item]):
        pass

    @app.post("/dict")
    def dictionary(items: dict[str, Item]):
        pass

    @app.post("/mapping")
    def mapping(items: Mapping[int, list[UUID]]):
        pass

    @app.post("/anything")
    def anything(value: Annotated[Any, Body()]):
        pass

    @app.post("/bare-dict")
    def bare_dict(value: dict):
        pass

    @app.post("/scalar")
    def scalar(value: Annotated[int, Body(gt=3, title="A number", description="D", examples=[4])]):
        pass

    @app.post("/scalar-default")
    def scalar_default(value: Annotated[int | None, Body()] = 3):
        pass

    @app.post("/tree")
    def tree(tree: Tree):
        pass

    @app.post("/root")
    def root(tags: Tags):
        pass

    @app.post("/payload")
    def payload(payload: Payload):
        pass

    @app.post("/sequence")
    def sequence(value: Sequence[int]):
        pass

    @app.post("/tuple")
    def tupled(value: tuple[int, str]):
        pass

    @app.post("/json")
    def json_text(value: Annotated[Json[list[int]], Body()]):
        pass

    @app.post("/user")
    def user(user: User):
        pass

    return app


@specimen
def body_markers() -> Any:
    app = FastAPI()

    @app.post("/embed")
    def embed(item: Annotated[Item, Body(embed=True)]):
        pass

    @app.post("/embed-optional")
    def embed_optional(item: Annotated[Item | None, Body(embed=True)] = None):
        pass

    @app.post("/media")
    def media(
        item: Annotated[Item, Body(media_type="application/vnd.api+json", description="The item", title="T")],
    ):
        pass

    @app.post("/examples")
    def examples(
        item: Annotated[
            Item,
            Body(
                examples=[{"name": "a"}],
                openapi_examples={"n": {"summary": "S", "value": {"name": "b"}}},
                deprecated=True,
            ),
        ],
    ):
        pass

    @app.post("/hidden")
    def hidden(item: Annotated[Item, Body(include_in_schema=False)]):
        pass

    @app.post("/alias")
    def alias(value: Annotated[int, Body(alias="theValue", embed=True)]):
        pass

    @app.post("/alias-single")
    def alias_single(value: Annotated[int, Body(alias="theValue")]):
        pass

    @app.post("/extra")
    def extra(item: Annotated[Item, Body(json_schema_extra={"x-a": 1})]):
        pass

    @app.post("/bytes")
    def raw(value: Annotated[bytes, Body(media_type="application/octet-stream")]):
        pass

    @app.post("/by-default")
    def by_default(value: list[int] = Body([1], description="D")):
        pass

    @app.post("/factory")
    def factory(value: Annotated[list[int], Body(default_factory=list)]):
        pass

    return app


@specimen
def several_bodies() -> Any:
    app = FastAPI()

    @app.post("/two")
    def two(item: Item, user: User):
        """Both."""

    @app.post("/mixed")
    def mixed(
        item: Item,
        importance: Annotated[int, Body(gt=0, description="how much")],
        user: User | None = None,
        note: Annotated[str, Body(alias="theNote", examples=["x"])] = "n",
    ):
        pass

    @app.post("/all-optional")
    def all_optional(item: Item | None = None, user: User | None = None):
        pass

    @app.post("/media")
    def media(
        item: Annotated[Item, Body(media_type="application/x-one")],
        user: Annotated[User, Body(media_type="application/x-two")],
    ):
        pass

    @app.post("/same-media")
    def same_media(
        item: Annotated[Item, Body(media_type="application/x-one")],
        user: Annotated[User, Body(media_type="application/x-one")],
    ):
        pass

    @app.post("/choices")
    def choices(
        a: Annotated[int, Body(validation_alias=AliasChoices("one", "uno"))],
        b: Annotated[int, Body(validation_alias=AliasChoices("two", "dos"))] = 2,
        c: Annotated[int, Body(validation_alias="three", serialization_alias="tres")] = 3,
    ):
        pass

    @app.post("/hidden")
    def hidden(item: Item, secret: Annotated[str, Body(include_in_schema=False)]):
        pass

    @app.post("/described")
    def described(
        a: Annotated[int, Body(title="T", deprecated=True, openapi_examples={"a": {"value": 1}})],
        b: Annotated[Kind, Body(description="k", title="Kay")] = Kind.two,
    ):
        pass

    return app


def takes_item(item: Item, q: int = 3) -> Item:
    return item


def takes_user(user: Annotated[User, Body()]) -> User:
    return user


@specimen
def bodies_in_dependencies() -> Any:
    app = FastAPI()

    @app.post("/one")
    def one(item: Annotated[Any, Depends(takes_item)]):
        pass

    @app.post("/same")
    def same(item: Item, other: Annotated[Any, Depends(takes_item)]):
        pass

    @app.post("/two", dependencies=[Depends(takes_user)])
    def two(item: Annotated[Any, Depends(takes_item)], x: Annotated[int, Body()]):
        pass

    @app.post("/name")
    def name(item: User, other: Annotated[Any, Depends(takes_user)]):
        pass

    return app


@specimen
def bodies_by_method() -> Any:
    app = FastAPI()

    def endpoint(item: Item):
        pass

    for method in ("get", "head", "post", "put", "patch", "delete", "options", "trace"):
        getattr(app, method)("/" + method)(endpoint)
    app.add_api_route("/query", endpoint, methods=["QUERY"])
    app.add_api_route("/link", endpoint, methods=["LINK"])
    return app


class Fish(BaseModel):
    kind: Literal["fish"] = "fish"


class Bird(BaseModel):
    kind: Literal["bird"] = "bird"


def _tag(value: Any) -> str:
    return value.get("kind") if isinstance(value, dict) else value.kind


@specimen
def unions_of_bodies() -> Any:
    app = FastAPI()

    @app.post("/callable")
    def callable_discriminator(
        animal: Annotated[
            Annotated[Fish, Tag("fish")] | Annotated[Bird, Tag("bird")],
            Discriminator(_tag),
        ],
    ):
        pass

    @app.post("/field")
    def by_field(animal: Annotated[Fish | Bird, Field(discriminator="kind")]):
        pass

    @app.post("/nested")
    def nested(animals: list[Annotated[Fish | Bird, Field(discriminator="kind")]]):
        pass

    @app.post("/embedded")
    def embedded(a: Annotated[Fish | Bird, Body(discriminator="kind")], b: Fish | int | None = None):
        pass

    return app


class Details(BaseModel):
    when: datetime = datetime(2020, 1, 1)
    money: Decimal = Decimal("1.5")
    raw: bytes = b"x"
    maybe: int | None = Field(None, examples=[None, 1])
    literal: Literal["only"] = "only"
    mixed: Literal["a", None] = None
    nested: dict[str, list[Item | None]] = {}
    price: Annotated[float, Field(ge=0, le=10)] = 1
    code: str = Field("x", pattern=r"^\w+$", max_length=3)
    pair: tuple[int, ...] = (1, 2)
    anything: Any = None
    titled: Item = Field(title="Own title", description="Own description")
    plain: Item
    deprecated: int = Field(1, deprecated=True)
    secret: Json[Any] = None


@specimen
def body_schema_details() -> Any:
    app = FastAPI()

    @app.post("/details")
    def details(details: Details) -> Details:
        return details

    return app
