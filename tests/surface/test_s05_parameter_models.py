"""Section 5.6 of the surface document: models that collect query parameters, headers or cookies."""

from typing import Annotated

import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field
from raw_asgi import exchange
from surface_target import Cookie, Depends, FastAPI, Header, Query, TestClient, served_document


class Filters(BaseModel):
    """A model with a required field."""

    a: int
    b: str = "b"
    tags: list[str] = []


class Page(BaseModel):
    """A model whose fields all have defaults."""

    size: int = 10


class Strict(BaseModel):
    """A model that forbids other keys."""

    model_config = ConfigDict(extra="forbid")
    a: int = 1


class Open(BaseModel):
    """A model that collects other keys."""

    model_config = ConfigDict(extra="allow")
    a: int = 1


class Headers(BaseModel):
    """A model of headers."""

    user_id: int
    x_tag: list[str] = []
    other: str = Field("d", alias="x_alias")


def client_for(endpoint):
    """Register `endpoint` and return a client."""
    app = FastAPI()
    app.get("/x")(endpoint)
    return TestClient(app)


def taking(annotation, *default):
    """Return a client for an endpoint that returns its one parameter."""

    def endpoint(m):
        return m

    endpoint.__annotations__["m"] = annotation
    endpoint.__defaults__ = default
    return client_for(endpoint)


def errors_of(response):
    """Return type and place of each error of a 422."""
    assert response.status_code == 422
    return [(error["type"], error["loc"]) for error in response.json()["detail"]]


# 5.6.1 several models


def test_model_collects_its_fields():
    """5.6.1: the fields are read by their flat names; unknown keys are ignored."""
    client = taking(Annotated[Filters, Query()])
    assert client.get("/x?a=1&tags=x&tags=y&z=9").json() == {"a": 1, "b": "b", "tags": ["x", "y"]}
    assert client.get("/x?a=1&a=2&b=").json() == {"a": 2, "b": "", "tags": []}


def test_missing_field_shows_what_the_model_received():
    """5.6.1: the error's input is the dict that the model got."""
    client = taking(Annotated[Filters, Query()])
    assert client.get("/x?b=1&z=2").json()["detail"] == [
        {"type": "missing", "loc": ["query", "a"], "msg": "Field required", "input": {"b": "1", "z": "2"}}
    ]
    assert client.get("/x").json()["detail"][0]["input"] == {}


def test_models_and_single_parameters_mix():
    """5.6.1: any number of models and single parameters in one location, each over all keys."""

    def dependency(page: Annotated[Page, Query()], b: str = ""):
        return [page.size, b]

    def endpoint(f: Annotated[Filters, Query()], p: Annotated[Page, Query()], a: str, d=Depends(dependency)):
        return [f.a, f.b, p.size, a, d]

    client = client_for(endpoint)
    assert client.get("/x?a=1&b=bee&size=5").json() == [1, "bee", 5, "1", [5, "bee"]]
    assert errors_of(client.get("/x?size=x")) == [
        ("int_parsing", ["query", "size"]),
        ("missing", ["query", "a"]),
        ("int_parsing", ["query", "size"]),
        ("missing", ["query", "a"]),
    ]


def test_models_per_location():
    """5.6.1: one model each for query, headers and cookies."""

    def endpoint(
        q: Annotated[Page, Query()], h: Annotated[Headers, Header()], c: Annotated[Filters, Cookie()]
    ):
        return [q, h, c]

    headers = [(b"user-id", b"7"), (b"x-tag", b"a"), (b"x-tag", b"b"), (b"cookie", b"a=1; b=cookie")]
    done = exchange(client_for(endpoint).app, "GET", "/x?size=3", headers=headers)
    assert done.body == (
        b'[{"size":3},{"user_id":7,"x_tag":["a","b"],"x_alias":"d"},{"a":1,"b":"cookie","tags":[]}]'
    )


@pytest.mark.parametrize(
    ("location", "marker", "request_options"),
    [
        ("query", Query(), {"params": {"a": "x"}}),
        ("header", Header(), {"headers": {"a": "x"}}),
        ("cookie", Cookie(), {"headers": {"cookie": "a=x"}}),
    ],
)
def test_errors_name_the_location(location, marker, request_options):
    """5.6.1: `loc` is [location, field], without the parameter's name."""
    client = taking(Annotated[Filters, marker])
    assert errors_of(client.get("/x", **request_options)) == [("int_parsing", [location, "a"])]


# 5.6.2 extras


def test_extra_forbid_rejects_every_other_key():
    """5.6.2: each unknown key is an error; a repeated one shows its list."""
    errors = taking(Annotated[Strict, Query()]).get("/x?z=1&z=2&y=3&a=4").json()["detail"]
    assert errors == [
        {
            "type": "extra_forbidden",
            "loc": ["query", "z"],
            "msg": "Extra inputs are not permitted",
            "input": ["1", "2"],
        },
        {
            "type": "extra_forbidden",
            "loc": ["query", "y"],
            "msg": "Extra inputs are not permitted",
            "input": "3",
        },
    ]


def test_extra_forbid_rejects_sibling_parameters():
    """5.6.2: keys of sibling parameters and dependencies in that location count as unknown."""

    def dependency(from_dependency: int = 0):
        return from_dependency

    def endpoint(m: Annotated[Strict, Query()], sibling: int = 0, d=Depends(dependency)):
        return m

    client = client_for(endpoint)
    assert client.get("/x?a=2").json() == {"a": 2}
    assert errors_of(client.get("/x?sibling=1&from_dependency=2")) == [
        ("extra_forbidden", ["query", "sibling"]),
        ("extra_forbidden", ["query", "from_dependency"]),
    ]


def test_extra_forbid_rejects_ordinary_headers():
    """5.6.2: for headers even `host` is unknown."""

    class WithHost(Strict):
        host: str

    headers = [(b"a", b"2"), (b"host", b"h")]
    strict, known = (taking(Annotated[model, Header()]).app for model in (Strict, WithHost))
    assert exchange(known, "GET", "/x", headers=headers).body == b'{"a":2,"host":"h"}'
    assert b'"loc":["header","host"]' in exchange(strict, "GET", "/x", headers=headers).body


def test_extra_forbid_rejects_cookies():
    """5.6.2: the same for cookies."""
    client = taking(Annotated[Strict, Cookie()])
    assert errors_of(client.get("/x", headers={"cookie": "a=1; z=2"})) == [
        ("extra_forbidden", ["cookie", "z"])
    ]


def test_extra_allow_collects_other_keys():
    """5.6.2: a single value stays a text, repeated ones become a list."""
    assert taking(Annotated[Open, Query()]).get("/x?a=2&z=1&z=2&y=&x=1").json() == {
        "a": 2,
        "z": ["1", "2"],
        "y": "",
        "x": "1",
    }


# 5.6.3 headers


def test_header_fields_are_converted():
    """5.6.3: field names get hyphens, aliases are literal."""
    client = taking(Annotated[Headers, Header()])
    response = client.get("/x", headers={"User-Id": "7", "x_alias": "A"})
    assert response.json() == {"user_id": 7, "x_tag": [], "x_alias": "A"}


@pytest.mark.parametrize(
    ("headers", "type_"), [({"user_id": "7"}, "missing"), ({"user-id": "x"}, "int_parsing")]
)
def test_header_errors_show_the_header_name(headers, type_):
    """5.6.3: the underscore spelling is not accepted; `loc` shows the header's name."""
    client = taking(Annotated[Headers, Header()])
    assert errors_of(client.get("/x", headers=headers)) == [(type_, ["header", "user-id"])]


def test_underscore_spelling_is_not_an_extra():
    """5.6.3: the unconverted spelling is dropped, not reported."""

    class StrictHeaders(BaseModel):
        model_config = ConfigDict(extra="forbid")
        user_id: int = 1
        host: str = Field(exclude=True)

    app = taking(Annotated[StrictHeaders, Header()]).app
    assert exchange(app, "GET", "/x", headers=[(b"user_id", b"4")]).body == b'{"user_id":1}'
    both = [(b"user-id", b"3"), (b"user_id", b"4")]
    assert exchange(app, "GET", "/x", headers=both).body == b'{"user_id":3}'


def test_conversion_can_be_switched_off():
    """5.6.3: `convert_underscores=False` of the marker holds for all fields."""
    client = taking(Annotated[Headers, Header(convert_underscores=False)])
    assert client.get("/x", headers={"user_id": "7"}).json()["user_id"] == 7
    assert errors_of(client.get("/x", headers={"user-id": "7"})) == [("missing", ["header", "user_id"])]


def test_a_field_may_override_the_conversion():
    """5.6.3: a field whose default is a Header marker decides for itself."""

    class Mixed(BaseModel):
        user_id: int = 0
        raw_name: int = Header(0, convert_underscores=False)

    client = taking(Annotated[Mixed, Header()])
    assert client.get("/x", headers={"user-id": "1", "raw_name": "2"}).json() == {"user_id": 1, "raw_name": 2}
    assert client.get("/x", headers={"user-id": "1", "raw-name": "2"}).json() == {"user_id": 1, "raw_name": 0}


def test_repeated_headers_in_a_model():
    """5.6.3: a scalar field takes the first line, a list all, an extra key all."""

    class Repeated(BaseModel):
        model_config = ConfigDict(extra="allow")
        one: str
        many: list[str]
        host: str = Field(exclude=True)

    headers = [(name, value) for name in (b"one", b"many", b"extra") for value in (b"1", b"2")]
    done = exchange(taking(Annotated[Repeated, Header()]).app, "GET", "/x", headers=headers)
    assert done.body == b'{"one":"1","many":["1","2"],"extra":["1","2"]}'


def test_one_model_under_several_markers():
    """5.6.3: the same model may serve headers, query and cookies without interference."""

    class Shared(BaseModel):
        user_id: int = 0

    def endpoint(
        h: Annotated[Shared, Header()], q: Annotated[Shared, Query()], c: Annotated[Shared, Cookie()]
    ):
        return [h.user_id, q.user_id, c.user_id]

    client = client_for(endpoint)
    response = client.get("/x?user_id=2", headers={"user-id": "1", "cookie": "user_id=3"})
    assert response.json() == [1, 2, 3]


# 5.6.4 optional groups


@pytest.mark.parametrize(
    ("model", "query", "expected"),
    [
        (Filters, "", None),
        (Filters, "z=1", None),
        (Filters, "a=1", {"a": 1, "b": "b", "tags": []}),
        (Strict, "", None),
        (Strict, "a=2", {"a": 2}),
        (Open, "", None),
        (Open, "z=1", {"a": 1, "z": "1"}),
    ],
)
def test_optional_group_with_default(model, query, expected):
    """5.6.4: the default is used when no own name was sent; for allow and forbid, when nothing was."""
    assert taking(Annotated[model | None, Query()], None).get(f"/x?{query}").json() == expected


@pytest.mark.parametrize(
    ("model", "query", "error"),
    [
        (Filters, "b=1", ("missing", ["query", "a"])),
        (Filters, "tags=1", ("missing", ["query", "a"])),
        (Strict, "z=1", ("extra_forbidden", ["query", "z"])),
    ],
)
def test_any_own_field_activates_an_optional_group(model, query, error):
    """5.6.4: once active, the whole model is validated."""
    assert errors_of(taking(Annotated[model | None, Query()], None).get(f"/x?{query}")) == [error]


@pytest.mark.parametrize(
    ("marker", "location", "sent"),
    [
        (Query(), "query", {}),
        (Cookie(), "cookie", {}),
        (Header(), "header", {}),
        (Query(), "query", {"params": {"z": "1"}}),
    ],
)
def test_optional_group_without_default_is_required(marker, location, sent):
    """5.6.4: `Model | None` without default is required, reported at the location alone."""
    response = taking(Annotated[Filters | None, marker]).get("/x", **sent)
    assert response.json()["detail"] == [
        {"type": "missing", "loc": [location], "msg": "Field required", "input": None}
    ]


@pytest.mark.parametrize(
    ("marker", "options"),
    [(Header(), {"headers": {"user-id": "1"}}), (Cookie(), {"headers": {"cookie": "user_id=1"}})],
)
def test_optional_groups_of_headers_and_cookies(marker, options):
    """5.6.4: the same for headers and cookies."""
    client = taking(Annotated[Headers | None, marker], None)
    assert client.get("/x").json() is None
    assert client.get("/x", **options).json()["user_id"] == 1


def test_model_of_defaults_is_satisfied_by_nothing():
    """5.6.4: a plain model whose fields all have defaults needs nothing."""
    assert taking(Annotated[Page, Query()]).get("/x").json() == {"size": 10}


def test_default_of_a_model_that_is_not_optional_is_not_used():
    """5.6.4: only `| None` makes a group optional; otherwise the default instance is ignored."""
    client = taking(Annotated[Filters, Query()], Filters(a=5))
    assert errors_of(client.get("/x")) == [("missing", ["query", "a"])]


def test_default_instance_is_deep_copied():
    """5.6.4: each request has its own copy of a default instance."""

    def endpoint(m: Annotated[Filters | None, Query()] = Filters(a=1, tags=["t"])):
        m.tags.append("own")
        return m.tags

    client = client_for(endpoint)
    assert [client.get("/x").json() for _ in range(2)] == [["t", "own"]] * 2


def test_default_factory_of_a_group():
    """5.6.4: a factory is called for each request without the group."""
    client = taking(Annotated[Filters | None, Query(default_factory=lambda: Filters(a=8))])
    assert client.get("/x").json()["a"] == 8
    assert client.get("/x?a=1").json()["a"] == 1


def test_default_of_a_group_is_validated_on_demand():
    """5.6.4: `validate_default` checks the default of a group."""
    client = taking(Annotated[Filters | None, Query(validate_default=True)], {"a": "x"})
    assert errors_of(client.get("/x")) == [("int_parsing", ["query", "a"])]


# 5.6.5 documentation


def parameters_of(endpoint):
    """Return name → required of the documented parameters."""
    operation = served_document(client_for(endpoint).app)["paths"]["/x"]["get"]
    return {(p["in"], p["name"]): p["required"] for p in operation["parameters"]}


def test_models_are_documented_as_single_parameters():
    """5.6.1 and 18.2: each field is a parameter under its public name."""

    def endpoint(m: Annotated[Headers, Header()], q: Annotated[Filters, Query()]):
        return None

    assert parameters_of(endpoint) == {
        ("query", "a"): True,
        ("query", "b"): False,
        ("query", "tags"): False,
        ("header", "user-id"): True,
        ("header", "x-tag"): False,
        ("header", "x_alias"): False,
    }


def test_fields_of_optional_groups_are_documented_as_optional():
    """5.6.5: nothing in an optional group is required, unless another parameter of that name is."""

    def optional(m: Annotated[Filters | None, Query()] = None):
        return None

    def shared(a: int, m: Annotated[Filters | None, Query()] = None):
        return None

    assert set(parameters_of(optional).values()) == {False}
    assert parameters_of(shared) == {("query", "a"): True, ("query", "b"): False, ("query", "tags"): False}


# 5.4.2 and 5.4.4: aliases inside models


def test_populate_by_name_accepts_both():
    """5.4.4: populate_by_name accepts the field's name; the alias wins; `loc` shows what was sent."""

    class Named(BaseModel):
        model_config = ConfigDict(populate_by_name=True)
        a: int = Field(alias="A")

    client = taking(Annotated[Named, Query()])
    assert [client.get(f"/x?{query}").json()["A"] for query in ("A=1", "a=1", "a=1&A=2")] == [1, 1, 2]
    assert [errors_of(client.get(f"/x?{query}"))[0][1] for query in ("A=x", "a=x", "")] == [
        ["query", "A"],
        ["query", "a"],
        ["query", "A"],
    ]


def test_validate_by_alias_false_knows_the_name_only():
    """5.4.4: without validation by alias only the field's name counts."""

    class ByName(BaseModel):
        model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)
        a: int = Field(alias="A")

    client = taking(Annotated[ByName, Query()])
    assert client.get("/x?a=1").json() == {"A": 1}
    assert errors_of(client.get("/x?A=1")) == [("missing", ["query", "a"])]


@pytest.mark.parametrize("query", ["A=x", ""])
def test_loc_by_alias_false_shows_the_field(query):
    """5.4.4: `loc_by_alias=False` shows the field's own name."""

    class ByField(BaseModel):
        model_config = ConfigDict(loc_by_alias=False)
        a: int = Field(alias="A")

    assert errors_of(taking(Annotated[ByField, Query()]).get(f"/x?{query}"))[0][1] == ["query", "a"]


def test_loc_by_alias_false_shows_the_field_of_a_header():
    """5.4.4 and 5.6.3: the same for a converted header name."""

    class ByField(BaseModel):
        model_config = ConfigDict(loc_by_alias=False)
        user_id: int

    client = taking(Annotated[ByField, Header()])
    assert errors_of(client.get("/x", headers={"user-id": "x"})) == [("int_parsing", ["header", "user_id"])]


def test_choices_and_alias_paths_inside_models():
    """5.4.2: inside a model choices may hold alias paths."""

    class Chosen(BaseModel):
        a: int = Field(validation_alias=AliasChoices("one", AliasPath("two", 1)))

    client = taking(Annotated[Chosen, Query()])
    assert [client.get(f"/x?{query}").json() for query in ("one=1", "two=1&two=2")] == [{"a": 1}, {"a": 2}]
    assert errors_of(client.get("/x?two=1")) == [("missing", ["query", "one"])]


def test_choices_not_used_are_extras():
    """5.4.2: a choice that was not used stays visible to a strict model."""

    class Chosen(BaseModel):
        model_config = ConfigDict(extra="forbid")
        a: int = Field(validation_alias=AliasChoices("one", "two"))

    client = taking(Annotated[Chosen, Query()])
    assert [client.get(f"/x?{query}").status_code for query in ("one=1", "two=1")] == [200, 200]
    assert errors_of(client.get("/x?one=1&two=2")) == [("extra_forbidden", ["query", "two"])]


class Choosing(BaseModel):
    n: int = Field(default=0, validation_alias=AliasChoices("x_first", "X-Second"))


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ({"x_first": "1", "X-Second": "2"}, 1),
        ({"X-Second": "2", "x_first": "1"}, 1),
        ({"X-Second": "2"}, 2),
        ({"x-first": "1"}, 0),
        ({"n": "3"}, 0),
    ],
)
def test_choices_of_a_header_model_are_tried_in_order(headers, value):
    """5.6.3 and 5.4.2: names that are given explicitly are literal; the first that is there counts."""
    assert taking(Annotated[Choosing, Header()]).get("/x", headers=headers).json() == {"n": value}


class ByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    own_name: int = Field(default=0, alias="theAlias")


class OnlyByName(BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=False)
    own_name: int = Field(default=0, alias="theAlias")


@pytest.mark.parametrize(
    ("model", "headers", "value"),
    [
        (ByName, {"thealias": "1"}, 1),
        (ByName, {"own-name": "2"}, 2),
        (ByName, {"own_name": "2"}, 0),
        (ByName, {"own-name": "2", "thealias": "1"}, 1),
        (OnlyByName, {"own-name": "2", "thealias": "1"}, 2),
        (OnlyByName, {"own_name": "2"}, 0),
    ],
)
def test_header_model_takes_its_own_names_with_hyphens(model, headers, value):
    """5.6.3 and 5.4.4: a model that takes fields by name gets them from headers as headers are named."""
    answer = taking(Annotated[model, Header()]).get("/x", headers=headers)
    assert answer.json() == {"theAlias": value}


def test_error_of_a_header_by_name_shows_the_header():
    """5.6.3: the place is the name that was sent."""
    answer = taking(Annotated[ByName, Header()]).get("/x", headers={"own-name": "x"})
    assert errors_of(answer) == [("int_parsing", ["header", "own-name"])]
