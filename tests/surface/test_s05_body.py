"""Sections 5.7 and 5.8 of the surface document: reading the JSON body and composing values from it."""

import dataclasses
from typing import Annotated, Any, Literal

import pytest
from one_endpoint import client_for, errors_of, taking
from pydantic import AliasChoices, BaseModel, ConfigDict, Discriminator, Field, Json, RootModel, Tag
from raw_asgi import Exchange, exchange, http_scope
from surface_target import Body, Depends, FastAPI, HTTPException, Request, TestClient
from typing_extensions import TypedDict

JSON = "application/json"


class Model(BaseModel):
    """A model."""

    a: int
    b: str = "b"


def post(client, content, content_type=JSON):
    """Post raw bytes, or a text of JSON, under a content type."""
    content = content.encode() if isinstance(content, str) else content
    return client.post("/x", content=content, headers={"content-type": content_type} if content_type else {})


# 5.7 reading


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/vnd.api+json",
        "application/x+json; v=1",
    ],
)
def test_json_types_are_parsed(content_type):
    """5.7.2: application/json and application/…+json, whatever the parameters and the case."""
    assert post(taking(Model), '{"a":1}', content_type).json() == {"a": 1, "b": "b"}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "text/json", "application/json5", "application/xml", "nonsense", "", None]
)
def test_other_types_hand_over_the_bytes(content_type):
    """5.7.2: any other type, and none at all, leaves the raw bytes to validation."""
    assert errors_of(post(taking(Model), '{"a":1}', content_type)) == [
        ("model_attributes_type", ["body"], '{"a":1}')
    ]
    assert post(taking(bytes, Body()), '{"a":1}', content_type).json() == '{"a":1}'


@pytest.mark.parametrize(("content_type", "status"), [(None, 200), ("", 200), ("text/plain", 422)])
def test_lenient_content_type_parses_bodies_without_one(content_type, status):
    """5.7.2: with strict_content_type=False a body without type is JSON; other types stay bytes."""
    assert post(taking(Model, strict_content_type=False), '{"a":1}', content_type).status_code == status


@pytest.mark.parametrize("content_type", [JSON, "text/plain", None])
def test_empty_body_is_missing(content_type):
    """5.7.2: an empty body is missing, whatever its type."""
    assert post(taking(Model), b"", content_type).json() == {
        "detail": [{"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}]
    }


@pytest.mark.parametrize(
    ("content", "offset", "reason"),
    [
        ("x", 0, "Expecting value"),
        (" ", 1, "Expecting value"),
        ("{", 1, "Expecting property name enclosed in double quotes"),
        ('{"a" 1}', 5, "Expecting ':' delimiter"),
        ('{"é":1}{', 7, "Extra data"),
        ('"a', 0, "Unterminated string starting at"),
    ],
)
def test_invalid_json(content, offset, reason):
    """5.7.3: broken JSON is one error at its character offset."""
    response = post(taking(Model), content)
    assert response.status_code == 422
    assert response.json() == {
        "detail": [
            {
                "type": "json_invalid",
                "loc": ["body", offset],
                "msg": "JSON decode error",
                "input": {},
                "ctx": {"error": reason},
            }
        ]
    }


def test_invalid_json_is_the_only_error():
    """5.7.1 and 5.7.3: with broken JSON no parameter is reported, nothing that needs the body runs."""
    ran = []

    def with_body(m: Model):
        ran.append("dependency")

    def endpoint(m: Model, q: int, d=Depends(with_body)):
        ran.append("endpoint")

    assert [error[0] for error in errors_of(post(client_for(endpoint), "{"))] == ["json_invalid"]
    # Upstream runs no dependency at all; those that need no body may run first, so that 401 comes before 422.
    assert ran == []


@pytest.mark.parametrize(
    "content",
    [b"\xff", b'"\xff"', b"[" * 100_000, b'{"a":' + b"1" * 5000 + b"}"],
    ids=["utf-8", "text", "deep", "long"],
)
def test_undecodable_body_is_a_400(content):
    """5.7.4: what cannot be read at all is a 400."""
    response = post(taking(Model), content)
    assert (response.status_code, response.json()) == (400, {"detail": "There was an error parsing the body"})


def test_http_exceptions_while_reading_pass_through():
    """5.7.4: an HTTPException raised while the body is read is answered as it is."""
    app = FastAPI()

    @app.post("/x")
    def endpoint(m: Model):
        return m

    async def receive():
        raise HTTPException(418, "kettle")

    done = Exchange(http_scope("POST", "/x", [(b"content-type", b"application/json")]))
    done.receive = receive
    import anyio

    anyio.run(done.run, app)
    assert (done.status, done.body) == (418, b'{"detail":"kettle"}')


@pytest.mark.parametrize(
    "content", ['{"a":1}', '{"a":1}\n', '\ufeff{"a":1}', '{"a":2,"a":1}', '{"a":1,"z":[]}']
)
def test_valid_json_is_accepted(content):
    """5.7.2: surrounding space, a byte order mark, duplicate and unknown keys are fine."""
    assert post(taking(Model), content).json() == {"a": 1, "b": "b"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_other_unicode_encodings_are_recognised(encoding):
    """5.7.2: JSON in UTF-16 or UTF-32 is read."""
    assert post(taking(Model), '{"a":1}'.encode(encoding)).json() == {"a": 1, "b": "b"}


def test_body_is_not_read_when_nobody_needs_it():
    """5.7.1: a route without body fields does not touch the body."""
    app = FastAPI()
    app.post("/x")(lambda: "done")
    done = exchange(app, "POST", "/x", b"one", b"two")
    assert (done.body, done.received) == (b'"done"', 0)


def test_body_is_read_once_in_pieces():
    """5.7.1: the body is read once, to its end, for endpoint and dependencies together."""

    def dependency(m: Model):
        return m.a

    def endpoint(m: Model, d: int = Depends(dependency)):
        return [m, d]

    app = FastAPI()
    app.post("/x")(endpoint)
    done = exchange(app, "POST", "/x", b'{"a"', b":", b"1}", headers=[(b"content-type", b"application/json")])
    assert done.body == b'[{"a":1,"b":"b"},1]'
    assert done.received == 3


def test_body_field_of_a_dependency_makes_the_route_read():
    """5.7.1: a body field anywhere in the graph counts."""

    def deep(m: Model):
        return m.a

    def middle(value=Depends(deep)):
        return value

    def endpoint(value=Depends(middle)):
        return value

    assert client_for(endpoint).post("/x", json={"a": 5}).json() == 5


def test_request_body_is_still_available():
    """5.7.1: the endpoint may read the raw body again."""

    async def endpoint(m: Model, request: Request):
        return [m.a, (await request.body()).decode(), await request.json()]

    assert post(client_for(endpoint), '{"a":1}').json() == [1, '{"a":1}', {"a": 1}]


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS", "PATCH", "PUT", "TRACE", "QUERY"])
def test_every_method_may_have_a_body(method):
    """5.7.1: the method does not matter for reading."""
    app = FastAPI()
    seen = []

    @app.api_route("/x", methods=[method])
    def endpoint(m: Model):
        seen.append(m.a)

    assert TestClient(app).request(method, "/x", json={"a": 1}).status_code == 200
    assert seen == [1]


# 5.8 composition


def test_one_body_parameter_is_the_body():
    """5.8.1: a single body parameter without embed is the whole body."""
    client = taking(Model)
    assert client.post("/x", json={"a": 1}).json() == {"a": 1, "b": "b"}
    assert errors_of(client.post("/x", json={"p": {"a": 1}})) == [("missing", ["body", "a"], {"p": {"a": 1}})]


def test_alias_of_a_single_body_parameter_does_not_matter():
    """5.8.1: an alias alone does not embed."""
    assert taking(int, Body(alias="other")).post("/x", json=5).json() == 5


def test_equal_names_in_graph_share_the_body():
    """5.8.1: one distinct name over endpoint and dependencies is still the whole body."""

    def dependency(m: Model):
        return m.a

    def endpoint(m: Model, value=Depends(dependency)):
        return [m.a, value]

    client = client_for(endpoint)
    assert client.post("/x", json={"a": 1}).json() == [1, 1]
    assert [error[1] for error in errors_of(client.post("/x", json={}))] == [["body", "a"], ["body", "a"]]


def test_different_names_in_graph_are_keys():
    """5.8.1: two distinct names are keys of an object."""

    def dependency(other: Model):
        return other.a

    def endpoint(m: Model, value=Depends(dependency)):
        return [m.a, value]

    client = client_for(endpoint)
    assert client.post("/x", json={"m": {"a": 1}, "other": {"a": 2}}).json() == [1, 2]
    assert errors_of(client.post("/x", json={"a": 1})) == [
        ("missing", ["body", "other"], None),
        ("missing", ["body", "m"], None),
    ]


def several(m: Model, n: int = Body(3), t: str | None = Body(None)):
    """Return three body values."""
    return [m.a, n, t]


def test_several_body_parameters_are_keys():
    """5.8.1: several parameters are looked up in an object; defaults apply."""
    client = client_for(several)
    assert client.post("/x", json={"m": {"a": 1}}).json() == [1, 3, None]
    assert client.post("/x", json={"m": {"a": 1}, "n": 4, "t": "t", "z": 0}).json() == [1, 4, "t"]
    errors = errors_of(client.post("/x", json={"m": {"a": "x"}, "n": "y"}))
    assert [error[1] for error in errors] == [["body", "m", "a"], ["body", "n"]]


@pytest.mark.parametrize("content", ["[]", '"text"', "null", "3", "true"])
def test_embedded_with_a_body_that_is_no_object(content):
    """5.8.2: every field is missing, even those with defaults."""
    assert errors_of(post(client_for(several), content)) == [
        ("missing", ["body", name], None) for name in "mnt"
    ]


@pytest.mark.parametrize(
    ("content", "content_type"), [(b"", JSON), (b"{}", JSON), (b'{"m":1}', "text/plain")]
)
def test_embedded_without_an_object_body(content, content_type):
    """5.8.2: an absent body, and raw bytes, leave defaults in place; the required field is missing."""
    assert errors_of(post(client_for(several), content, content_type)) == [("missing", ["body", "m"], None)]


def test_embedded_defaults_alone_need_no_body():
    """5.8.2: without required fields no body is needed."""

    def endpoint(a: int = Body(1), b: int = Body(2)):
        return [a, b]

    client = client_for(endpoint)
    assert [post(client, b"").json(), post(client, b"x", "text/plain").json()] == [[1, 2], [1, 2]]


def test_embed_wraps_a_single_parameter():
    """5.8.1: `embed=True` looks the value up under its name."""
    client = taking(Model, Body(embed=True))
    assert client.post("/x", json={"p": {"a": 1}}).json() == {"a": 1, "b": "b"}
    assert errors_of(client.post("/x", json={"a": 1})) == [("missing", ["body", "p"], None)]
    assert errors_of(post(client, b"")) == [("missing", ["body", "p"], None)]


def test_embedded_names_follow_the_alias():
    """5.8.1: embedded fields are looked up by alias."""
    client = taking(int, Body(embed=True, alias="other"))
    assert client.post("/x", json={"other": 1}).json() == 1
    assert errors_of(client.post("/x", json={"p": 1})) == [("missing", ["body", "other"], None)]


def test_embedded_names_may_be_choices():
    """5.4.2 and 5.8.1: choices work for body fields; null counts as present."""

    def endpoint(a: int = Body(validation_alias=AliasChoices("one", "two")), b: int = Body(1)):
        return [a, b]

    client = client_for(endpoint)
    assert client.post("/x", json={"two": 2}).json() == [2, 1]
    assert client.post("/x", json={"two": 2, "one": 1}).json() == [1, 1]
    assert errors_of(client.post("/x", json={"one": None, "two": 2})) == [("int_type", ["body", "one"], None)]
    assert errors_of(client.post("/x", json={})) == [("missing", ["body", "one"], None)]


@pytest.mark.parametrize(
    ("annotation", "default", "content", "expected"),
    [
        (int | None, Body(10), "null", None),
        (int | None, Body(10), "", 10),
        (int | None, Body(10), "5", 5),
        (Model | None, None, "null", None),
        (Model | None, None, "", None),
        (Model | None, Body(), "null", None),
        (Any, Body(), "null", None),
    ],
    ids=str,
)
def test_null_is_a_value(annotation, default, content, expected):
    """5.8.3: JSON null is a value, distinct from absence."""
    assert post(taking(annotation, default), content).json() == expected


@pytest.mark.parametrize(
    ("annotation", "default", "error"),
    [
        (int, Body(), ("int_type", ["body"], None)),
        (int, Body(10), ("int_type", ["body"], None)),
        (Model, Model(a=4), ("model_attributes_type", ["body"], None)),
        (list[int], Body(), ("list_type", ["body"], None)),
    ],
    ids=str,
)
def test_null_for_other_types_is_an_error(annotation, default, error):
    """5.8.3: types without None refuse it, default or not."""
    assert errors_of(post(taking(annotation, default), "null")) == [error]


def test_null_of_an_embedded_field():
    """5.8.3: the same for fields of an object."""
    assert errors_of(client_for(several).post("/x", json={"m": None, "n": None, "t": None})) == [
        ("model_attributes_type", ["body", "m"], None),
        ("int_type", ["body", "n"], None),
    ]


def test_defaults_of_a_body():
    """5.8: a default and a factory apply to an empty body, as copies."""

    def endpoint(p: list[int] = Body([1])):
        p.append(2)
        return p

    client = client_for(endpoint)
    assert [post(client, b"").json() for _ in range(2)] == [[1, 2], [1, 2]]
    assert post(taking(Model, Body(default_factory=lambda: Model(a=5))), b"").json()["a"] == 5
    assert post(taking(Model, Model(a=4)), b"").json()["a"] == 4


@pytest.mark.parametrize("annotation", [Model | None, int | None])
def test_optional_without_default_is_required(annotation):
    """5.8.4: `| None` without default still needs a body, reported at ["body"]."""
    assert errors_of(post(taking(annotation, Body()), b"")) == [("missing", ["body"], None)]


# 5.8.5 attributes and extra


def test_unknown_keys_follow_the_model():
    """5.8.5: ignored, collected or refused as the model says."""

    def model(extra):
        return type(
            "M", (BaseModel,), {"model_config": ConfigDict(extra=extra), "__annotations__": {"a": int}}
        )

    sent = {"a": 1, "z": 2}
    assert taking(model("ignore")).post("/x", json=sent).json() == {"a": 1}
    assert taking(model("allow")).post("/x", json=sent).json() == {"a": 1, "z": 2}
    assert errors_of(taking(model("forbid")).post("/x", json=sent)) == [("extra_forbidden", ["body", "z"], 2)]


def test_aliases_of_model_fields():
    """5.8.5: fields are read by alias, reported by alias, returned by alias."""

    class Aliased(BaseModel):
        a: int = Field(alias="A")

    client = taking(Aliased)
    assert client.post("/x", json={"A": 1}).json() == {"A": 1}
    assert errors_of(client.post("/x", json={"a": 1})) == [("missing", ["body", "A"], {"a": 1})]


@dataclasses.dataclass
class Record:
    """A dataclass with nested models."""

    a: int
    models: list[Model] = dataclasses.field(default_factory=list)


class Keys(TypedDict, total=False):
    """A typed dict."""

    a: int


class Numbers(RootModel[list[int]]):
    """A root model."""


@pytest.mark.parametrize(
    ("annotation", "sent", "expected"),
    [
        (list[Model], [{"a": 1}], [{"a": 1, "b": "b"}]),
        (dict[int, float], {"1": 2}, {"1": 2.0}),
        (dict, {"x": [1]}, {"x": [1]}),
        (Record, {"a": 1, "models": [{"a": 2}]}, {"a": 1, "models": [{"a": 2, "b": "b"}]}),
        (Keys, {"a": 1, "z": 1}, {"a": 1}),
        (Numbers, ["1", 2], [1, 2]),
        (set[int], [1, 1], [1]),
        (tuple[int, str], [1, "a"], [1, "a"]),
        (Json[list[int]], "[1]", [1]),
        (Annotated[int, Body(gt=0)], 1, 1),
        (Annotated[str, Body()], "text", "text"),
        (Annotated[bool, Body()], True, True),
        (Annotated[int | Model, Body()], {"a": 1}, {"a": 1, "b": "b"}),
    ],
    ids=str,
)
def test_bodies_of_every_type(annotation, sent, expected):
    """5.8.5: any type that Pydantic knows can be the body."""
    assert taking(annotation).post("/x", json=sent).json() == expected


@pytest.mark.parametrize(
    ("annotation", "sent", "error"),
    [
        (Model, [1], ("model_attributes_type", ["body"], [1])),
        (Model, "s", ("model_attributes_type", ["body"], "s")),
        (list[Model], {"a": 1}, ("list_type", ["body"], {"a": 1})),
        (list[Model], [{"a": 1}, {"a": "x"}], ("int_parsing", ["body", 1, "a"], "x")),
        (dict[int, int], {"x": 1}, ("int_parsing", ["body", "x", "[key]"], "x")),
        (dict[str, int], {"x": "y"}, ("int_parsing", ["body", "x"], "y")),
        (Record, [1], ("dataclass_type", ["body"], [1])),
        (Record, {"a": 1, "models": [{}]}, ("missing", ["body", "models", 0, "a"], {})),
        (Keys, {"a": "x"}, ("int_parsing", ["body", "a"], "x")),
        (Numbers, {}, ("list_type", ["body"], {})),
        (tuple[int, str], [1], ("missing", ["body", 1], [1])),
        (Annotated[int, Body(gt=0)], 0, ("greater_than", ["body"], 0)),
        (Annotated[int, Body()], 1.5, ("int_from_float", ["body"], 1.5)),
    ],
    ids=str,
)
def test_errors_of_every_type(annotation, sent, error):
    """5.8.5 and 6.2: the path inside the value follows "body"."""
    assert errors_of(taking(annotation).post("/x", json=sent)) == [error]


def test_raw_bodies_reach_text_and_bytes():
    """5.7.2: a bytes or str body takes the raw content of another type."""
    assert post(taking(str, Body(media_type="text/plain")), "héllo", "text/plain").json() == "héllo"
    assert post(taking(bytes, Body()), "abc", "application/octet-stream").json() == "abc"
    assert post(taking(int, Body()), "5", "text/plain").json() == 5


def test_attributes_are_enough():
    """5.8.5: validation reads attributes, so a validator may turn the body into an object."""
    from pydantic import BeforeValidator

    class Holder:
        a = 7

    assert (
        taking(Annotated[Model, BeforeValidator(lambda value: Holder()), Body()])
        .post("/x", json={})
        .json()["a"]
        == 7
    )


# 5.8.6 unions


class Cat(BaseModel):
    """One of two."""

    kind: Literal["cat"]
    m: int


class Dog(BaseModel):
    """The other one."""

    kind: Literal["dog"]
    w: int


def test_union_picks_the_branch_that_fits():
    """5.8.6: without discriminator Pydantic picks; errors name every branch."""

    def endpoint(p: Cat | Dog):
        return type(p).__name__

    client = client_for(endpoint)
    assert client.post("/x", json={"kind": "dog", "w": 1}).json() == "Dog"
    assert [error[1] for error in errors_of(client.post("/x", json={"kind": "x"}))] == [
        ["body", "Cat", "kind"],
        ["body", "Cat", "m"],
        ["body", "Dog", "kind"],
        ["body", "Dog", "w"],
    ]


def choose(value):
    """Tell the tag of a body."""
    return "cat" if "m" in value else "dog"


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[Cat | Dog, Body(discriminator="kind")],
        Annotated[Cat | Dog, Field(discriminator="kind")],
        Annotated[
            Annotated[Cat, Tag("cat")] | Annotated[Dog, Tag("dog")], Body(discriminator=Discriminator(choose))
        ],
    ],
    ids=["marker", "field", "callable"],
)
def test_discriminator_names_the_branch(annotation):
    """5.8.6: a discriminator in Body, in Field, or as an object; `loc` holds the tag."""
    client = taking(annotation)
    assert client.post("/x", json={"kind": "cat", "m": 1}).json() == {"kind": "cat", "m": 1}
    errors = errors_of(client.post("/x", json={"kind": "dog", "w": "x"}))
    assert errors == [("int_parsing", ["body", "dog", "w"], "x")]


@pytest.mark.parametrize(
    ("sent", "type_", "ctx"),
    [
        ({}, "union_tag_not_found", {"discriminator": "'kind'"}),
        (
            {"kind": "x"},
            "union_tag_invalid",
            {"discriminator": "'kind'", "tag": "x", "expected_tags": "'cat', 'dog'"},
        ),
    ],
)
def test_discriminator_problems_are_at_the_body(sent, type_, ctx):
    """5.8.6: a missing or unknown tag is an error of the whole body."""
    (error,) = taking(Annotated[Cat | Dog, Body(discriminator="kind")]).post("/x", json=sent).json()["detail"]
    assert (error["type"], error["loc"], error["input"], error["ctx"]) == (type_, ["body"], sent, ctx)
