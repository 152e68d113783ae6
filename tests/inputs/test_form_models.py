"""Models and unions of models as forms: the plan, and what each branch makes of one form."""

from typing import Annotated, Any, Literal

import pytest
from form_data import file_part, multipart, text_part, urlencoded
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from rapide import File, Form, Rapide, UploadFile
from rapide._pydantic import Undefined
from rapide._run.forms import FormValues
from rapide.behaviour import FASTAPI, RAPIDE
from rapide.exceptions import RequestValidationError
from rapide.fastapi import FastAPI
from rapide.inputs.base import Parameter
from rapide.inputs.form import claim
from rapide.inputs.form_models import read_form_model
from rapide.responses import JSONResponse
from rapide.testclient import TestClient

_FACES = pytest.mark.parametrize("face", [Rapide, FastAPI])


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int
    names: list[str] = []


class Dog(BaseModel):
    kind: Literal["dog"]
    weight: float
    names: str = ""


class Photo(BaseModel):
    kind: Literal["photo"]
    image: UploadFile
    raw: bytes = File(b"")


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["closed"]


PLAIN = Annotated[Cat | Dog, Form()]
TAGGED = Annotated[Cat | Dog, Form(discriminator="kind")]


def _taking(face: Any, annotation: Any, *default: Any, **options: Any) -> TestClient:
    def endpoint(p: Any) -> Any:
        return p

    endpoint.__annotations__ = {"p": annotation}
    endpoint.__defaults__ = default
    app = face(**options)
    app.post("/x")(endpoint)
    return TestClient(app)


def _errors(response: Any) -> list[tuple[str, list[Any]]]:
    assert response.status_code == 422
    body = response.json()
    return [(error["type"], error["loc"]) for error in body.get("errors", body.get("detail"))]


def _claimed(type_: Any, marker: Any, behaviour: Any = RAPIDE) -> Any:
    def function() -> None:
        """Declares the parameter."""

    return claim(Parameter("p", type_, type_, (), marker, None, Undefined, function, {}, behaviour))


# The plan


def test_plan_of_a_union_lists_its_branches_and_all_their_fields():
    """The document and the explanation of a route read the same plan as the handler."""
    item = _claimed(Cat | Dog, Form(discriminator="kind"))
    assert item.group
    assert [branch.name for branch in item.branches] == ["Cat", "Dog"]
    assert [[member.name for member in branch.members] for branch in item.branches] == [
        ["kind", "lives", "names"],
        ["kind", "weight", "names"],
    ]
    assert [member.sequence for branch in item.branches for member in branch.members] == [
        False,
        False,
        True,
    ] + [False] * 3
    assert item.members == tuple(member for branch in item.branches for member in branch.members)
    assert item.field.field_info.annotation == Cat | Dog


def test_plan_of_a_single_model_has_no_branches():
    """A model is a group of its fields, an optional one too."""
    for type_ in (Cat, Cat | None):
        item = _claimed(type_, Form())
        assert (item.group, item.branches, item.chooser) == (True, (), None)


@pytest.mark.parametrize("type_", [Cat | str, Cat | list[Dog], str | None, dict[str, int] | Cat])
def test_union_with_anything_but_models_is_a_single_field(type_):
    """Only models have fields of their own in the form."""
    item = _claimed(type_, Form())
    assert (item.group, item.key) == (False, "p")


def test_plan_says_what_repeated_fields_and_parts_become():
    """The decisions of the application are in the plan, not in the reading."""
    native, vendor = (_claimed(Photo | Dog, Form(), behaviour) for behaviour in (RAPIDE, FASTAPI))
    assert {member.repeated for member in native.members} == {"refuse"}
    assert {member.repeated for member in vendor.members} == {"last"}
    assert [member.part for member in native.members] == ["as_sent", "as_sent", "bytes"] + ["as_sent"] * 3


# Branches


@_FACES
@pytest.mark.parametrize("annotation", [PLAIN, TAGGED], ids=["plain", "tagged"])
def test_each_branch_takes_its_own_fields(face, annotation):
    """A list in one branch is a single text in the other."""
    client = _taking(face, annotation)
    cat = client.post("/x", **urlencoded("kind=cat&lives=9&names=a&names=&names=b")).json()
    assert cat == {"kind": "cat", "lives": 9, "names": ["a", "", "b"]}
    dog = client.post("/x", **urlencoded("kind=dog&weight=3&names=a")).json()
    assert dog == {"kind": "dog", "weight": 3.0, "names": "a"}


def test_branch_is_refused_when_its_single_field_is_repeated():
    """FRM-17: another branch may take several values; this one does not."""
    text = "kind=dog&weight=1&names=a&names=b"
    assert _errors(_taking(Rapide, TAGGED).post("/x", **urlencoded(text))) == [
        ("repeated_field", ["body", "dog", "names"])
    ]
    assert _errors(_taking(Rapide, PLAIN).post("/x", **urlencoded(text))) == [
        ("literal_error", ["body", "Cat", "kind"]),
        ("missing", ["body", "Cat", "lives"]),
        ("repeated_field", ["body", "Dog", "names"]),
    ]
    assert _taking(FastAPI, TAGGED).post("/x", **urlencoded(text)).json()["names"] == "b"


def test_other_errors_of_a_model_are_told_beside_a_repetition():
    """One answer names all that is wrong."""
    client = _taking(Rapide, Annotated[Cat, Form()])
    assert _errors(client.post("/x", **urlencoded("kind=cat&kind=cat&lives=x"))) == [
        ("repeated_field", ["body", "kind"]),
        ("int_parsing", ["body", "lives"]),
    ]


@_FACES
def test_files_and_their_contents_reach_the_branch_that_fits(face):
    """Uploads and bytes are fields of a branch like texts."""

    def endpoint(p: Annotated[Photo | Dog, Form(discriminator="kind")]) -> list[Any]:
        return [type(p).__name__, p.image.filename, p.raw.decode()]

    app = face()
    app.post("/x")(endpoint)
    sent = multipart(text_part("kind", "photo"), file_part("image", "i", b"1"), file_part("raw", "r", b"raw"))
    assert TestClient(app).post("/x", **sent).json() == ["Photo", "i", "raw"]


@_FACES
@pytest.mark.parametrize(
    ("text", "activates"),
    [("", False), ("other=1", False), ("names=", True), ("kind=", True), ("weight=1", True)],
)
def test_optional_union_is_read_when_a_field_of_any_branch_is_sent(face, text, activates):
    """Even an empty one counts."""
    response = _taking(face, Annotated[Cat | Dog | None, Form()], None).post("/x", **urlencoded(text))
    assert response.status_code == (422 if activates else 200)


@_FACES
def test_any_field_counts_when_a_branch_looks_at_strangers(face):
    """A model that forbids or collects extras is concerned by whatever is sent."""
    client = _taking(face, Annotated[Closed | Dog | None, Form()], None)
    assert client.post("/x", **urlencoded("")).json() is None
    assert client.post("/x", **urlencoded("other=1")).status_code == 422


@_FACES
def test_names_in_errors_are_those_of_models_tags_or_discriminators(face):
    """A branch is called as Pydantic would call it without us."""
    tagged = Annotated[Annotated[Cat, Tag("c")] | Annotated[Dog, Tag("d")], Form()]
    assert {place[1] for _, place in _errors(_taking(face, tagged).post("/x"))} == {"c", "d"}
    assert {place[1] for _, place in _errors(_taking(face, PLAIN).post("/x"))} == {"Cat", "Dog"}
    by_call = Annotated[
        Annotated[Cat, Tag("c")] | Annotated[Dog, Tag("d")],
        Discriminator(lambda sent: {"cat": "c", "dog": "d"}.get(sent["kind"])),
        Form(),
    ]
    assert _errors(_taking(face, by_call).post("/x", **urlencoded("kind=dog&weight=x"))) == [
        ("float_parsing", ["body", "d", "weight"])
    ]


@_FACES
def test_validators_around_a_union_see_what_was_sent(face):
    """Texts, and lists of texts for what was repeated; what they return is what the branches get."""
    seen: list[Any] = []

    def look(sent: Any) -> Any:
        seen.append(dict(sent))
        return {**sent, "kind": "cat"}

    annotation = Annotated[Cat | Dog, BeforeValidator(look), Form()]
    response = _taking(face, annotation).post("/x", **urlencoded("lives=1&names=a&names=b"))
    assert seen == [{"lives": "1", "names": ["a", "b"]}]
    assert response.json() == {"kind": "cat", "lives": 1, "names": ["a", "b"]}


@_FACES
def test_validator_may_put_an_instance_in_place_of_the_form(face):
    """What is a model already is not read again."""
    annotation = Annotated[Cat | Dog, BeforeValidator(lambda sent: Dog(kind="dog", weight=2)), Form()]
    assert _taking(face, annotation).post("/x").json()["weight"] == 2


@_FACES
def test_validators_run_once_when_values_are_wrong(face):
    """A form is read once, not once more for the errors."""
    seen: list[Any] = []

    def look(sent: Any) -> Any:
        seen.append(sent)
        return sent

    client = _taking(face, Annotated[Cat | Dog, BeforeValidator(look), Form()])
    assert client.post("/x").status_code == 422
    assert len(seen) == 1


@_FACES
@pytest.mark.parametrize(
    ("inner", "branch"),
    [(Cat | Dog, "Cat"), (Annotated[Cat | Dog, Field(discriminator="kind")], "cat")],
    ids=["plain", "tagged"],
)
def test_alias_of_a_union_is_that_union(face, inner, branch):
    """`type Pet = Cat | Dog`, with the discriminator in the alias."""
    client = _taking(face, Annotated[TypeAliasType("pet", inner), Form()])
    sent = urlencoded("kind=cat&lives=1&names=a&names=b")
    assert client.post("/x", **sent).json()["names"] == ["a", "b"]
    assert ("int_parsing", ["body", branch, "lives"]) in _errors(
        client.post("/x", **urlencoded("kind=cat&lives=x"))
    )


@_FACES
@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("one=1", 1),
        ("two=2", 2),
        ("one=&two=2", 2),
        ("one=&two=", 0),
        ("one=1&two=2", [("extra_forbidden", ["body", "two"])]),
        ("one=1&two=", [("extra_forbidden", ["body", "two"])]),
    ],
)
def test_names_after_the_one_that_was_used_are_strangers(face, text, result):
    """Those before it were empty, and are the field's own."""

    class Strict(BaseModel):
        model_config = ConfigDict(extra="forbid")
        number: int = Field(0, validation_alias=AliasChoices("one", "two"))

    def endpoint(p: Annotated[Strict, Form()]) -> int:
        return p.number

    app = face()
    app.post("/x")(endpoint)
    response = TestClient(app).post("/x", **urlencoded(text))
    assert (response.json() if response.status_code == 200 else _errors(response)) == result


@_FACES
def test_input_of_an_error_is_plain_data(face):
    """Handlers of errors get what was sent, in no class of the framework's."""
    errors: list[Any] = []
    app = face()

    @app.exception_handler(RequestValidationError)
    async def handle(request: Any, exc: Any) -> JSONResponse:
        errors.extend(exc.errors())
        return JSONResponse({}, 422)

    @app.post("/x")
    def endpoint(p: TAGGED) -> None:
        """Never run."""

    TestClient(app).post("/x", **urlencoded("names=a"))
    assert [type(error["input"]) for error in errors] == [dict]


# A property: a union reads as the model that it chooses

_TEXTS = st.text(alphabet="abx1 ", max_size=3)
_FORMS = st.lists(
    st.tuples(st.sampled_from(["kind", "lives", "weight", "names", "other"]), _TEXTS), max_size=8
)


@given(fields=_FORMS, kind=st.sampled_from(["cat", "dog"]), behaviour=st.sampled_from([RAPIDE, FASTAPI]))
def test_union_reads_as_the_model_that_its_tag_names(fields, kind, behaviour):
    """Whatever is sent: the same value, or the same errors one level deeper."""
    lists: dict[str, list[Any]] = {"kind": [kind]}
    for key, value in fields:
        if key != "kind":
            lists.setdefault(key, []).append(value)
    form = FormValues(lists, {})
    union = _claimed(Cat | Dog, Form(discriminator="kind"), behaviour)
    alone = _claimed({"cat": Cat, "dog": Dog}[kind], Form(), behaviour)
    value, errors = read_form_model(union, form)
    expected_value, expected = read_form_model(alone, form)
    assert value == expected_value
    placed = [{**error, "loc": ("body", kind, *error["loc"][1:])} for error in expected]
    by_place = {error["loc"]: error for error in errors}
    broken = {error["type"] for error in errors} == {"repeated_field"}
    # A branch that cannot take a part is not validated further.
    assert broken or [by_place.get(error["loc"]) for error in placed] == placed


def test_default_of_an_optional_union_is_made_anew():
    """What one request changes, the next does not see."""
    default = Dog(kind="dog", weight=1)

    def endpoint(p: Annotated[Cat | Dog | None, Form()] = default) -> str:
        p.names += "x"
        return p.names

    app = Rapide()
    app.post("/x")(endpoint)
    client = TestClient(app)
    assert [client.post("/x").json() for _ in range(2)] == ["x", "x"]
