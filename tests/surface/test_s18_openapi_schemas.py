"""Sections 18.3 to 18.6: component schemas in the OpenAPI document."""

import dataclasses
import datetime as dt
import decimal
import enum
import uuid
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import pytest
from described import (
    Cat,
    Colour,
    Dog,
    Item,
    Maker,
    Owner,
    document_of,
)
from document_files import assert_document, plain
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    SecretStr,
    Tag,
    WithJsonSchema,
    computed_field,
    conlist,
    create_model,
    field_serializer,
)
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import core_schema  # noqa: TID251 - an application may bring schemas of its own
from surface_target import (
    Body,
    FastAPI,
    Path,
    Query,
    TestClient,
    UploadFile,
)
from typing_extensions import TypeAliasType, TypedDict

OCTETS = {"type": "string", "contentMediaType": "application/octet-stream"}


def schemas_of(*annotations, **options):
    """Return the components of an app that takes and gives each annotation, without those of errors."""
    app = FastAPI(**options)
    for number, annotation in enumerate(annotations):

        def endpoint(value):
            return value

        endpoint.__annotations__.update({"value": Annotated[annotation, Body()], "return": annotation})
        app.post(f"/{number}")(endpoint)
    components = plain(app.openapi())["components"]["schemas"]
    return {name: schema for name, schema in components.items() if not name.endswith("ValidationError")}


def model(name, module, **fields):
    """Make a model that seems to live in `module`."""
    return create_model(name, __module__=module, **fields)


def test_extras_of_a_model_are_kept():
    """18.6: json_schema_extra of model and field is part of the component."""

    class Extra(BaseModel):
        model_config = ConfigDict(json_schema_extra={"examples": [{"a": 1}], "x-own": True})
        a: int = Field(examples=[3], json_schema_extra={"x-unit": "kg"})

    assert schemas_of(Extra)["Extra"] == {
        "properties": {"a": {"type": "integer", "title": "A", "examples": [3], "x-unit": "kg"}},
        "type": "object",
        "required": ["a"],
        "title": "Extra",
        "examples": [{"a": 1}],
        "x-own": True,
    }


# --- components


def test_components_are_sorted_by_name():
    """18.1: components.schemas is in alphabetical order."""
    app = FastAPI()

    class Zebra(BaseModel):
        a: Colour

    class Aardvark(BaseModel):
        z: Zebra

    @app.post("/")
    def endpoint(z: Zebra, a: Aardvark) -> Item: ...

    names = list(app.openapi()["components"]["schemas"])
    assert names == sorted(names)
    assert {"Zebra", "Aardvark", "Colour", "Item", "Maker", "Body_endpoint__post"} < set(names)


def test_nested_models_and_enums_are_components():
    """18.3: everything a model refers to is a component, with its description."""
    app = FastAPI()

    @app.post("/items")
    def create(item: Item) -> Item:
        return item

    assert_document(app, "components_nested")


@pytest.mark.parametrize(
    ("doc", "description"),
    [
        ("One line.", "One line."),
        ("First.\n\n    Second.\n    ", "First.\n\nSecond."),
        ("Seen.\fHidden.", "Seen."),
        ("Seen.\n    \f\n    Hidden.", "Seen.\n"),
    ],
)
def test_model_docstring_is_its_description_up_to_a_form_feed(doc, description):
    """18.3: the docstring describes the component, cut at a form feed."""
    made = create_model("Made", __doc__=doc, __module__=__name__, a=(int, 1))
    assert schemas_of(made)["Made"]["description"] == description


def test_clashing_names_are_qualified_by_their_modules():
    """18.3: two models of one name get module-qualified component names, both of them."""
    first = model("Thing", "shop.goods", a=(int, ...))
    second = model("Thing", "shop.staff", b=(int, ...))
    other = model("Other", "shop.staff", thing=(second, ...))
    assert set(schemas_of(first, other)) == {"shop__goods__Thing", "shop__staff__Thing", "Other"}
    schemas = schemas_of(first, other)
    assert schemas["shop__goods__Thing"]["title"] == "Thing"
    assert schemas["Other"]["properties"]["thing"] == {"$ref": "#/components/schemas/shop__staff__Thing"}


def test_clashing_names_may_be_split_as_well():
    """18.3, 18.4: a qualified name gets -Input and -Output like any other."""
    priced = model("Dup", "shop.goods", price=(decimal.Decimal, ...))
    counted = model("Dup", "shop.staff", count=(int, ...))
    expected = {"shop__goods__Dup-Input", "shop__goods__Dup-Output", "shop__staff__Dup"}
    assert set(schemas_of(priced, counted)) == expected


def test_clashing_enums_are_qualified_by_their_modules():
    """18.3: enums are components like models."""
    first = enum.Enum("Kind", {"a": "a"}, module="shop.goods")
    second = enum.Enum("Kind", {"b": "b"}, module="shop.staff")
    holder = model("Holder", "shop", one=(first, ...), two=(second, ...))
    assert set(schemas_of(holder)) == {"Holder", "shop__goods__Kind", "shop__staff__Kind"}


def test_nested_class_is_named_by_its_own_name():
    """18.3: the class around a model is no part of its component's name."""

    class Outside:
        class Inside(BaseModel):
            a: int

    assert set(schemas_of(Outside.Inside)) == {"Inside"}


def test_aliases_are_documented_when_the_response_does_not_use_them():
    """18.2.5: response_model_by_alias=False does not reach the schema."""

    class Named(BaseModel):
        inside: int = Field(alias="outside")

    document = document_of(lambda: None, "get", response_model=Named, response_model_by_alias=False)
    assert list(document["components"]["schemas"]["Named"]["properties"]) == ["outside"]


T = TypeVar("T")


class Paged(BaseModel, Generic[T]):
    items: list[T]
    total: int = 0


def test_generic_models_are_named_after_their_arguments():
    """18.3: `Paged[Owner]` is `Paged_Owner_`, the title keeps the brackets."""
    schemas = schemas_of(Paged[Owner], Paged[int], Paged[Paged[Colour]])
    assert {name: schema["title"] for name, schema in schemas.items() if "Paged" in name} == {
        "Paged_Owner_": "Paged[Owner]",
        "Paged_int_": "Paged[int]",
        "Paged_Paged_Colour__": "Paged[Paged[Colour]]",
        "Paged_Colour_": "Paged[Colour]",
    }
    assert schemas["Paged_Owner_"]["properties"]["items"] == {
        "items": {"$ref": "#/components/schemas/Owner"},
        "type": "array",
        "title": "Items",
    }


class Node(BaseModel):
    name: str
    children: list["Node"] = []
    parent: "Node | None" = None


def test_recursive_models_refer_to_themselves():
    """18.3: a recursive model is one component that refers to itself."""
    app = FastAPI()

    @app.post("/")
    def endpoint(value: Node): ...

    reference = {"$ref": "#/components/schemas/Node"}
    assert app.openapi()["components"]["schemas"]["Node"] == {
        "properties": {
            "name": {"type": "string", "title": "Name"},
            "children": {"items": reference, "type": "array", "title": "Children", "default": []},
            "parent": {"anyOf": [reference, {"type": "null"}]},
        },
        "type": "object",
        "required": ["name"],
        "title": "Node",
    }


def test_many_kinds_of_types_are_documented():
    """18.3: dataclasses, TypedDicts, roots, named tuples, discriminators, own schemas in one document."""
    app = FastAPI()

    @dataclasses.dataclass
    class Part:
        """A part."""

        number: int
        inner: "list[Maker]" = dataclasses.field(default_factory=list)

    class Names(RootModel[list[str]]):
        """Only names."""

    class Typed(TypedDict):
        a: int
        b: list[Part]

    def kind_of(value):
        return value.get("kind") if isinstance(value, dict) else value.kind

    class Wide(BaseModel):
        model_config = ConfigDict(title="A wide model", extra="forbid")
        part: Part
        names: Names
        typed: Typed
        pair: tuple[int, str]
        many: tuple[float, ...]
        pet: Annotated[Cat | Dog, Field(discriminator="kind")]
        guest: Annotated[Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Discriminator(kind_of)]
        mapping: dict[Colour, Maker]
        anything: Any = None
        bare_list: list = []  # type: ignore[type-arg]
        own: Annotated[bytes, WithJsonSchema({"type": "string", "format": "own"})] = b""
        duration: dt.timedelta = dt.timedelta(minutes=1)
        unique: uuid.UUID = Field(default_factory=uuid.uuid4)
        secret: SecretStr = SecretStr("s")
        one: Literal[1] = 1
        frozen: frozenset[int] = frozenset({1})
        flags: list[bool] | dict[str, "Wide"] | None = None

    @app.post("/wide")
    def wide(value: Wide): ...

    assert_document(app, "components_of_many_kinds")


def test_model_configuration_shapes_the_components():
    """18.3: aliases, titles, inheritance, exclusion and own schemas as Pydantic gives them."""
    app = FastAPI()

    class Base(BaseModel):
        """The base."""

        model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="allow")
        first_name: str
        hidden_out: int = Field(0, exclude=True)

    class Child(Base):
        model_config = ConfigDict(title="The child", use_attribute_docstrings=True, frozen=True)
        last_name: str | None = Field(None, deprecated=True, alias="surname")
        documented: int = 3
        """Text below the field."""
        nothing: Literal[None] = None  # noqa: PYI061
        maybe: Literal["a", None] = Field(None, examples=[None, "a"])  # noqa: PYI061
        optional: int | SkipJsonSchema[None] = None
        size: conlist(int, min_length=1, max_length=3)  # type: ignore[valid-type]
        ratio: Annotated[float, Field(gt=0, lt=1, multiple_of=0.25)]
        flags: Flags = Flags.one
        named: Pair = Pair(1, "x")
        aliased: Mapped = {}
        timed: time_type = time_type(1, 2)
        inherited: Own | None = None

    @app.post("/")
    def endpoint(value: Child) -> Child: ...

    assert_document(app, "components_configured")


class Flags(enum.IntFlag):
    one = 1
    two = 2


class Pair(NamedTuple):
    left: int
    right: str = "r"


type_alias = dict[str, list[int]]
Mapped = TypeAliasType("Mapped", type_alias)
time_type = dt.time


class Own:
    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        return core_schema.no_info_plain_validator_function(lambda value: value)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema, handler):
        return {"type": "string", "format": "own", "x-own": True}


# --- input and output


class Defaulted(BaseModel):
    name: str
    note: str | None = None
    size: int = 1


class Computed(BaseModel):
    width: int

    @computed_field
    @property
    def area(self) -> int:
        """Square of the width."""
        return self.width**2


@dataclasses.dataclass
class Square:
    side: int

    @computed_field
    @property
    def area(self) -> int:
        return self.side**2


class Holder(BaseModel):
    inner: Computed
    owner: Owner


class SplitField(BaseModel):
    when: dt.datetime

    @field_serializer("when")
    def _serialize(self, value) -> int:
        return int(value.timestamp())


def test_model_is_split_when_input_and_output_differ():
    """18.4: a model with a computed field is `-Input` and `-Output`, under one title."""
    schemas = schemas_of(Computed)
    assert set(schemas) == {"Computed-Input", "Computed-Output"}
    assert list(schemas["Computed-Input"]["properties"]) == ["width"]
    assert list(schemas["Computed-Output"]["properties"]) == ["width", "area"]
    assert schemas["Computed-Output"]["properties"]["area"] == {
        "type": "integer",
        "title": "Area",
        "description": "Square of the width.",
        "readOnly": True,
    }
    assert schemas["Computed-Output"]["required"] == ["width", "area"]
    assert {schema["title"] for schema in schemas.values()} == {"Computed"}


@pytest.mark.parametrize("annotation", [Owner, Defaulted, Colour, Cat])
def test_model_is_one_component_when_input_and_output_agree(annotation):
    """18.4: the same schema twice is one component; defaults alone make no difference."""
    assert set(schemas_of(annotation)) == {annotation.__name__}


def test_model_with_required_defaults_is_split():
    """18.4: a model whose output requires the defaulted fields differs from its input."""

    class Full(BaseModel):
        model_config = ConfigDict(json_schema_serialization_defaults_required=True)
        a: int = 1

    schemas = schemas_of(Full)
    assert "required" not in schemas["Full-Input"]
    assert schemas["Full-Output"]["required"] == ["a"]


@pytest.mark.parametrize(("way", "properties"), [("input", ["width"]), ("output", ["width", "area"])])
def test_model_used_one_way_keeps_its_name(way, properties):
    """18.4: only what is used both ways is split."""
    app = FastAPI()

    if way == "input":

        @app.post("/")
        def endpoint(value: Computed): ...
    else:

        @app.post("/")
        def endpoint() -> Computed: ...

    components = app.openapi()["components"]["schemas"]
    assert list(components["Computed"]["properties"]) == properties


def test_split_reaches_what_contains_a_split_model():
    """18.4: a model that holds a split one is split as well, one that does not is not."""
    schemas = schemas_of(Holder)
    assert set(schemas) == {"Holder-Input", "Holder-Output", "Computed-Input", "Computed-Output", "Owner"}
    reference = {"$ref": "#/components/schemas/Computed-Output"}
    assert schemas["Holder-Output"]["properties"]["inner"] == reference


def test_input_and_output_of_one_document_are_compared_whole():
    """18.4: the split document with defaults, computed fields and serializers."""
    app = FastAPI()
    _round_trips(app)
    assert_document(app, "components_split")


def test_input_and_output_are_one_when_not_separated():
    """18.4: separate_input_output_schemas=False uses the validation schema, but splits computed fields."""
    app = FastAPI(separate_input_output_schemas=False)
    _round_trips(app)
    assert_document(app, "components_not_split")


def _round_trips(app):
    @app.post("/defaulted")
    def defaulted(value: Defaulted) -> Defaulted: ...

    @app.post("/computed")
    def computed(value: Computed) -> Computed: ...

    @app.post("/holder")
    def holder(value: Holder) -> list[Holder]: ...

    @app.post("/serialized")
    def serialized(value: SplitField) -> SplitField: ...

    @app.post("/square")
    def square(value: Square) -> Square: ...

    @app.post("/deep")
    def deep(value: dict[str, list[Holder | None]]) -> tuple[Holder, int]: ...

    @app.post("/node")
    def node(value: Node) -> Node: ...

    @app.post("/aliased")
    def aliased(value: Aliased) -> Aliased: ...

    @app.get("/page")
    def page() -> Paged[Defaulted]: ...


class Aliased(BaseModel):
    inside: str = Field(validation_alias="readAs", serialization_alias="writtenAs")


# --- bytes


class Blob(BaseModel):
    data: bytes


class Encoded(BaseModel):
    model_config = ConfigDict(val_json_bytes="base64", ser_json_bytes="base64")
    data: bytes


def test_bytes_are_octets():
    """18.5: bytes are text with contentMediaType, plus contentEncoding when the model encodes them."""
    schemas = schemas_of(Blob, Encoded)
    assert schemas["Blob"]["properties"]["data"] == {**OCTETS, "title": "Data"}
    encoded = {**OCTETS, "contentEncoding": "base64", "title": "Data"}
    assert schemas["Encoded"]["properties"]["data"] == encoded


@pytest.mark.parametrize("setting", ["val_json_bytes", "ser_json_bytes"])
def test_encoding_of_bytes_is_that_of_the_direction(setting):
    """18.5: input is described by how bytes are read, output by how they are written."""

    class OneWay(BaseModel):
        model_config = ConfigDict(**{setting: "base64"})
        data: bytes

    def endpoint(item: OneWay) -> OneWay: ...

    schemas = document_of(endpoint)["components"]["schemas"]
    found = {
        name: "contentEncoding" in schemas[name]["properties"]["data"] for name in schemas if "OneWay" in name
    }
    assert found == {
        "OneWay-Input": setting == "val_json_bytes",
        "OneWay-Output": setting == "ser_json_bytes",
    }


def test_upload_is_octets():
    """18.5: an UploadFile field is documented as bytes are."""

    def endpoint(upload: UploadFile, many: list[UploadFile]): ...

    component = document_of(endpoint)["components"]["schemas"]["Body_endpoint_x_post"]
    assert component["properties"] == {
        "upload": {**OCTETS, "title": "Upload"},
        "many": {"type": "array", "items": OCTETS, "title": "Many"},
    }


# --- validation errors


def test_validation_error_components_are_the_known_ones():
    """18.2.7: ValidationError and HTTPValidationError describe the 422."""

    def endpoint(n: int): ...

    assert document_of(endpoint, "get")["components"]["schemas"] == {
        "HTTPValidationError": {
            "properties": {
                "detail": {
                    "items": {"$ref": "#/components/schemas/ValidationError"},
                    "type": "array",
                    "title": "Detail",
                }
            },
            "type": "object",
            "title": "HTTPValidationError",
        },
        "ValidationError": {
            "properties": {
                "loc": {
                    "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                    "type": "array",
                    "title": "Location",
                },
                "msg": {"type": "string", "title": "Message"},
                "type": {"type": "string", "title": "Error Type"},
                "input": {"title": "Input"},
                "ctx": {"type": "object", "title": "Context"},
            },
            "type": "object",
            "required": ["loc", "msg", "type"],
            "title": "ValidationError",
        },
    }


def test_schema_of_a_forward_reference_is_resolved():
    """18.3: annotations written as text are resolved in the endpoint's module."""

    def endpoint(value: "Defaulted") -> "list[Owner]": ...

    document = document_of(endpoint)
    assert document["paths"]["/x"]["post"]["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Defaulted"
    }
    assert {"Defaulted", "Owner"} < set(document["components"]["schemas"])


def test_document_serves_as_json():
    """18.1: the served document is the JSON of app.openapi()."""
    app = FastAPI()

    @app.post("/{n}")
    def endpoint(n: Annotated[int, Path()], item: Item, q: Annotated[list[int], Query()] = []) -> Item: ...  # noqa: B006

    answer = TestClient(app).get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == plain(app.openapi())
