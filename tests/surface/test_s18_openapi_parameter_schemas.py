"""Section 18.2: how a single parameter is described."""

import datetime as dt
import decimal
import enum
import ipaddress
import uuid
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal, NewType

import pytest
from document_files import plain
from pydantic import AnyUrl, BaseModel, EmailStr, Field, Json, SecretStr, conint
from surface_target import (
    Body,
    Cookie,
    Depends,
    FastAPI,
    Header,
    Query,
    Request,
    TestClient,
)
from typing_extensions import TypeAliasType


class Colour(enum.Enum):
    """The colours on sale."""

    red = "red"
    green = "green"


class Level(enum.IntEnum):
    low = 1
    high = 2


def parameters(endpoint, path="/p"):
    """Return what the operation of `endpoint` says about its parameters."""
    app = FastAPI()
    app.get(path)(endpoint)
    return plain(app.openapi()["paths"][path]["get"].get("parameters"))


def schema_of(annotation, default=..., marker=Query):
    """Return the schema of one parameter called `p`."""

    def endpoint(p=None): ...

    endpoint.__annotations__["p"] = Annotated[annotation, marker()]
    endpoint.__defaults__ = None if default is ... else (default,)
    (parameter,) = parameters(endpoint)
    assert parameter["required"] is (default is ...)
    return parameter["schema"]


# --- single schemas

Meters = NewType("Meters", float)
Alias = TypeAliasType("Alias", Annotated[int, Field(gt=3)])


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (bytes, {"type": "string", "contentMediaType": "application/octet-stream"}),
        (Any, {}),
        (object, {}),
        (dt.datetime, {"type": "string", "format": "date-time"}),
        (dt.date, {"type": "string", "format": "date"}),
        (dt.time, {"type": "string", "format": "time"}),
        (dt.timedelta, {"type": "string", "format": "duration"}),
        (uuid.UUID, {"type": "string", "format": "uuid"}),
        (FilePath, {"type": "string", "format": "path"}),
        (AnyUrl, {"type": "string", "format": "uri", "minLength": 1}),
        (EmailStr, {"type": "string", "format": "email"}),
        (SecretStr, {"type": "string", "format": "password", "writeOnly": True}),
        (ipaddress.IPv4Address, {"type": "string", "format": "ipv4"}),
        (Meters, {"type": "number"}),
        (conint(gt=1), {"type": "integer", "exclusiveMinimum": 1}),
        (Annotated[str, Field(max_length=3)], {"type": "string", "maxLength": 3}),
        (Literal["a"], {"const": "a", "type": "string"}),
        (Literal["a", "b"], {"enum": ["a", "b"], "type": "string"}),
        (Literal[1, "a"], {"enum": [1, "a"]}),
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        (frozenset[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (list[int] | None, {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}),
        (
            Json[list[str]],
            {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {"type": "array", "items": {"type": "string"}},
            },
        ),
    ],
)
def test_parameter_schema_follows_its_type(annotation, schema):
    """18.2.1: the schema is Pydantic's validation schema with a title made from the name."""
    assert schema_of(annotation) == {**schema, "title": "P"}


def test_decimal_parameter_accepts_number_and_text():
    """18.2.1: a Decimal parameter is a number or a text of a number."""
    schema = schema_of(decimal.Decimal)
    assert [choice["type"] for choice in schema["anyOf"]] == ["number", "string"]
    assert schema["title"] == "P"


@pytest.mark.parametrize(
    ("annotation", "reference"), [(Colour, "Colour"), (Level, "Level"), (Alias, "Alias")]
)
def test_parameter_of_a_named_type_is_a_reference_without_title(annotation, reference):
    """18.2.1: a schema that is a reference carries no title."""
    assert schema_of(annotation) == {"$ref": f"#/components/schemas/{reference}"}


@pytest.mark.parametrize(
    ("annotation", "default", "documented"),
    [
        (int, 3, 3),
        (str, "x", "x"),
        (bool, False, False),
        (Colour, Colour.green, "green"),
        (Level, Level.high, 2),
        (dt.date, dt.date(2020, 1, 2), "2020-01-02"),
        (dt.timedelta, dt.timedelta(hours=1), "PT1H"),
        (uuid.UUID, uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (list[int], [1, 2], [1, 2]),
        (decimal.Decimal, decimal.Decimal("1.5"), "1.5"),
        (int, "not an int", "not an int"),
    ],
)
def test_default_is_documented_as_json(annotation, default, documented):
    """18.2.1: a default is written in its JSON form, unchecked."""
    assert schema_of(annotation, default)["default"] == documented


@pytest.mark.parametrize("annotation", [int | None, str, list[int] | None])
def test_default_of_none_is_not_documented(annotation):
    """18.1: None members are dropped, so `default: null` never appears."""
    assert "default" not in schema_of(annotation, None)


def test_default_factory_is_not_documented():
    """18.2.1: a parameter with a factory is optional without a documented default."""

    def endpoint(p: Annotated[int, Query(default_factory=lambda: 3)]): ...

    assert parameters(endpoint) == [
        {"name": "p", "in": "query", "required": False, "schema": {"type": "integer", "title": "P"}}
    ]


@pytest.mark.parametrize(
    ("name", "marker", "public", "title"),
    [
        ("item_id", Query(), "item_id", "Item Id"),
        ("ITEM", Query(), "ITEM", "Item"),
        ("itemId", Query(), "itemId", "Itemid"),
        ("item_id", Query(alias="theItem"), "theItem", "Theitem"),
        ("item_id", Query(alias="the-item"), "the-item", "The-Item"),
        ("item_id", Query(alias="the_item"), "the_item", "The Item"),
        ("item_id", Query(validation_alias="in_name", serialization_alias="out_name"), "in_name", "In Name"),
        ("x_token", Header(), "x-token", "X-Token"),
        ("x_token", Header(convert_underscores=False), "x_token", "X Token"),
        ("x_token", Header(alias="Own-Name"), "Own-Name", "Own-Name"),
        ("x_token", Cookie(), "x_token", "X Token"),
        ("x_token", Query(title="Given title"), "x_token", "Given title"),
        ("_private", Query(), "_private", " Private"),
        ("page2size", Query(), "page2size", "Page2Size"),
    ],
)
def test_title_is_made_from_the_public_name(name, marker, public, title):
    """18.2.1: title = alias with underscores as spaces, title-cased, unless given."""
    namespace = {"int": int, "Annotated": Annotated, "marker": marker}
    exec(f"def endpoint({name}: Annotated[int, marker]): ...", namespace)
    (parameter,) = parameters(namespace["endpoint"])
    assert parameter["name"] == public
    assert parameter["schema"] == {"type": "integer", "title": title}


def test_locations_are_listed_in_order():
    """18.2.1: path, query, header, cookie, each in order of declaration."""

    def endpoint(
        c: Annotated[str, Cookie()], h: Annotated[str, Header()], b: int, a: int, z: int, y: int
    ): ...

    found = parameters(endpoint, "/{y}/{z}")
    assert [(item["in"], item["name"]) for item in found] == [
        ("path", "z"),
        ("path", "y"),
        ("query", "b"),
        ("query", "a"),
        ("header", "h"),
        ("cookie", "c"),
    ]


def test_operation_without_parameters_has_no_such_member():
    """18.2.1: no parameters, no `parameters`."""

    def endpoint(request: Request): ...

    assert parameters(endpoint) is None


@pytest.mark.parametrize(
    ("path", "documented"),
    [
        ("/{n:int}", "/{n}"),
        ("/{n:path}", "/{n}"),
        ("/{n:uuid}", "/{n}"),
        ("/a{n}b", "/a{n}b"),
        ("/{n:float}/x", "/{n}/x"),
    ],
)
def test_convertors_leave_no_trace(path, documented):
    """18.2.2: paths are written without convertors, which do not influence the schema."""
    app = FastAPI()

    @app.get(path)
    def endpoint(n: str): ...

    assert list(app.openapi()["paths"]) == [documented]
    assert app.openapi()["paths"][documented]["get"]["parameters"] == [
        {"name": "n", "in": "path", "required": True, "schema": {"type": "string", "title": "N"}}
    ]


def test_hidden_parameters_are_skipped_in_models_too():
    """18.2.1: include_in_schema=False hides a single parameter; a hidden one still works."""
    app = FastAPI()

    @app.get("/")
    def endpoint(seen: int = 1, unseen: Annotated[int, Query(include_in_schema=False)] = 2):
        return seen + unseen

    assert [item["name"] for item in app.openapi()["paths"]["/"]["get"]["parameters"]] == ["seen"]
    assert TestClient(app).get("/?unseen=5").json() == 6


def test_operation_with_only_hidden_parameters_still_documents_422():
    """18.2.7: the automatic 422 follows from parameters, hidden ones decide as well."""
    app = FastAPI()

    @app.get("/")
    def endpoint(unseen: Annotated[int, Query(include_in_schema=False)] = 2): ...

    operation = app.openapi()["paths"]["/"]["get"]
    assert "parameters" not in operation
    assert set(operation["responses"]) == {"200", "422"}


def test_unannotated_parameter_has_only_a_title():
    """18.2.1: without annotation nothing is said about the type."""

    def endpoint(a, b=None, c=1): ...

    assert parameters(endpoint) == [
        {"name": "a", "in": "query", "required": True, "schema": {"title": "A"}},
        {"name": "b", "in": "query", "required": False, "schema": {"title": "B"}},
        {"name": "c", "in": "query", "required": False, "schema": {"title": "C", "default": 1}},
    ]


def _optional_two(a: int = 2): ...


def _optional_three(a: int = 3): ...


def _required_text(a: str): ...


def _required_number(a: float): ...


OPTIONAL_THREE = (False, {"type": "integer", "default": 3, "title": "A"})
REQUIRED_TEXT = (True, {"type": "string", "title": "A"})
REQUIRED_NUMBER = (True, {"type": "number", "title": "A"})


@pytest.mark.parametrize(
    ("dependencies", "expected"),
    [
        ([_optional_two, _optional_three], OPTIONAL_THREE),
        ([_optional_three, _required_text], REQUIRED_TEXT),
        ([_required_text, _optional_three], REQUIRED_TEXT),
        ([_required_text, _required_number], REQUIRED_NUMBER),
        ([_required_number, _required_text, _optional_two], REQUIRED_TEXT),
    ],
)
def test_duplicate_parameters_are_merged(dependencies, expected):
    """18.2.1: one entry for each location and name: the last required one, else the last one."""
    app = FastAPI()

    @app.get("/", dependencies=[Depends(dependency) for dependency in dependencies])
    def endpoint(a: int = 1): ...

    (parameter,) = app.openapi()["paths"]["/"]["get"]["parameters"]
    assert (parameter["required"], parameter["schema"]) == expected


def test_own_parameters_come_before_those_of_dependencies():
    """18.2.1: within a location the endpoint's parameters lead, then each dependency and what it needs."""
    app = FastAPI()

    def deepest(e: int = 1): ...

    def deeper(d: int = 1, _: None = Depends(deepest)): ...

    def listed(b: int = 1, _: None = Depends(deeper), c: int = 1): ...

    def signature(f: int = 1): ...

    @app.get("/", dependencies=[Depends(listed)])
    def endpoint(_: None = Depends(signature), a: int = 1): ...

    names = [item["name"] for item in app.openapi()["paths"]["/"]["get"]["parameters"]]
    assert names == ["a", "b", "c", "d", "e", "f"]


def test_header_names_are_merged_by_exact_spelling():
    """18.2.1: two spellings of one header are two documented parameters."""

    def endpoint(a: Annotated[str, Header(alias="X-A")], b: Annotated[str, Header(alias="x-a")]): ...

    assert [item["name"] for item in parameters(endpoint)] == ["X-A", "x-a"]


def test_metadata_of_model_fields_is_documented():
    """18.2.1: titles, descriptions, aliases and extras of a model's fields are those of the parameters."""

    class Filter(BaseModel):
        first: int = Field(1, title="Own title", json_schema_extra={"x-unit": "m"})
        second: Annotated[str, Query(description="By marker.")] = "x"
        third: str = Field("x", validation_alias="read-as")
        fourth: Colour = Colour.red

    def endpoint(given: Annotated[Filter, Query()]): ...

    assert parameters(endpoint) == [
        {
            "name": "first",
            "in": "query",
            "required": False,
            "schema": {"type": "integer", "title": "Own title", "x-unit": "m", "default": 1},
        },
        {
            "name": "second",
            "in": "query",
            "required": False,
            "schema": {"type": "string", "description": "By marker.", "default": "x", "title": "Second"},
            "description": "By marker.",
        },
        {
            "name": "read-as",
            "in": "query",
            "required": False,
            "schema": {"type": "string", "default": "x", "title": "Read-As"},
        },
        {
            "name": "fourth",
            "in": "query",
            "required": False,
            "schema": {"$ref": "#/components/schemas/Colour", "default": "red"},
        },
    ]


@pytest.mark.filterwarnings("ignore:.*example.*:UserWarning")
def test_examples_have_three_places():
    """18.6: `examples` is in the schema; `openapi_examples` and the deprecated `example` on the parameter."""

    def endpoint(
        a: Annotated[str, Query(examples=["one"])],
        b: Annotated[str, Query(openapi_examples={"two": {"value": "2"}})],
        c: Annotated[str, Query(example="three")],
        d: Annotated[str, Query(openapi_examples={"four": {"value": "4"}}, example="unused")],
    ): ...

    found = {item.pop("name"): item for item in parameters(endpoint)}
    assert found["a"]["schema"]["examples"] == ["one"]
    assert found["b"]["examples"] == {"two": {"value": "2"}}
    assert found["c"]["example"] == "three"
    assert found["d"]["examples"] == {"four": {"value": "4"}}
    assert "example" not in found["d"]
    assert all("examples" not in found[name]["schema"] for name in "bcd")


@pytest.mark.parametrize("deprecated", [True, "Use other instead."])
def test_deprecated_parameter_is_marked(deprecated):
    """18.2.1: a deprecated parameter says so."""

    def endpoint(p: Annotated[int, Query(deprecated=deprecated)] = 1): ...

    (parameter,) = parameters(endpoint)
    assert parameter["deprecated"] is True


def test_not_deprecated_parameter_is_not_marked():
    """18.2.1: deprecated=False leaves no mark."""

    def endpoint(p: Annotated[int, Query(deprecated=False)] = 1): ...

    (parameter,) = parameters(endpoint)
    assert "deprecated" not in parameter


def test_description_is_on_the_parameter_and_in_the_schema():
    """18.2.1: a parameter's description is a member of the parameter."""

    def endpoint(p: Annotated[int, Query(description="What it is.")] = 1): ...

    (parameter,) = parameters(endpoint)
    assert parameter["description"] == "What it is."


def test_json_schema_extra_may_be_a_function():
    """18.2.1: a callable json_schema_extra changes the schema in place."""

    def extend(schema):
        schema["x-seen"] = schema["type"]

    def endpoint(p: Annotated[int, Query(json_schema_extra=extend)] = 1): ...

    (parameter,) = parameters(endpoint)
    assert parameter["schema"] == {"type": "integer", "title": "P", "default": 1, "x-seen": "integer"}


def test_parameters_of_get_and_post_are_alike():
    """18.2.1: the method does not change what a parameter is."""
    app = FastAPI()

    def endpoint(a: int, b: Annotated[list[str], Query()], c: Annotated[dict[str, int], Body()]): ...

    app.get("/")(endpoint)
    app.post("/")(endpoint)
    operations = app.openapi()["paths"]["/"]
    assert operations["get"]["parameters"] == operations["post"]["parameters"]
    assert [item["name"] for item in operations["post"]["parameters"]] == ["a", "b"]


def test_same_model_may_be_read_in_two_locations():
    """18.2.1: a model used under two markers is documented in both, each with its own naming."""
    app = FastAPI()

    class Trace(BaseModel):
        trace_id: str

    @app.get("/")
    def endpoint(
        q: Annotated[Trace, Query()], h: Annotated[Trace, Header()], c: Annotated[Trace, Cookie()]
    ): ...

    found = app.openapi()["paths"]["/"]["get"]["parameters"]
    assert [(item["in"], item["name"], item["schema"]["title"]) for item in found] == [
        ("query", "trace_id", "Trace Id"),
        ("header", "trace-id", "Trace Id"),
        ("cookie", "trace_id", "Trace Id"),
    ]
