"""Sections 18.2 to 18.6: request bodies and component schemas in the OpenAPI document."""

import dataclasses
import datetime as dt
import decimal
import enum
import uuid
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

import pytest
from document_files import assert_document, plain
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Json,
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
    APIRouter,
    Body,
    Depends,
    FastAPI,
    File,
    Form,
    Path,
    Query,
    Request,
    TestClient,
    UploadFile,
    load,
)
from typing_extensions import TypeAliasType, TypedDict

OCTETS = {"type": "string", "contentMediaType": "application/octet-stream"}


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


def document_of(endpoint, method="post", **options):
    """Return the document of an app with one endpoint."""
    app = FastAPI()
    getattr(app, method)("/x", **options)(endpoint)
    return plain(app.openapi())


def body_of(endpoint, method="post", **options):
    """Return what the operation says about its body."""
    return document_of(endpoint, method, **options)["paths"]["/x"][method].get("requestBody")


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


# --- JSON bodies, whole documents


def test_single_bodies_of_models_are_documented():
    """18.2.3: a body that is one value: model, optional model, list, union, dataclass, TypedDict."""
    app = FastAPI()

    @dataclasses.dataclass
    class Point:
        """A place."""

        x: float
        y: float = 0.0
        labels: list[str] = dataclasses.field(default_factory=list)

    class Options(TypedDict, total=False):
        deep: bool
        limit: int

    @app.post("/model")
    def take_model(item: Item): ...

    @app.put("/optional")
    def take_optional(item: Item | None = None): ...

    @app.patch("/default")
    def take_default(owner: Owner = Owner(name="nobody")): ...

    @app.post("/list")
    def take_list(items: list[Item]): ...

    @app.post("/union")
    def take_union(pet: Cat | Dog): ...

    @app.post("/tagged")
    def take_tagged(pet: Annotated[Cat | Dog, Field(discriminator="kind")]): ...

    @app.post("/point")
    def take_point(point: Point): ...

    @app.post("/typed-dict")
    def take_typed_dict(options: Options): ...

    assert_document(app, "bodies_single_models")


def test_single_bodies_of_other_types_are_documented():
    """18.2.3: a body that is one scalar, mapping, anything, or bytes."""
    app = FastAPI()

    @app.post("/mapping")
    def take_mapping(weights: dict[int, float]): ...

    @app.post("/scalar")
    def take_scalar(count: Annotated[int, Body(ge=1, title="How many", description="A count.")]): ...

    @app.post("/text")
    def take_text(text: Annotated[str, Body(media_type="text/plain")] = "x"): ...

    @app.post("/any")
    def take_any(value: Annotated[Any, Body()]): ...

    @app.post("/plain-dict")
    def take_plain_dict(value: dict): ...  # type: ignore[type-arg]

    @app.post("/bytes")
    def take_bytes(data: Annotated[bytes, Body()]): ...

    assert_document(app, "bodies_single_values")


def test_composed_json_bodies_are_documented():
    """18.2.3: several fields, or one embedded, form the component `Body_<unique id>`."""
    app = FastAPI()

    def audited(reason: Annotated[str, Body(max_length=100)]):
        return reason

    @app.post("/two/{item_id}")
    def take_two(item_id: int, item: Item, owner: Owner, q: str | None = None): ...

    @app.post("/embedded")
    def take_embedded(owner: Annotated[Owner, Body(embed=True)]): ...

    @app.post("/embedded-optional")
    def take_embedded_optional(owner: Annotated[Owner | None, Body(embed=True)] = None): ...

    @app.post("/mixed")
    def take_mixed(
        owner: Owner,
        importance: Annotated[int, Body(gt=0, alias="imp-ortance", description="Higher first.")],
        pet: Annotated[Cat | Dog, Body(discriminator="kind")],
        note: Annotated[str | None, Body(deprecated=True, examples=["short"])] = None,
    ): ...

    @app.post("/all-optional")
    def take_all_optional(a: Annotated[int, Body()] = 1, b: Annotated[list[str], Body()] = ["x"]): ...  # noqa: B006

    @app.post("/with-dependency", dependencies=[Depends(audited)])
    def take_with_dependency(owner: Owner): ...

    @app.post("/only-dependency", dependencies=[Depends(audited)])
    def take_only_dependency(): ...

    @app.post("/twice")
    def take_twice(reason: Annotated[str, Body()], audit: str = Depends(audited)): ...

    assert_document(app, "bodies_composed")


# --- forms and files, whole documents


def test_form_fields_are_documented():
    """18.2.4: form fields are properties of a component, urlencoded unless told otherwise."""
    app = FastAPI()

    @app.post("/form")
    def take_form(name: Annotated[str, Form(min_length=2)], age: Annotated[int | None, Form()] = None): ...

    @app.post("/one-form-field")
    def take_one_form_field(name: Annotated[str, Form()]): ...

    @app.post("/optional-form")
    def take_optional_form(
        names: Annotated[list[str], Form()] = [],  # noqa: B006
        sure: Annotated[bool, Form()] = False,
    ): ...

    @app.post("/json-in-form")
    def take_json(value: Annotated[Json[list[int]], Form()]): ...

    @app.post("/multipart-form")
    def take_multipart(name: Annotated[str, Form(media_type="multipart/form-data")]): ...

    @app.post("/form-and-body")
    def take_both(name: Annotated[str, Form()], owner: Annotated[Owner, Body()]): ...

    assert_document(app, "bodies_form_fields")


def test_file_fields_are_documented():
    """18.2.4: as soon as there is a file the body is multipart."""
    app = FastAPI()

    @app.post("/file")
    def take_file(upload: UploadFile): ...

    @app.post("/file-bytes")
    def take_file_bytes(data: Annotated[bytes, File(description="Raw bytes.")]): ...

    @app.post("/optional-file")
    def take_optional_file(upload: UploadFile | None = None): ...

    @app.post("/files")
    def take_files(uploads: list[UploadFile], parts: Annotated[list[bytes], File()]): ...

    @app.post("/form-and-file")
    def take_form_and_file(token: Annotated[str, Form()], upload: UploadFile): ...

    assert_document(app, "bodies_files")


class Login(BaseModel):
    username: str
    password: SecretStr
    remember: bool = False


class Address(BaseModel):
    street: str
    town: str = "here"


def test_form_models_are_documented():
    """18.2.4: a form model alone is the body's schema; with others there are `allOf` and plain properties."""
    app = FastAPI()

    class Avatar(BaseModel):
        model_config = ConfigDict(extra="forbid")
        title: str
        picture: UploadFile
        thumbnails: list[bytes] = []

    @app.post("/alone")
    def alone(login: Annotated[Login, Form()]): ...

    @app.post("/with-field")
    def with_field(login: Annotated[Login, Form()], code: Annotated[int, Form()] = 0): ...

    @app.post("/two")
    def two(login: Annotated[Login, Form()], address: Annotated[Address, Form()]): ...

    @app.post("/with-file")
    def with_file(login: Annotated[Login, Form()], upload: UploadFile): ...

    @app.post("/file-model")
    def file_model(avatar: Annotated[Avatar, File()]): ...

    @app.post("/file-model-as-multipart-form")
    def file_model_as_form(avatar: Annotated[Avatar, Form(media_type="multipart/form-data")]): ...

    @app.post("/default-instance")
    def default_instance(address: Annotated[Address, Form()] = Address(street="x")): ...

    @app.post("/embedded-dependency")
    def dependency(address: Annotated[Address, Form()], login: Any = Depends(alone)): ...

    assert_document(app, "bodies_form_models")


def test_optional_form_groups_are_documented():
    """18.2.5: an optional group is either its model or none of its names."""
    app = FastAPI()

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")
        code: int

    class Loose(BaseModel):
        model_config = ConfigDict(extra="allow")
        nick: str

    @app.post("/alone")
    def alone(login: Annotated[Login | None, Form()] = None): ...

    @app.post("/with-field")
    def with_field(login: Annotated[Login | None, Form()] = None, code: Annotated[int, Form()] = 0): ...

    @app.post("/with-model")
    def with_model(address: Annotated[Address, Form()], login: Annotated[Login | None, Form()] = None): ...

    @app.post("/two-groups")
    def two(
        address: Annotated[Address | None, Form()] = None, login: Annotated[Login | None, Form()] = None
    ): ...

    @app.post("/strict")
    def strict(group: Annotated[Strict | None, Form()] = None, code: Annotated[str, Form()] = ""): ...

    @app.post("/strict-alone")
    def strict_alone(group: Annotated[Strict | None, Form()] = None): ...

    @app.post("/loose")
    def loose(group: Annotated[Loose | None, Form()] = None, upload: UploadFile | None = None): ...

    @app.post("/required-group")
    def required(login: Annotated[Login | None, Form()], code: Annotated[int, Form()] = 0): ...

    assert_document(app, "bodies_form_groups")


def test_form_unions_are_documented():
    """18.2.5: unions of form models, tagged or not, alone, optional and beside others."""
    app = FastAPI()

    @app.post("/union")
    def union(given: Annotated[Login | Address, Form()]): ...

    @app.post("/tagged")
    def tagged(pet: Annotated[Cat | Dog, Form(discriminator="kind")]): ...

    @app.post("/optional")
    def optional(given: Annotated[Login | Address | None, Form()] = None): ...

    @app.post("/beside")
    def beside(pet: Annotated[Cat | Dog, Form(discriminator="kind")], code: Annotated[int, Form()]): ...

    @app.post("/two")
    def two(
        pet: Annotated[Cat | Dog, Form(discriminator="kind")], given: Annotated[Login | Address, Form()]
    ): ...

    @app.post("/optional-beside")
    def optional_beside(
        address: Annotated[Address, Form()],
        pet: Annotated[Cat | Dog | None, Form(discriminator="kind")] = None,
        upload: UploadFile | None = None,
    ): ...

    assert_document(app, "bodies_form_unions")


def test_alias_choices_in_bodies_are_documented():
    """18.2.5: alias choices are encoded with `anyOf` of `required`."""
    app = FastAPI()

    class Renamed(BaseModel):
        user: str = Field(validation_alias=AliasChoices("user", "username"))
        size: int = Field(1, validation_alias=AliasChoices("size", "length"))

    @app.post("/form-field")
    def form_field(name: Annotated[str, Form(validation_alias=AliasChoices("name", "nick"))]): ...

    @app.post("/form-fields")
    def form_fields(
        name: Annotated[str, Form(validation_alias=AliasChoices("name", "nick"))],
        age: Annotated[int, Form(validation_alias=AliasChoices("age", "years"))] = 1,
        code: Annotated[int, Form()] = 0,
    ): ...

    @app.post("/form-model")
    def form_model(value: Annotated[Renamed, Form()]): ...

    @app.post("/form-model-beside")
    def form_model_beside(value: Annotated[Renamed, Form()], code: Annotated[int, Form()] = 0): ...

    @app.post("/optional-form-model")
    def optional_form_model(value: Annotated[Renamed | None, Form()] = None): ...

    @app.post("/json-model")
    def json_model(value: Renamed): ...

    @app.post("/json-field")
    def json_field(name: Annotated[str, Body(embed=True, validation_alias=AliasChoices("name", "nick"))]): ...

    assert_document(app, "bodies_alias_choices")


# --- request body rules


@pytest.mark.parametrize(
    ("method", "documented"),
    [
        ("get", True),
        ("head", True),
        ("post", True),
        ("put", True),
        ("delete", True),
        ("patch", True),
        ("options", False),
        ("trace", False),
    ],
)
def test_body_is_documented_for_methods_with_body(method, documented):
    """18.2.3: GET and HEAD document a body, OPTIONS and TRACE do not."""

    def endpoint(owner: Owner): ...

    body = body_of(endpoint, method)
    if documented:
        assert body == {
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Owner"}}},
            "required": True,
        }
    else:
        assert body is None


@pytest.mark.parametrize(("default", "required"), [(..., True), (None, False), (Owner(name="x"), False)])
def test_body_is_required_when_it_has_no_default(default, required):
    """18.2.3: `required: true` is written only for a required body."""

    def endpoint(owner: Owner | None = default): ...

    if default is ...:
        endpoint.__defaults__ = None
    assert body_of(endpoint).get("required", False) is required


def test_hidden_body_is_documented_all_the_same():
    """18.2.3: include_in_schema=False of a Body is stored, the body is still documented."""

    def endpoint(owner: Annotated[Owner, Body(include_in_schema=False)]): ...

    assert body_of(endpoint)["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Owner"
    }


@pytest.mark.parametrize(
    ("marker", "media_type"),
    [
        (Body(), "application/json"),
        (Body(media_type="application/vnd.api+json"), "application/vnd.api+json"),
        (Form(), "application/x-www-form-urlencoded"),
        (Form(media_type="text/x-form"), "text/x-form"),
        (File(), "multipart/form-data"),
    ],
)
def test_media_type_is_that_of_the_marker(marker, media_type):
    """18.2.3: the body's media type is the marker's."""

    def endpoint(data): ...

    endpoint.__annotations__["data"] = Annotated[bytes, marker]
    assert list(body_of(endpoint)["content"]) == [media_type]


@pytest.mark.parametrize(
    ("first", "second", "media_type"),
    [
        (Body(media_type="application/a"), Body(media_type="application/a"), "application/a"),
        (Body(media_type="application/a"), Body(media_type="application/b"), "application/json"),
        (Form(), Form(), "application/x-www-form-urlencoded"),
        (Form(), Form(media_type="multipart/form-data"), "multipart/form-data"),
        (Form(), File(), "multipart/form-data"),
        (Body(), File(), "multipart/form-data"),
        (Body(), Form(), "application/x-www-form-urlencoded"),
    ],
)
def test_media_type_of_several_fields_is_the_common_one(first, second, media_type):
    """18.2.3: files or a multipart form make it multipart, else the common media type."""

    def endpoint(one, two): ...

    endpoint.__annotations__.update({"one": Annotated[bytes, first], "two": Annotated[bytes, second]})
    assert list(body_of(endpoint)["content"]) == [media_type]


def test_body_component_is_named_after_the_unique_id():
    """18.2.3: `Body_<unique id>`, with the operation id when one is given."""

    def endpoint(a: Annotated[int, Body()], b: Annotated[int, Body()]): ...

    names = [name for name in document_of(endpoint)["components"]["schemas"] if name.startswith("Body")]
    assert names == ["Body_endpoint_x_post"]
    named = document_of(endpoint, operation_id="own")["components"]["schemas"]
    assert [name for name in named if name.startswith("Body")] == ["Body_own"]
    assert named["Body_own"] == {
        "properties": {
            "a": {"type": "integer", "title": "A"},
            "b": {"type": "integer", "title": "B"},
        },
        "type": "object",
        "required": ["a", "b"],
        "title": "Body_own",
    }


@pytest.mark.filterwarnings("ignore:.*example.*:UserWarning")
def test_body_examples_have_three_places():
    """18.6: `examples` in the schema, `openapi_examples` and deprecated `example` on the media type."""
    app = FastAPI()

    @app.post("/schema")
    def in_schema(owner: Annotated[Owner, Body(examples=[{"name": "one"}])]): ...

    @app.post("/openapi")
    def in_media(
        owner: Annotated[Owner, Body(openapi_examples={"two": {"summary": "Two", "value": {"name": "two"}}})],
    ): ...

    @app.post("/deprecated")
    def deprecated(owner: Annotated[Owner, Body(example={"name": "three"})]): ...

    media = {
        path: plain(item["post"]["requestBody"]["content"]["application/json"])
        for path, item in app.openapi()["paths"].items()
    }
    assert media["/schema"]["schema"]["examples"] == [{"name": "one"}]
    assert "examples" not in media["/schema"]
    assert media["/openapi"]["examples"] == {"two": {"summary": "Two", "value": {"name": "two"}}}
    assert media["/deprecated"]["example"] == {"name": "three"}


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
    """18.2.6: ValidationError and HTTPValidationError describe the 422."""

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


def test_body_of_a_router_is_documented_for_each_inclusion():
    """18.2.3: composed bodies of a router included twice are two components."""
    app, router = FastAPI(), APIRouter()

    @router.post("/x")
    def endpoint(a: Annotated[int, Body()], b: Annotated[int, Body()]): ...

    app.include_router(router, prefix="/one")
    app.include_router(router, prefix="/two")
    names = {name for name in app.openapi()["components"]["schemas"] if name.startswith("Body")}
    assert names == {"Body_endpoint_one_x_post", "Body_endpoint_two_x_post"}


def test_request_parameter_documents_no_body():
    """18.2.3: an endpoint that reads the request itself documents nothing."""

    def endpoint(request: Request): ...

    assert body_of(endpoint) is None
    assert "components" not in document_of(endpoint)


def test_oauth2_form_is_documented():
    """17: the password form's fields, password and client secret with format "password"."""
    app = FastAPI()
    security = load("security")

    @app.post("/token")
    def token(form: Annotated[Any, Depends(security.OAuth2PasswordRequestForm)]): ...

    @app.post("/strict")
    def strict(form: Annotated[Any, Depends(security.OAuth2PasswordRequestFormStrict)]): ...

    assert_document(app, "bodies_oauth2_forms")


def test_document_serves_as_json():
    """18.1: the served document is the JSON of app.openapi()."""
    app = FastAPI()

    @app.post("/{n}")
    def endpoint(n: Annotated[int, Path()], item: Item, q: Annotated[list[int], Query()] = []) -> Item: ...  # noqa: B006

    answer = TestClient(app).get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == plain(app.openapi())
