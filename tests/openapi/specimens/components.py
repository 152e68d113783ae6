# ruff: noqa: C901, D103, D301, PLW0108, PYI061 -- users write such things, so they are documented too
"""Applications whose interest is in the names and shapes of components."""

import dataclasses
from enum import Enum
from typing import Annotated, Any, Generic, Literal, NewType, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    computed_field,
    field_serializer,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import NamedTuple, TypeAliasType, TypedDict

from specimens import other
from specimens.target import Body, Depends, FastAPI, Form, Query, specimen

T = TypeVar("T")
Names = TypeAliasType("Names", list[str])
Json = TypeAliasType("Json", "dict[str, Json] | list[Json] | str | int | None")  # type: ignore[misc]
Ident = NewType("Ident", str)


class Item(BaseModel):
    name: str


class Color(Enum):
    red = 1


class Page(BaseModel, Generic[T]):
    items: list[T]


class WithDefault(BaseModel):
    a: int = 1
    sub: "SubWithDefault | None" = None


class SubWithDefault(BaseModel):
    b: int = 2


class Same(BaseModel):
    a: int


class Holder(BaseModel):
    same: Same
    split: WithDefault


class Computed(BaseModel):
    width: int

    @computed_field
    @property
    def area(self) -> int:
        """The area."""
        return self.width**2


class HoldsComputed(BaseModel):
    computed: Computed
    plain: WithDefault = WithDefault()


@dataclasses.dataclass
class PlainData:
    x: int
    inner: "InnerData | None" = None


@dataclasses.dataclass
class InnerData:
    y: str = "y"


@pydantic_dataclass
class ComputedData:
    """With an area."""

    width: int = 1

    @computed_field
    def area(self) -> int:
        return self.width**2


class Dict(TypedDict):
    """A typed dict."""

    name: str
    item: Item


class Pair(NamedTuple):
    a: int
    b: str = "x"


class Serialized(BaseModel):
    a: Annotated[int, PlainSerializer(lambda value: str(value), return_type=str)]
    b: Annotated[int, BeforeValidator(int)] = 1

    @field_serializer("b")
    def show(self, value: int) -> list[int]:
        return [value]


class Whole(BaseModel):
    a: int

    @model_validator(mode="before")
    @classmethod
    def before(cls, data: Any) -> Any:
        return data


@specimen
def clashing_names() -> Any:
    app = FastAPI()

    class Local(BaseModel):
        a: int

    first = Local

    class Local(BaseModel):  # type: ignore[no-redef]
        b: int

    @app.post("/a")
    def a(x: Item) -> other.Item:
        pass

    @app.post("/b")
    def b(x: other.Item, color: Color, theirs: Annotated[other.Color, Body()]) -> Page[Item]:
        pass

    @app.post("/c")
    def c(x: Page[other.Item]) -> Page[Page[Item]]:
        pass

    @app.post("/d")
    def d(x: first, y: other.Outer) -> other.Outer.Item:
        pass

    @app.get("/e")
    def e() -> other.Generic_[int, Item]:
        pass

    return app


@specimen
def clashing_local_names() -> Any:
    app = FastAPI()

    def make(kind: Any) -> Any:
        class Local(BaseModel):
            a: kind

        return Local

    for index, kind in enumerate((int, str, list[int])):
        model = make(kind)

        def endpoint(x: model) -> None:
            pass

        app.post(f"/{index}")(endpoint)
    return app


@specimen
def clashing_with_builtin_components() -> Any:
    app = FastAPI()

    class ValidationError(BaseModel):
        mine: int

    class HTTPValidationError(BaseModel):
        mine: str

    @app.post("/a")
    def a(x: ValidationError) -> HTTPValidationError:
        pass

    return app


def _split(separate: bool) -> Any:
    app = FastAPI(separate_input_output_schemas=separate)

    @app.post("/default")
    def default(x: WithDefault) -> WithDefault:
        pass

    @app.post("/same")
    def same(x: Same) -> Same:
        pass

    @app.post("/holder")
    def holder(x: Holder) -> list[Holder]:
        pass

    @app.post("/computed")
    def computed(x: Computed) -> Computed:
        pass

    @app.post("/holds-computed")
    def holds_computed(x: HoldsComputed) -> HoldsComputed:
        pass

    @app.post("/data")
    def data(x: PlainData) -> PlainData:
        pass

    @app.post("/computed-data")
    def computed_data(x: ComputedData) -> ComputedData:
        pass

    @app.post("/dict")
    def typed_dict(x: Dict) -> Dict:
        pass

    @app.post("/pair")
    def pair(x: Annotated[Pair, Body()]) -> Pair:
        pass

    @app.post("/serialized")
    def serialized(x: Serialized) -> Serialized:
        pass

    @app.post("/whole")
    def whole(x: Whole) -> dict[str, Whole]:
        pass

    @app.post("/only-out")
    def only_out() -> Page[WithDefault]:
        pass

    @app.post("/generic")
    def generic(x: Page[WithDefault], y: int = 3) -> Page[WithDefault]:
        pass

    @app.post("/computed-list")
    def computed_list(
        x: list[Computed], y: Annotated[dict[str, Computed], Body()]
    ) -> dict[str, list[Computed | None]]:
        pass

    return app


@specimen
def input_and_output_apart() -> Any:
    return _split(separate=True)


@specimen
def input_and_output_together() -> Any:
    return _split(separate=False)


@specimen
def only_output_differs_together() -> Any:
    app = FastAPI(separate_input_output_schemas=False)

    @app.get("/computed")
    def computed() -> Computed:
        pass

    @app.get("/default")
    def default() -> WithDefault:
        pass

    return app


@specimen
def aliases_of_types() -> Any:
    app = FastAPI()

    @app.post("/names")
    def names(x: Annotated[Names, Body()]) -> Names:
        pass

    @app.post("/json")
    def json(x: Annotated[Json, Body()]) -> Json:
        pass

    @app.get("/ident")
    def ident(x: Ident, y: Annotated[Names, Query()]) -> Ident:
        pass

    return app


class Hidden(BaseModel):
    """Docs here.\fNot here."""

    model_config = ConfigDict(json_schema_extra={"description": "cut\fhere?"})
    a: SkipJsonSchema[int] = 1
    b: Annotated[int, WithJsonSchema({"type": "integer", "x-own": None, "description": "keep\fthis"})]
    c: int | SkipJsonSchema[None] = None
    d: Annotated[str, Field(description="one\ftwo")] = "x"


def _rename(schema: dict[str, Any]) -> None:
    schema["title"] = "Renamed"
    schema["x-order"] = list(schema["properties"])


class Extra(BaseModel):
    model_config = ConfigDict(json_schema_extra=_rename, title="Ignored")
    a: int
    b: str = Field("x", json_schema_extra=lambda schema: schema.update({"x-b": 1}))


class Titled(BaseModel):
    model_config = ConfigDict(title="A Title With Spaces", use_attribute_docstrings=True)
    first: int
    """What is first."""
    ref: Item = Field(default=Item(name="d"), description="described ref")


class Literals(BaseModel):
    one: Literal["a"]
    num: Literal[1, 2]
    mixed: Literal["a", 1, None, True]
    color: Literal[Color.red]


@specimen
def schema_details() -> Any:
    app = FastAPI()

    @app.post("/hidden")
    def hidden(x: Hidden) -> Hidden:
        pass

    @app.post("/extra")
    def extra(x: Extra) -> Titled:
        pass

    @app.post("/literals")
    def literals(x: Literals) -> Literals:
        pass

    return app


def dependency(x: Item) -> Item:
    return x


@specimen
def names_of_composed_bodies() -> Any:
    app = FastAPI()

    @app.post("/both")
    def both(a: Item, b: Same):
        pass

    @app.post("/id", operation_id="own-id/with odd.chars")
    def own_id(a: Item, b: Same):
        pass

    @app.post("/form", operation_id="form.id")
    def form(a: Annotated[int, Form()]):
        pass

    @app.post("/dep", dependencies=[Depends(dependency)])
    def dep(a: Annotated[Color, Body()]):
        pass

    return app
