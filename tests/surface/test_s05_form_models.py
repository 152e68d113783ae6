"""Section 5.9 of the surface document: models and unions of models as forms."""

from typing import Annotated, Literal

import pytest
from form_data import file_part, multipart, text_part, urlencoded
from one_endpoint import client_for, errors_of, taking
from pydantic import BaseModel, ConfigDict, Field, Json, RootModel
from surface_target import Depends, File, Form, UploadFile


class Fields(BaseModel):
    """A form with a required field."""

    a: int
    b: str = "b"
    many: list[str] = []


class Strict(BaseModel):
    """A form that forbids other fields."""

    model_config = ConfigDict(extra="forbid")
    a: int = 1


class Open(BaseModel):
    """A form that collects other fields."""

    model_config = ConfigDict(extra="allow")
    a: int = 1


class Extra(BaseModel):
    """Another form."""

    c: int = 3


class Cat(BaseModel):
    """One branch."""

    kind: Literal["cat"]
    m: int
    tag: list[str] = []


class Dog(BaseModel):
    """The other branch."""

    kind: Literal["dog"]
    w: int
    tag: str = ""


@pytest.mark.parametrize(
    "annotation", [Annotated[Fields, Form()], Annotated[Fields, Form(media_type="multipart/form-data")]]
)
@pytest.mark.parametrize(
    "sent",
    [
        urlencoded("a=1&many=x&many=&z=1"),
        multipart(*[text_part(*p) for p in (("a", "1"), ("many", "x"), ("many", ""))]),
    ],
)
def test_form_model_collects_its_fields(annotation, sent):
    """5.9.7: a model with Form reads its fields flatly, from either encoding; lists keep empty items."""
    assert taking(annotation).post("/x", **sent).json() == {"a": 1, "b": "b", "many": ["x", ""]}


def test_form_model_as_default_marker():
    """5.9.7: `m: Model = Form()` is the same."""
    client = taking(Fields, Form())
    assert client.post("/x", **urlencoded("a=1")).json()["a"] == 1
    assert errors_of(client.post("/x", **urlencoded("p=1"))) == [("missing", ["body", "a"], {"p": "1"})]


@pytest.mark.parametrize("sent", [{}, urlencoded(""), urlencoded("a=&b="), {"json": {"a": 1}}])
def test_empty_fields_of_a_form_model_are_missing(sent):
    """5.9.2 and 5.9.7: empty texts count as missing in models too; `loc` has no name of the parameter."""
    assert errors_of(taking(Annotated[Fields, Form()]).post("/x", **sent)) == [("missing", ["body", "a"], {})]


def test_form_model_defaults_apply_to_empty_fields():
    """5.9.2: an empty text means the field's default."""
    client = taking(Annotated[Fields, Form()])
    assert client.post("/x", **urlencoded("a=1&b=")).json() == {"a": 1, "b": "b", "many": []}


@pytest.mark.parametrize(
    ("text", "errors"),
    [
        ("z=1&z=2", [("extra_forbidden", ["body", "z"], ["1", "2"])]),
        ("z=", [("extra_forbidden", ["body", "z"], "")]),
        ("a=x", [("int_parsing", ["body", "a"], "x")]),
    ],
)
def test_form_model_forbids_extras(text, errors):
    """5.6.2 and 5.9.7: unknown fields are refused when the model says so."""
    assert errors_of(taking(Annotated[Strict, Form()]).post("/x", **urlencoded(text))) == errors


def test_form_model_forbids_sibling_fields():
    """5.6.2 and 5.9.7: fields of siblings count as unknown."""

    def endpoint(m: Annotated[Strict, Form()], t: str = Form("")):
        return m

    client = client_for(endpoint)
    assert client.post("/x", **urlencoded("a=2")).json() == {"a": 2}
    assert errors_of(client.post("/x", **urlencoded("t=1"))) == [("extra_forbidden", ["body", "t"], "1")]


def test_form_model_collects_extras():
    """5.6.2 and 5.9.7: a repeated extra is a list, a single one a text."""
    response = taking(Annotated[Open, Form()]).post("/x", **urlencoded("z=1&z=2&y=3&x="))
    assert response.json() == {"a": 1, "z": ["1", "2"], "y": "3", "x": ""}


def test_several_form_models_and_fields():
    """5.9.7: models, fields and models of dependencies share one flat form."""

    def dependency(e: Annotated[Extra, Form()], t: int = Form(0)):
        return [e.c, t]

    def endpoint(
        m: Annotated[Fields, Form()], e: Annotated[Extra, Form()], t: int = Form(9), d=Depends(dependency)
    ):
        return [m.a, e.c, t, d]

    client = client_for(endpoint)
    assert client.post("/x", **urlencoded("a=1&c=4&t=5")).json() == [1, 4, 5, [4, 5]]
    assert client.post("/x", **urlencoded("a=1")).json() == [1, 3, 9, [3, 0]]
    assert [error[1] for error in errors_of(client.post("/x", **urlencoded("c=x&t=y")))] == [
        ["body", "c"],
        ["body", "t"],
        ["body", "a"],
        ["body", "c"],
        ["body", "t"],
    ]


def test_form_model_with_files():
    """5.9.7: fields may be uploads, bytes and lists of them."""

    class Upload(BaseModel):
        t: str
        u: UploadFile
        many: list[UploadFile] = []
        raw: bytes = File(b"")

    def endpoint(m: Annotated[Upload, Form()]):
        return [m.t, m.u.filename, [one.filename for one in m.many], m.raw.decode()]

    client = client_for(endpoint)
    sent = multipart(
        text_part("t", "text"),
        file_part("u", "n", b"abc"),
        file_part("many", "1"),
        file_part("many", ""),
        file_part("many", "2"),
        file_part("raw", "r", b"raw"),
    )
    assert client.post("/x", **sent).json() == ["text", "n", ["1", "2"], "raw"]
    sent = multipart(text_part("t", "text"), file_part("u", ""))
    assert errors_of(client.post("/x", **sent)) == [("missing", ["body", "u"], {"t": "text"})]
    assert errors_of(client.post("/x", **urlencoded("t=x&u=y"))) == [("value_error", ["body", "u"], "y")]


def test_form_model_with_json_and_aliases():
    """5.9.9: JSON text fields and aliases work inside form models."""

    class Mixed(BaseModel):
        j: Json[dict[str, int]]
        a: int = Field(1, alias="A")

    client = taking(Annotated[Mixed, Form()])
    assert client.post("/x", **urlencoded('j={"k":1}&A=2')).json() == {"j": {"k": 1}, "A": 2}
    assert errors_of(client.post("/x", **urlencoded("j=x&A=y"))) == [
        ("json_invalid", ["body", "j"], "x"),
        ("int_parsing", ["body", "A"], "y"),
    ]


def test_root_model_as_form():
    """5.9.7: a root model over a dict takes all fields."""

    class Anything(RootModel[dict[str, str]]):
        pass

    assert taking(Anything, Form()).post("/x", **urlencoded("a=1&b=2")).json() == {"a": "1", "b": "2"}


# Optional groups


@pytest.mark.parametrize(
    ("model", "text", "expected"),
    [
        (Fields, "", None),
        (Fields, "z=1", None),
        (Fields, "a=1", {"a": 1, "b": "b", "many": []}),
        (Strict, "", None),
        (Strict, "a=2", {"a": 2}),
        (Open, "z=1", {"a": 1, "z": "1"}),
    ],
)
def test_optional_form_group(model, text, expected):
    """5.9.7: a group with default is used when an own field was sent, or any field for allow and forbid."""
    assert taking(Annotated[model | None, Form()], None).post("/x", **urlencoded(text)).json() == expected


@pytest.mark.parametrize(
    ("model", "text", "error"),
    [
        (Fields, "b=1", ("missing", ["body", "a"], {"b": "1"})),
        (Fields, "b=", ("missing", ["body", "a"], {})),
        (Strict, "z=1", ("extra_forbidden", ["body", "z"], "1")),
    ],
)
def test_own_fields_activate_an_optional_form_group(model, text, error):
    """5.9.7: an own field activates the group even when it is empty."""
    assert errors_of(taking(Annotated[model | None, Form()], None).post("/x", **urlencoded(text))) == [error]


def test_optional_form_group_without_default_is_required():
    """5.9.7 and 6.3: required, reported at ["body"]."""
    assert errors_of(taking(Annotated[Fields | None, Form()]).post("/x")) == [("missing", ["body"], None)]


# Unions

PLAIN = Annotated[Cat | Dog, Form()]
TAGGED = Annotated[Cat | Dog, Form(discriminator="kind")]


@pytest.mark.parametrize("annotation", [PLAIN, TAGGED])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kind=cat&m=1&tag=1&tag=2", {"kind": "cat", "m": 1, "tag": ["1", "2"]}),
        ("kind=dog&w=1&tag=1&tag=2", {"kind": "dog", "w": 1, "tag": "2"}),
        ("kind=dog&w=1&tag=", {"kind": "dog", "w": 1, "tag": ""}),
    ],
)
def test_each_branch_reads_repeated_values_itself(annotation, text, expected):
    """5.9.7: a list in one branch may be a text in the other."""
    assert taking(annotation).post("/x", **urlencoded(text)).json() == expected


def test_union_errors_name_every_branch():
    """5.9.7: without discriminator each branch reports under its model's name."""
    errors = errors_of(taking(PLAIN).post("/x", **urlencoded("kind=dog&w=x")))
    assert [(type_, loc) for type_, loc, _ in errors] == [
        ("literal_error", ["body", "Cat", "kind"]),
        ("missing", ["body", "Cat", "m"]),
        ("int_parsing", ["body", "Dog", "w"]),
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("kind=dog&w=x", ("int_parsing", ["body", "dog", "w"], "x")),
        ("kind=dog&w=", ("missing", ["body", "dog", "w"], {"kind": "dog"})),
        ("", ("union_tag_not_found", ["body"], {})),
        ("kind=x", ("union_tag_invalid", ["body"], {"kind": "x"})),
        ("kind=", ("union_tag_invalid", ["body"], {"kind": ""})),
    ],
)
def test_discriminated_union_errors(text, error):
    """5.9.7: with a discriminator the branch is named by its value; tag problems are at ["body"]."""
    assert errors_of(taking(TAGGED).post("/x", **urlencoded(text))) == [error]


@pytest.mark.parametrize(("text", "expected"), [("", None), ("z=1", None), ("kind=cat&m=1", "cat")])
def test_optional_union(text, expected):
    """5.9.7: a union may be optional with a default."""

    def endpoint(p: Annotated[Cat | Dog | None, Form(discriminator="kind")] = None):
        return p and p.kind

    assert client_for(endpoint).post("/x", **urlencoded(text)).json() == expected


@pytest.mark.parametrize(("text", "type_"), [("kind=", "union_tag_invalid"), ("m=1", "union_tag_not_found")])
def test_any_own_field_activates_an_optional_union(text, type_):
    """5.9.7: an own key of any branch activates the union, even when it is empty."""
    client = taking(Annotated[Cat | Dog | None, Form(discriminator="kind")], None)
    assert [(t, loc) for t, loc, _ in errors_of(client.post("/x", **urlencoded(text)))] == [(type_, ["body"])]


def test_several_unions_in_one_form():
    """5.9.7: several unions, tagged or not, share one form."""

    class E(BaseModel):
        e: int

    class G(BaseModel):
        g: int

    def endpoint(p: TAGGED, q: Annotated[E | G, Form()]):
        return [type(p).__name__, type(q).__name__]

    client = client_for(endpoint)
    assert client.post("/x", **urlencoded("kind=cat&m=1&g=1")).json() == ["Cat", "G"]
    assert [error[1] for error in errors_of(client.post("/x", **urlencoded("kind=cat&e=x")))] == [
        ["body", "cat", "m"],
        ["body", "E", "e"],
        ["body", "G", "g"],
    ]
