"""Parts of forms that are JSON: a browser's Blob beside files, as a member of the body or of a form model."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, TypeVar

import pytest
from form_data import file_part, multipart, text_part, urlencoded
from pydantic import AliasChoices, BaseModel, Field, Json
from typing_extensions import TypedDict

from rapide import Body, File, Form, Rapide, UploadFile
from rapide.behaviour import FASTAPI, RAPIDE
from rapide.fastapi import FastAPI
from rapide.inputs.base import Parameter, make_field, make_input
from rapide.inputs.form_values import as_form_field, content_keys
from rapide.testclient import TestClient

T = TypeVar("T")


class Point(BaseModel):
    x: int
    label: str = ""


class Shape(BaseModel):
    points: list[Point]
    inner: dict[str, int] = {}


@dataclass
class Pair:
    one: int


class Named(TypedDict):
    name: str


class Box(BaseModel, Generic[T]):
    content: T


class Document(BaseModel):
    meta: Point
    files: list[UploadFile]
    note: str = ""
    more: list[Point] = []


_FILE = file_part("file", "n.bin", b"content")


def _json(name: str, text: str | bytes, media_type: str = "application/json") -> tuple[str, bytes]:
    """Return a part as `FormData.append(name, new Blob([text], {type}))` makes it."""
    return file_part(name, "blob", text.encode() if isinstance(text, str) else text, media_type)


def _client(annotation: Any, *default: Any, **options: Any) -> TestClient:
    """Return a client for an endpoint that takes `p`, declared as given, beside a file."""

    def endpoint(file: UploadFile, p: Any) -> Any:
        return [p, file.filename]

    endpoint.__annotations__["p"] = annotation
    endpoint.__defaults__ = default
    app = Rapide(**options)
    app.post("/x")(endpoint)
    return TestClient(app)


def _errors(response: Any) -> list[tuple[str, list[Any]]]:
    assert response.status_code == 422
    return [(error["type"], error["loc"]) for error in response.json()["errors"]]


# Members of the body beside files


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        (Point, '{"x": 1}', {"x": 1, "label": ""}),
        (Point | None, '{"x": 1}', {"x": 1, "label": ""}),
        (Point | None, "null", None),
        (Shape, '{"points": [{"x": 1, "label": "é"}]}', {"points": [{"x": 1, "label": "é"}], "inner": {}}),
        (dict[str, list[int]], '{"a": [1]}', {"a": [1]}),
        (Pair, '{"one": 1}', {"one": 1}),
        (Named, '{"name": "n"}', {"name": "n"}),
        (Box[int], '{"content": 1}', {"content": 1}),
        (list[Point], '[{"x": 1}, {"x": 2}]', [{"x": 1, "label": ""}, {"x": 2, "label": ""}]),
        (list[Point], "[]", []),
        (list[list[int]], "[[1, 2], [3]]", [[1, 2], [3]]),
    ],
)
@pytest.mark.parametrize("kind", ["blob", "text"])
def test_member_is_read_from_json_when_no_text_could_hold_it(type_, text, expected, kind):
    """The part of a browser's Blob, and the plain text part that other clients send."""
    part = _json("p", text) if kind == "blob" else text_part("p", text)
    response = _client(Annotated[type_, Body()]).post("/x", **multipart(part, _FILE))
    assert response.json() == [expected, "n.bin"]


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/vnd.api+json",
        "application/ld+json",
    ],
)
def test_part_is_json_when_its_type_says_so(media_type):
    """RFC 6838, section 4.2.8: everything that ends in +json is."""
    sent = multipart(_json("p", '{"x": 1}', media_type), _FILE)
    assert _client(Annotated[Point, Body()]).post("/x", **sent).json()[0]["x"] == 1


@pytest.mark.parametrize(
    "media_type", ["", "text/plain", "application/octet-stream", "application/jsonx", "image/png"]
)
@pytest.mark.parametrize("type_", [Point, dict[str, int], list[Point], int])
def test_file_is_refused_when_its_type_is_not_json(type_, media_type):
    """An upload has attributes of its own, and must not pass for a model that has the same."""
    sent = multipart(_json("p", "1", media_type), _FILE)
    assert _errors(_client(Annotated[type_, Body()]).post("/x", **sent)) == [
        ("unexpected_file", ["body", "p"])
    ]


def test_file_does_not_pass_for_a_model_with_the_attributes_of_an_upload():
    """FRM-12: objects are read by attribute elsewhere, uploads never."""

    class Looks(BaseModel):
        filename: str
        size: int

    sent = multipart(file_part("p", "secret.txt", b"x"), _FILE)
    for annotation in (Annotated[Looks, Body()], Annotated[Looks | str, Body()]):
        response = _client(annotation).post("/x", **sent)
        assert _errors(response) == [("unexpected_file", ["body", "p"])]
        assert "secret" not in response.text


@pytest.mark.parametrize(
    ("type_", "parts", "expected"),
    [
        (int, [text_part("p", "5")], 5),
        (int, [_json("p", "5")], 5),
        (str, [text_part("p", "5")], "5"),
        (str, [text_part("p", '"quoted"')], '"quoted"'),
        (str, [_json("p", '"quoted"')], "quoted"),
        (bool, [_json("p", "true")], True),
        (int | None, [_json("p", "null")], None),
        (list[int], [text_part("p", "1"), text_part("p", "2")], [1, 2]),
        (list[int], [_json("p", "[1, 2]")], [1, 2]),
        (list[int], [_json("p", "1"), text_part("p", "2")], [1, 2]),
        (str | Point, [text_part("p", '{"x": 1}')], '{"x": 1}'),
        (str | Point, [_json("p", '{"x": 1}')], {"x": 1, "label": ""}),
    ],
)
def test_member_that_a_text_can_hold_is_json_only_when_the_part_says_so(type_, parts, expected):
    """A text part stays the text that it is."""
    assert _client(Annotated[type_, Body()]).post("/x", **multipart(*parts, _FILE)).json()[0] == expected


@pytest.mark.parametrize(
    "parts",
    [
        [_json("p", '{"x": 1}'), _json("p", '{"x": 2}')],
        [text_part("p", '{"x": 1}'), _json("p", '{"x": 2}')],
        [_json("p", '[{"x": 1}, {"x": 2}]')],
        [text_part("p", '[{"x": 1}, {"x": 2}]')],
    ],
)
def test_list_is_read_from_one_part_or_from_one_for_each_item(parts):
    """OpenAPI describes arrays as repeated parts (3.1, section 4.8.15); scripts send one array."""
    response = _client(Annotated[list[Point], Body()]).post("/x", **multipart(*parts, _FILE))
    assert [point["x"] for point in response.json()[0]] == [1, 2]


@pytest.mark.parametrize(
    ("text", "place"), [("{", ["body", "p", 1]), ('{"x": 1,}', ["body", "p", 8]), ("x", ["body", "p", 0])]
)
@pytest.mark.parametrize("make", [_json, text_part])
def test_broken_json_is_told_with_its_place(make, text, place):
    """As for a whole body: the offset of what could not be read, below the name of the part."""
    response = _client(Annotated[Point, Body()]).post("/x", **multipart(make("p", text), _FILE))
    (error,) = _errors(response)
    assert (error[0], error[1][:2]) == ("json_invalid", place[:2])
    assert isinstance(error[1][2], int)


@pytest.mark.parametrize("text", ['{"x": NaN}', '{"x": Infinity}', '{"x": 1} {"x": 2}', "[" * 100_000])
def test_json_that_is_none_by_the_standard_is_refused(text):
    """JSN rows hold for parts as for bodies: RFC 8259 and nothing more."""
    response = _client(Annotated[Point, Body()]).post("/x", **multipart(_json("p", text), _FILE))
    assert [kind for kind, _ in _errors(response)] == ["json_invalid"]


def test_json_part_is_refused_when_it_is_not_utf_8():
    """FRM-10 holds inside a part too."""
    response = _client(Annotated[Point, Body()]).post(
        "/x", **multipart(_json("p", b'{"label": "\xff"}'), _FILE)
    )
    assert (response.status_code, response.json()["detail"]) == (400, "The body is not UTF-8")


def test_json_part_is_refused_when_it_is_longer_than_json_may_be():
    """BOD-01: being a file in a form does not widen the limit of JSON; files themselves are not JSON."""
    client = _client(Annotated[Point, Body()], behaviour=replace(RAPIDE, max_json_size=100))
    padded = '{"x": 1}' + " " * 100
    assert client.post("/x", **multipart(_json("p", padded), _FILE)).status_code == 413
    assert (
        client.post(
            "/x", **multipart(_json("p", '{"x": 1}'), file_part("file", "n", b"x" * 1_000))
        ).status_code
        == 200
    )
    as_file = file_part("file", "data.json", padded.encode(), "application/json")
    assert client.post("/x", **multipart(_json("p", '{"x": 1}'), as_file)).json()[1] == "data.json"


def test_missing_member_is_missing_or_its_default():
    """Nothing, an empty text and an empty file are all the same."""
    required, optional = _client(Annotated[Point, Body()]), _client(Annotated[Point | None, Body()], None)
    for parts in ([], [text_part("p", "")], [file_part("p", "")]):
        assert _errors(required.post("/x", **multipart(*parts, _FILE))) == [("missing", ["body", "p"])]
        assert optional.post("/x", **multipart(*parts, _FILE)).json()[0] is None


def test_errors_inside_a_part_are_placed_below_its_name():
    """The values are those of a model like any other."""
    response = _client(Annotated[Shape, Body()]).post(
        "/x", **multipart(_json("p", '{"points": [{"x": "y"}]}'), _FILE)
    )
    assert _errors(response) == [("int_parsing", ["body", "p", "points", 0, "x"])]


def test_other_names_of_a_member_are_tried():
    """`AliasChoices`: the first that was sent."""
    annotation = Annotated[Point, Body(validation_alias=AliasChoices("one", "two"))]
    client = _client(annotation)
    assert client.post("/x", **multipart(_json("two", '{"x": 2}'), _FILE)).json()[0]["x"] == 2
    assert (
        client.post("/x", **multipart(_json("two", '{"x": 2}'), text_part("one", '{"x": 1}'), _FILE)).json()[
            0
        ]["x"]
        == 1
    )


def test_member_of_the_body_may_be_bytes():
    """The content of a file, whatever its type."""
    client = _client(Annotated[bytes, Body()])
    assert client.post("/x", **multipart(file_part("p", "n", b"raw"), _FILE)).json()[0] == "raw"


# Fields of forms and form models


def test_form_model_holds_json_and_files_together():
    """One model for the metadata and the files that it describes."""

    def endpoint(document: Annotated[Document, Form()]) -> list[Any]:
        return [document.meta, [file.filename for file in document.files], document.note, document.more]

    app = Rapide()
    app.post("/x")(endpoint)
    client = TestClient(app)
    files = [file_part("files", "a", b"1"), file_part("files", "b", b"2")]
    sent = multipart(_json("meta", '{"x": 1}'), *files, text_part("note", "n"), _json("more", '[{"x": 2}]'))
    assert client.post("/x", **sent).json() == [
        {"x": 1, "label": ""},
        ["a", "b"],
        "n",
        [{"x": 2, "label": ""}],
    ]
    broken = multipart(_json("meta", "{"), *files, _json("more", '[{"x": "y"}]'))
    assert _errors(client.post("/x", **broken)) == [
        ("json_invalid", ["body", "meta", 1]),
        ("int_parsing", ["body", "more", 0, "x"]),
    ]


def test_branches_of_a_union_read_json_parts():
    """A branch whose part is broken says so; another may fit."""

    class Note(BaseModel):
        note: str

    def endpoint(p: Annotated[Document | Note, Form()]) -> str:
        return type(p).__name__

    app = Rapide()
    app.post("/x")(endpoint)
    client = TestClient(app)
    assert (
        client.post("/x", **multipart(_json("meta", '{"x": 1}'), file_part("files", "a"))).json()
        == "Document"
    )
    assert client.post("/x", **multipart(_json("meta", "{"), text_part("note", "n"))).json() == "Note"
    assert _errors(client.post("/x", **multipart(_json("meta", "{"), file_part("files", "a")))) == [
        ("json_invalid", ["body", "Document", "meta", 1]),
        ("missing", ["body", "Note", "note"]),
    ]


@pytest.mark.parametrize("part", [_json("p", '{"x": 1}'), text_part("p", '{"x": 1}')], ids=["blob", "text"])
def test_json_text_is_read_from_either_kind_of_part(part):
    """`pydantic.Json` parses the text itself, from a Blob too."""
    response = _client(Annotated[Json[Point], Form()]).post("/x", **multipart(part, _FILE))
    assert response.json()[0] == {"x": 1, "label": ""}


def test_single_fields_of_a_form_may_be_json():
    """A mapping has no fields of its own: it is one part."""
    client = _client(Annotated[dict[str, int], Form()])
    assert client.post("/x", **multipart(text_part("p", '{"a": 1}'), _FILE)).json()[0] == {"a": 1}


def test_json_is_read_from_urlencoded_forms_too():
    """A form without files may be sent in the other encoding."""

    def endpoint(p: Annotated[dict[str, int], Form()]) -> dict[str, int]:
        return p

    app = Rapide()
    app.post("/x")(endpoint)
    assert TestClient(app).post("/x", **urlencoded('p={"a": 1}')).json() == {"a": 1}


# The other face, and the plan


@pytest.mark.parametrize("part", [_json("p", '{"x": 1}'), text_part("p", '{"x": 1}')], ids=["blob", "text"])
def test_models_beside_files_are_not_parsed_under_fastapis_behaviour(part):
    """FastAPI validates the part as it is, and refuses it."""

    def endpoint(file: UploadFile, p: Annotated[Point, Body()]) -> None:
        """Never run."""

    app = FastAPI()
    app.post("/x")(endpoint)
    assert TestClient(app).post("/x", **multipart(part, _FILE)).status_code == 422


@pytest.mark.parametrize(
    ("type_", "body", "form"),
    [
        (str, "declared_json", "as_sent"),
        (int | None, "declared_json", "as_sent"),
        (Any, "declared_json", "as_sent"),
        (list[str], "declared_json", "as_sent"),
        (Point, "json", "json"),
        (list[Point] | None, "json", "json"),
        (dict, "json", "json"),
        (str | Point, "declared_json", "as_sent"),
        (bytes, "bytes", "bytes"),
        (list[bytes], "bytes", "bytes"),
        (UploadFile, "as_sent", "as_sent"),
        (list[UploadFile], "as_sent", "as_sent"),
        (Json[Point], "json_text", "json_text"),
    ],
)
def test_plan_says_what_a_part_becomes(type_, body, form):
    """Decided once, for handler and document alike; FastAPI's behaviour knows files and contents only."""

    def part(marker: Any, kind: Any, behaviour: Any) -> str:
        parameter = Parameter("p", type_, type_, (), marker, None, ..., part, {}, behaviour)
        return as_form_field(make_input(parameter, kind, make_field(parameter, marker)), behaviour).part

    assert part(Body(), "body", RAPIDE) == body
    assert part(Form(), "form", RAPIDE) == form
    assert part(Body(), "body", FASTAPI) == "as_sent"
    assert part(Form(), "form", FASTAPI) == (form if form == "bytes" else "as_sent")


def test_names_of_wanted_contents_are_those_of_all_fields():
    """Every name of a field, those of models included, once."""
    marker = File(validation_alias=AliasChoices("b", "a"))
    parameter = Parameter("p", bytes, bytes, (), marker, None, ..., content_keys, {}, RAPIDE)
    item = as_form_field(make_input(parameter, "form", make_field(parameter, marker)), RAPIDE)
    group = replace(item, members=(item, replace(item, choices=(), key="c", part="json")))
    assert content_keys([item]) == ("a", "b")
    assert content_keys([group, item]) == ("a", "b")
    assert content_keys([group, item], "json") == ("c",)
    assert content_keys([group], "bytes", "json") == ("a", "b", "c")


def test_description_of_a_field_does_not_decide_its_part():
    """Constraints and descriptions leave the kind of a part as it is."""

    class Described(BaseModel):
        meta: Annotated[Point, Field(description="what it is")]

    def endpoint(file: UploadFile, p: Annotated[Described, Form()]) -> Any:
        return p

    app = Rapide()
    app.post("/x")(endpoint)
    assert TestClient(app).post("/x", **multipart(_json("meta", '{"x": 1}'), _FILE)).json()["meta"]["x"] == 1
