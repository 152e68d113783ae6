"""Section 18.2: request bodies in the OpenAPI document."""

import dataclasses
from typing import Annotated, Any

import pytest
from described import (
    Cat,
    Dog,
    Item,
    Owner,
    body_of,
    document_of,
)
from document_files import assert_document, plain
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    SecretStr,
)
from surface_target import (
    APIRouter,
    Body,
    Depends,
    FastAPI,
    File,
    Form,
    Request,
    UploadFile,
    load,
)
from typing_extensions import TypedDict

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


@pytest.mark.parametrize(
    ("names", "title"),
    [
        ({"alias": "the_alias"}, "The Alias"),
        ({"validation_alias": "for_input"}, "For Input"),
        ({"alias": "the_alias", "validation_alias": "for_input"}, "For Input"),
        ({"title": "Mine", "alias": "the_alias"}, "Mine"),
    ],
)
def test_title_of_a_single_body_is_that_of_its_name(names, title):
    """18.2.3: the name for input makes the title, though it is not sent."""
    app = FastAPI()

    @app.post("/")
    def take(amount: Annotated[int, Body(**names)]):
        """Take a number."""

    content = app.openapi()["paths"]["/"]["post"]["requestBody"]["content"]
    assert content == {"application/json": {"schema": {"type": "integer", "title": title}}}
