"""Sections 8.1 to 8.4 of the surface document: the response model, filtering, and what values look like."""

import dataclasses
import datetime as dt
import decimal
import enum
import re
import threading
import uuid
from collections.abc import Iterable
from typing import Any

import anyio
import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field, field_validator
from raw_asgi import Exchange, http_scope
from surface_target import (
    APIRouter,
    FastAPI,
    FastAPIError,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    Response,
    ResponseValidationError,
    StreamingResponse,
    TestClient,
    served_document,
)


class Public(BaseModel):
    """What may be seen."""

    a: int
    b: str = "b"


class Private(Public):
    """What holds more."""

    secret: str = "s"


class Unrelated:
    """An object with matching attributes."""

    def __init__(self):
        self.a = 5
        self.b = "o"
        self.secret = "s"


class Nested(BaseModel):
    """Public things at every level."""

    one: Public
    many: list[Public] = []
    named: dict[str, Public] = {}


@dataclasses.dataclass
class Record:
    """A dataclass."""

    a: int
    b: int = 9


@dataclasses.dataclass
class PrivateRecord(Record):
    """A dataclass that holds more."""

    secret: int = 1


def case_name(value):
    """Name a value by its text without addresses: processes that share the tests have to agree on names."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))


def client_for(endpoint, **options):
    """Register `endpoint` for GET and return a client."""
    app = FastAPI()
    app.get("/x", **options)(endpoint)
    return TestClient(app, raise_server_exceptions=False)


def returning(value, *annotation, **options):
    """Return the response of an endpoint that returns `value`, with the given return annotation."""

    def endpoint():
        return value

    if annotation:
        endpoint.__annotations__["return"] = annotation[0]
    return client_for(endpoint, **options).get("/x")


# 8.1 choosing the model


@pytest.mark.parametrize(
    ("annotation", "options", "model"),
    [
        (Public, {}, Public),
        (Public, {"response_model": Private}, Private),
        (Public, {"response_model": None}, None),
        (list[Public], {}, list[Public]),
        (int | None, {}, int | None),
        (Any, {}, Any),
        (Iterable[int], {}, Iterable[int]),
        (Response, {}, None),
        (JSONResponse, {}, None),
        (StreamingResponse, {}, None),
        (Response, {"response_model": Public}, Public),
        (None, {}, None),
        (Response | dict, {"response_model": None}, None),
    ],
    ids=case_name,
)
def test_response_model_is_chosen(annotation, options, model):
    """8.1.1 and 8.1.2: response_model wins over the annotation; responses and None give no model."""

    def endpoint():
        return None

    endpoint.__annotations__["return"] = annotation
    app = FastAPI()
    app.get("/x", **options)(endpoint)
    assert app.routes[-1].response_model == model


def test_missing_annotation_gives_no_model():
    """8.1.2: nothing declared, nothing checked."""
    assert returning({"anything": [1]}).json() == {"anything": [1]}


def test_forward_references_are_resolved():
    """8.1.2: textual annotations work."""

    def endpoint() -> "Public":
        return Private(a=1)

    assert client_for(endpoint).get("/x").json() == {"a": 1, "b": "b"}


@pytest.mark.parametrize("annotation", [Response | dict, JSONResponse | None, list[Response]], ids=case_name)
def test_union_with_a_response_is_refused(annotation):
    """8.1.3: a union with a Response class is not a field; the error names response_model=None."""

    def endpoint():
        return None

    endpoint.__annotations__["return"] = annotation
    with pytest.raises(FastAPIError, match="response_model=None"):
        client_for(endpoint)
    assert client_for(endpoint, response_model=None).get("/x").json() is None


def test_iterable_annotation_of_a_plain_function_is_a_list():
    """8.1.3: without `yield`, `Iterable[int]` is an ordinary model."""
    assert returning(["1", 2], Iterable[int]).json() == [1, 2]


def test_model_is_documented_unless_off():
    """8.1.1: the model is the schema of the main response."""

    def schema(**options):
        def endpoint() -> Public:
            return None

        app = client_for(endpoint, **options).app
        operation = served_document(app)["paths"]["/x"]["get"]
        return operation["responses"]["200"]["content"]["application/json"]["schema"]

    assert schema() == {"$ref": "#/components/schemas/Public"}
    assert schema(response_model=None) == {}
    assert schema(response_model=list[int]) == {
        "type": "array",
        "items": {"type": "integer"},
        "title": "Response Endpoint X Get",
    }


# 8.2 returning


def test_responses_are_sent_as_they_are():
    """8.2.1: neither validated nor filtered, whatever the model."""
    response = returning(PlainTextResponse("as it is", 203, {"x-y": "z"}), Public)
    assert (response.status_code, response.text, response.headers["x-y"]) == (203, "as it is", "z")


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (Public, Private(a=1), {"a": 1, "b": "b"}),
        (Public, {"a": "1", "secret": "s"}, {"a": 1, "b": "b"}),
        (Public, Unrelated(), {"a": 5, "b": "o"}),
        (
            list[Public],
            [Private(a=1), {"a": 2}, Unrelated()],
            [{"a": 1, "b": "b"}, {"a": 2, "b": "b"}, {"a": 5, "b": "o"}],
        ),
        (dict[str, Public], {"k": Private(a=1)}, {"k": {"a": 1, "b": "b"}}),
        (
            Nested,
            Nested(one=Private(a=1), many=[Private(a=2)], named={"k": Private(a=3)}),
            {"one": {"a": 1, "b": "b"}, "many": [{"a": 2, "b": "b"}], "named": {"k": {"a": 3, "b": "b"}}},
        ),
        (Public | None, None, None),
        (Public | int, Private(a=1), {"a": 1, "b": "b"}),
        (tuple[Public, int], (Private(a=1), 2), [{"a": 1, "b": "b"}, 2]),
        (Record, PrivateRecord(a=1), {"a": 1, "b": 9}),
        (Record, {"a": 1, "secret": 2}, {"a": 1, "b": 9}),
        (RootModel[list[int]], [1, "2"], [1, 2]),
        (list[int], (n for n in range(2)), [0, 1]),
    ],
    ids=case_name,
)
def test_results_are_filtered_to_the_declared_type(annotation, value, expected):
    """8.2.3: only declared fields are sent, at every level, from models, dicts, objects and dataclasses."""
    assert returning(value, annotation).json() == expected


@pytest.mark.parametrize(
    ("annotation", "value", "expected"),
    [
        (int, "3", 3),
        (float, 1, 1.0),
        (set[int], [1, 1], [1]),
        (dict[str, int], {"a": "1"}, {"a": 1}),
        (bool, "yes", True),
    ],
    ids=case_name,
)
def test_results_are_coerced(annotation, value, expected):
    """8.2.3: results are converted like inputs."""
    assert returning(value, annotation).json() == expected


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(int, "x"), (int, None), (str, 3), (Public, {"b": "b"}), (list[Public], Private(a=1))],
    ids=case_name,
)
def test_wrong_results_are_a_server_error(annotation, value):
    """8.2.4: a result that does not fit is a ResponseValidationError."""
    assert returning(value, annotation).status_code == 500

    def endpoint():
        return value

    with pytest.raises(ResponseValidationError):
        TestClient(client_for(endpoint, response_model=annotation).app).get("/x")


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ((Any,), {"a": 1, "b": "b", "secret": "s"}),
        ((), {"a": 1, "b": "b", "secret": "s"}),
        ((None,), {"a": 1, "b": "b", "secret": "s"}),
        ((Response,), {"a": 1, "b": "b", "secret": "s"}),
    ],
)
def test_everything_is_sent_without_a_concrete_model(annotation, expected):
    """8.2.2 and 8.2.3: `Any`, no annotation, None and Response keep all fields."""
    assert returning(Private(a=1), *annotation).json() == expected


def test_without_model_the_encoder_is_used():
    """8.2.2: any nesting of plain values, models, dataclasses and objects is encoded."""
    value = {
        1: 2,
        "s": {1},
        "t": (1, None),
        "b": b"x",
        "m": [Private(a=1)],
        "d": PrivateRecord(a=1),
        "o": Unrelated(),
    }
    assert returning(value).json() == {
        "1": 2,
        "s": [1],
        "t": [1, None],
        "b": "x",
        "m": [{"a": 1, "b": "b", "secret": "s"}],
        "d": {"a": 1, "b": 9, "secret": 1},
        "o": {"a": 5, "b": "o", "secret": "s"},
    }


def test_unencodable_results_are_a_server_error():
    """8.2.2: what the encoder cannot handle is a 500."""
    assert returning(object()).status_code == 500


@pytest.mark.parametrize("as_model", [True, False])
def test_validators_of_the_model_run_once(as_model):
    """8.2.3: a returned instance is not validated again, a dict once."""
    calls = []

    class Counted(BaseModel):
        a: int

        @field_validator("a")
        @classmethod
        def count(cls, value):
            calls.append(value)
            return value + 1

    def endpoint() -> Counted:
        return Counted(a=1) if as_model else {"a": 1}

    assert client_for(endpoint).get("/x").json() == {"a": 2}
    assert calls == [1]


def test_revalidation_is_up_to_the_model():
    """8.2.3: `revalidate_instances` of the model is honoured."""

    class Always(BaseModel):
        model_config = ConfigDict(revalidate_instances="always")
        a: int

    assert returning(Always.model_construct(a="3"), Always).json() == {"a": 3}
    assert returning(Always.model_construct(a="x"), Always).status_code == 500


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_both_colours_are_validated(colour):
    """8.2.2: sync and async endpoints give the same."""

    def endpoint() -> Public:
        return Private(a=1)

    async def async_endpoint() -> Public:
        return Private(a=1)

    client = client_for(endpoint if colour == "sync" else async_endpoint)
    assert client.get("/x").json() == {"a": 1, "b": "b"}


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_results_of_sync_endpoints_are_validated_in_their_thread(colour):
    """8.2.2: validators of the model run in a worker thread for `def`, in the loop for `async def`."""
    threads = []

    class Noting(BaseModel):
        a: int

        @field_validator("a")
        @classmethod
        def note(cls, value):
            threads.append(threading.current_thread())
            return value

    def endpoint() -> Noting:
        return {"a": 1}

    async def async_endpoint() -> Noting:
        return {"a": 1}

    app = client_for(endpoint if colour == "sync" else async_endpoint).app

    async def run():
        await Exchange(http_scope("GET", "/x")).run(app)
        return threading.current_thread()

    assert (anyio.run(run) is threads[0]) is (colour == "async")


# 8.3 options


class Options(BaseModel):
    """A model with alias, None and nesting."""

    model_config = ConfigDict(populate_by_name=True)
    a: int = Field(1, alias="A")
    b: int | None = None
    c: int = 3
    n: Public | None = None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {"A": 5, "b": None, "c": 3, "n": None}),
        ({"response_model_by_alias": False}, {"a": 5, "b": None, "c": 3, "n": None}),
        ({"response_model_exclude_unset": True}, {"A": 5, "c": 3}),
        ({"response_model_exclude_defaults": True}, {"A": 5}),
        ({"response_model_exclude_none": True}, {"A": 5, "c": 3}),
        ({"response_model_include": {"a"}}, {"A": 5}),
        ({"response_model_include": ["a", "b"]}, {"A": 5, "b": None}),
        ({"response_model_exclude": {"a", "n"}}, {"b": None, "c": 3}),
        ({"response_model_include": {"a", "b"}, "response_model_exclude_none": True}, {"A": 5}),
    ],  # numbered: sets are written in another order in each process
)
@pytest.mark.parametrize("response_class", [None, JSONResponse])
def test_serialisation_options(options, expected, response_class):
    """8.3: each option, on the fast path and with an explicit response class."""
    options = {**options, **({"response_class": response_class} if response_class else {})}
    assert returning(Options(a=5, c=3), Options, **options).json() == expected


@pytest.mark.parametrize(
    ("annotation", "value", "options", "expected"),
    [
        (Options, Options(n=Public(a=1)), {"response_model_include": {"n": {"a"}}}, {"n": {"a": 1}}),
        (
            Options,
            Options(n=Public(a=1)),
            {"response_model_exclude": {"n": {"a"}, "c": True}},
            {"A": 1, "b": None, "n": {"b": "b"}},
        ),
        (list[Options], [Options()], {"response_model_include": {"__all__": {"c"}}}, [{"c": 3}]),
        (list[Options], [Options(), Options()], {"response_model_include": {0: {"c"}}}, [{"c": 3}]),
        (Options, {"A": 5}, {"response_model_exclude_unset": True}, {"A": 5}),
        (list[Options], [{"c": 3}], {"response_model_exclude_unset": True}, [{"c": 3}]),
    ],
    ids=case_name,
)
def test_nested_serialisation_options(annotation, value, options, expected):
    """8.3: include and exclude may be nested; keys of a dict count as set."""
    assert returning(value, annotation, **options).json() == expected


def test_options_need_a_response_field():
    """8.3: without model the options do nothing."""
    response = returning(Options(a=5), response_model_exclude_unset=True, response_model_by_alias=False)
    assert response.json() == {"A": 5, "b": None, "c": 3, "n": None}


def test_computed_fields_are_sent():
    """8.3: computed fields belong to the output."""

    class Square(BaseModel):
        side: int = 2

        @computed_field
        @property
        def area(self) -> int:
            return self.side**2

    assert returning(Square(), Square).json() == {"side": 2, "area": 4}


# 8.4 what values look like


class Colour(enum.Enum):
    """An enumeration."""

    red = "r"


NAN = float("nan")
UTC = dt.timezone.utc  # noqa: UP017
VALUES = [
    # value, type, without a model, with a model or `Any`
    (dt.timedelta(hours=1), dt.timedelta, "3600.0", '"PT1H"'),
    (decimal.Decimal("1.50"), decimal.Decimal, "1.5", '"1.50"'),
    (decimal.Decimal(10), decimal.Decimal, "10", '"10"'),
    (b"ab", bytes, '"ab"', '"ab"'),
    (
        dt.datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        dt.datetime,
        '"2020-01-02T03:04:05+00:00"',
        '"2020-01-02T03:04:05Z"',
    ),
    (dt.date(2020, 1, 2), dt.date, '"2020-01-02"', '"2020-01-02"'),
    (dt.time(1, 2), dt.time, '"01:02:00"', '"01:02:00"'),
    (uuid.UUID(int=0), uuid.UUID, f'"{uuid.UUID(int=0)}"', f'"{uuid.UUID(int=0)}"'),
    (Colour.red, Colour, '"r"', '"r"'),
    ({1}, set[int], "[1]", "[1]"),
    (2**70, int, str(2**70), str(2**70)),
    ("é\u2028<>&", str, '"é\u2028<>&"', '"é\u2028<>&"'),
    (None, int | None, "null", "null"),
    (True, bool, "true", "true"),
    (1.0, float, "1.0", "1.0"),
]


@pytest.mark.parametrize(("value", "type_", "plain", "modelled"), VALUES, ids=case_name)
def test_values_with_and_without_a_model(value, type_, plain, modelled):
    """8.4: the encoder's form without a model; Pydantic's form with one, with `Any`, with a class."""
    assert returning(value).text == plain
    assert returning(value, type_).text == modelled
    assert returning(value, Any).text == modelled
    assert returning(value, type_, response_class=JSONResponse).text == modelled


@pytest.mark.parametrize("value", [NAN, float("inf"), -float("inf")])
def test_not_a_number(value):
    """8.4: null on the fast path, an error of the JSON response elsewhere."""
    assert returning(value, float).text == "null"
    assert returning([value], Any).text == "[null]"
    # quirk: section 24.5, a 500 upstream without a model; null when that is mended
    answer = returning(value)
    assert answer.status_code == 500 or answer.text == "null"


def test_json_is_compact_and_measured():
    """8.4: compact JSON, application/json, exact length."""
    for annotation in ((), (Public,)):
        response = returning(Public(a=1), *annotation)
        assert response.content == b'{"a":1,"b":"b"}'
        assert response.headers["content-type"] == "application/json"
        assert response.headers["content-length"] == "15"


def test_explicit_class_renders_itself():
    """8.4: an explicit class gets the JSON-able value and renders it."""

    class Marked(JSONResponse):
        def render(self, content):
            return b"marked " + super().render(content)

    assert returning(Private(a=1), Public, response_class=Marked).text == 'marked {"a":1,"b":"b"}'
    assert returning(Private(a=1), response_class=Marked).text == 'marked {"a":1,"b":"b","secret":"s"}'


@pytest.mark.parametrize("level", ["app", "include", "router"])
def test_inherited_class_counts_as_explicit(level):
    """8.4 and 8.5: a class set on app, include call or router renders as well."""

    class Marked(JSONResponse):
        def render(self, content):
            return b"marked " + super().render(content)

    options = {
        name: {"default_response_class": Marked} if name == level else {}
        for name in ("app", "include", "router")
    }
    app, router = FastAPI(**options["app"]), APIRouter(**options["router"])

    @router.get("/x")
    def endpoint() -> Public:
        return Private(a=1)

    app.include_router(router, **options["include"])
    assert TestClient(app).get("/x").text == 'marked {"a":1,"b":"b"}'


def test_text_classes_take_text():
    """8.5: HTML and plain text expect a str; a dict is an error."""
    html = returning("<b>é</b>", response_class=HTMLResponse)
    assert (html.text, html.headers["content-type"]) == ("<b>é</b>", "text/html; charset=utf-8")
    assert returning({"a": 1}, response_class=PlainTextResponse).status_code == 500
