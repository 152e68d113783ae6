"""Section 5.9 of the surface document: single form fields and files."""

from typing import Annotated

import pytest
from form_data import file_part, multipart, text_part, urlencoded
from one_endpoint import client_for, errors_of, taking
from pydantic import AliasChoices, BaseModel, Json
from surface_target import (
    Body,
    Depends,
    FastAPI,
    File,
    Form,
    Request,
    TestClient,
    UploadFile,
    served_document,
)


class Model(BaseModel):
    """A model."""

    a: int


MISSING = [("missing", ["body", "p"], None)]


# 5.9.1 parsing


@pytest.mark.parametrize(
    "sent",
    [
        urlencoded("p=one"),
        multipart(text_part("p", "one")),
        {"data": {"p": "one"}},
        {
            "content": b"p=one",
            "headers": {"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        },
    ],
)
def test_forms_are_urlencoded_or_multipart(sent):
    """5.9.1: both encodings of a form are read, whatever the field's documented media type."""
    assert taking(str, Form()).post("/x", **sent).json() == "one"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"json": {"p": "one"}},
        {"content": b"p=one"},
        {"content": b"p=one", "headers": {"content-type": "text/plain"}},
    ],
)
def test_other_content_types_are_an_empty_form(sent):
    """5.9.1: any other type gives an empty form."""
    assert errors_of(taking(str, Form()).post("/x", **sent)) == MISSING


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("p=caf%C3%A9+x", "café x"),
        ("p=a%26b", "a&b"),
        ("p=%20", " "),
        ("&&p=1&", "1"),
        ("p=1&p=2", "2"),
        ("p=a;q=b", "a;q=b"),
    ],
)
def test_urlencoded_text_is_decoded(text, expected):
    """5.9.1: percent and plus decoding; of a repeated key the last value."""
    assert taking(str, Form()).post("/x", **urlencoded(text)).json() == expected


def test_form_fields_are_always_embedded():
    """5.8.1 and 5.9.1: even a single field is looked up by its name or alias."""
    client = taking(int, Form(alias="other", gt=3))
    assert client.post("/x", **urlencoded("other=4")).json() == 4
    assert errors_of(client.post("/x", **urlencoded("other=3"))) == [("greater_than", ["body", "other"], "3")]
    assert errors_of(client.post("/x", **urlencoded("p=4"))) == [("missing", ["body", "other"], None)]


def test_form_is_cached_for_the_endpoint():
    """5.9.1: `request.form()` in the endpoint gives the form that was parsed."""

    async def endpoint(request: Request, p: str = Form()):
        return [p, dict(await request.form())]

    assert client_for(endpoint).post("/x", **urlencoded("p=1&q=2")).json() == ["1", {"p": "1", "q": "2"}]


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        (
            {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
            "Missing boundary in multipart.",
        ),
        (
            multipart(("Content-Disposition: form-data", b"1")),
            'The Content-Disposition header field "name" must be provided.',
        ),
        (urlencoded("&".join(["p=1"] * 1001)), "Too many fields. Maximum number of fields is 1000."),
        (multipart(*[file_part("p", "f")] * 1001), "Too many files. Maximum number of files is 1000."),
        (multipart(text_part("p", "x" * (1024 * 1024 + 1))), "Part exceeded maximum size of 1024KB."),
    ],
    ids=["boundary", "name", "fields", "files", "size"],
)
def test_broken_or_excessive_forms_are_a_400(sent, detail):
    """5.7.4 and 16.2: what the form parser refuses is a 400 with its text."""
    response = taking(list[str], Form([])).post("/x", **sent)
    assert (response.status_code, response.json()) == (400, {"detail": detail})


@pytest.mark.parametrize(
    ("limits", "sent", "detail"),
    [
        ({"max_fields": 1}, urlencoded("p=1&q=2"), "Too many fields. Maximum number of fields is 1."),
        (
            {"max_files": 1},
            multipart(*[file_part("p", "f")] * 2),
            "Too many files. Maximum number of files is 1.",
        ),
        (
            {"max_part_size": 1024},
            multipart(text_part("p", "x" * 1025)),
            "Part exceeded maximum size of 1KB.",
        ),
    ],
)
def test_form_limits_are_settable(limits, sent, detail):
    """16.2: the three limits of the form parser."""
    response = taking(list[str], Form([]), form_limits=limits).post("/x", **sent)
    assert (response.status_code, response.json()) == (400, {"detail": detail})


# 5.9.2 absence and emptiness


@pytest.mark.parametrize(
    "sent", [urlencoded(""), urlencoded("p="), urlencoded("p"), multipart(text_part("p", "")), {}]
)
@pytest.mark.parametrize(
    ("annotation", "default", "expected"),
    [(str, Form("d"), "d"), (str | None, Form(None), None), (int, Form(3), 3), (bool, Form(False), False)],
)
def test_empty_text_counts_as_missing(annotation, default, expected, sent):
    """5.9.2: an empty value of a scalar means its default."""
    assert taking(annotation, default).post("/x", **sent).json() == expected


@pytest.mark.parametrize("sent", [urlencoded(""), urlencoded("p="), multipart(text_part("p", "")), {}])
@pytest.mark.parametrize("annotation", [str, int, bool, str | None])
def test_empty_text_of_a_required_field_is_missing(annotation, sent):
    """5.9.2 and 5.9.4: required scalars are missing when empty; an omitted boolean is not False."""
    assert errors_of(taking(annotation, Form()).post("/x", **sent)) == MISSING


@pytest.mark.parametrize(
    ("text", "expected"), [("p=", [""]), ("p=&p=a", ["", "a"]), ("p=a&p=b", ["a", "b"]), ("", None)]
)
def test_list_items_keep_empty_texts(text, expected):
    """5.9.2: items of lists stay, even when empty; without any the list is missing."""
    response = taking(list[str], Form()).post("/x", **urlencoded(text))
    assert errors_of(response) == MISSING if expected is None else response.json() == expected


def test_empty_items_are_validated():
    """5.9.2: an empty item of a list of numbers is an error of that item."""
    response = taking(list[int], Form()).post("/x", **urlencoded("p=1&p=&p=2"))
    assert errors_of(response) == [("int_parsing", ["body", "p", 1], "")]


@pytest.mark.parametrize(
    ("text", "expected"), [("one=&two=2", "2"), ("one=1&two=2", "1"), ("two=2", "2"), ("two=2&one=1", "1")]
)
def test_empty_choice_falls_through(text, expected):
    """5.9.3: an empty earlier choice gives way to a later one with a value."""
    client = taking(str, Form(validation_alias=AliasChoices("one", "two")))
    assert client.post("/x", **urlencoded(text)).json() == expected


@pytest.mark.parametrize("text", ["", "one=&two="])
def test_missing_choice_is_reported_as_the_first(text):
    """5.9.3: without any value the first choice is reported."""
    client = taking(str, Form(validation_alias=AliasChoices("one", "two")))
    assert errors_of(client.post("/x", **urlencoded(text))) == [("missing", ["body", "one"], None)]


# 5.9.8 JSON and JSON bodies in forms


def test_json_text_field_is_parsed():
    """5.9.9: `Json[…]` in a form parses the text of the field."""

    def endpoint(a: Annotated[Json[list[int]], Form()], b: Annotated[Json, Form()] = None):
        return [a, b]

    client = client_for(endpoint)
    assert client.post("/x", **urlencoded('a=[1,2]&b={"k":1}')).json() == [[1, 2], {"k": 1}]
    assert errors_of(client.post("/x", **urlencoded("a=x"))) == [("json_invalid", ["body", "a"], "x")]


def test_form_beside_body_makes_the_request_a_form():
    """5.9.8: with any form field a JSON body is not read; `Body` scalars come from the form."""

    def endpoint(a: int = Form(), n: int = Body(5)):
        return [a, n]

    client = client_for(endpoint)
    assert client.post("/x", **urlencoded("a=1&n=2")).json() == [1, 2]
    assert client.post("/x", **urlencoded("a=1&n=")).json() == [1, 5]
    assert errors_of(client.post("/x", json={"a": 1, "n": 2})) == [("missing", ["body", "a"], None)]


def test_model_body_beside_a_form_gets_text():
    """5.9.8: a body model next to form fields receives the text of its field."""

    def endpoint(m: Model, a: int = Form()):
        return a

    response = client_for(endpoint).post("/x", **urlencoded('a=1&m={"a":1}'))
    assert errors_of(response) == [("model_attributes_type", ["body", "m"], '{"a":1}')]


# 5.9.2 and 5.9.5 files


def describe(p):
    """Return what a client said about an upload."""
    return None if p is None else [p.filename, p.size, p.content_type]


def upload(annotation, *default):
    """Return a client for an endpoint that describes its upload or uploads."""

    def endpoint(p):
        return [describe(one) for one in p] if isinstance(p, list) else describe(p)

    endpoint.__annotations__["p"] = annotation
    endpoint.__defaults__ = default
    return client_for(endpoint)


def test_upload_file_attributes():
    """5.9.6: filename, size, headers, content_type."""

    def endpoint(p: UploadFile):
        return [p.filename, p.size, p.content_type, dict(p.headers)]

    sent = multipart(file_part("p", "n.txt", b"abc", "text/x"))
    assert client_for(endpoint).post("/x", **sent).json() == [
        "n.txt",
        3,
        "text/x",
        {"content-disposition": 'form-data; name="p"; filename="n.txt"', "content-type": "text/x"},
    ]


@pytest.mark.parametrize("marker", [(), (File(),)])
@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (file_part("p", "n", b"abc"), ["n", 3, None]),
        (file_part("p", "n", b""), ["n", 0, None]),
        (file_part("p", "", b"abc"), ["", 3, None]),
    ],
)
def test_file_with_name_or_content_counts(marker, part, expected):
    """5.9.2: a file counts when it has a name or a content."""
    assert upload(UploadFile, *marker).post("/x", **multipart(part)).json() == expected


@pytest.mark.parametrize("sent", [multipart(file_part("p", "")), multipart(), {}, {"json": {"p": 1}}])
def test_empty_file_part_counts_as_not_sent(sent):
    """5.9.2: neither name nor content, as browsers send for an empty input: missing, or the default."""
    assert errors_of(upload(UploadFile).post("/x", **sent)) == MISSING
    assert upload(UploadFile | None, None).post("/x", **sent).json() is None
    assert errors_of(taking(bytes, File()).post("/x", **sent)) == MISSING
    assert taking(bytes | None, File(None)).post("/x", **sent).json() is None


def test_empty_file_parts_are_dropped_from_lists():
    """5.9.2: inside lists empty parts are dropped; nothing left means missing."""
    client = upload(list[UploadFile])
    sent = multipart(file_part("p", ""), file_part("p", "n"), file_part("p", "", b"x"))
    assert client.post("/x", **sent).json() == [["n", 0, None], ["", 1, None]]
    assert errors_of(client.post("/x", **multipart(file_part("p", "")))) == MISSING
    assert upload(list[UploadFile], File([])).post("/x", **multipart(file_part("p", ""))).json() == []


def test_last_of_several_files_is_taken():
    """5.9: a scalar upload takes the last part."""
    sent = multipart(file_part("p", "1", b"1"), file_part("p", "2", b"22"))
    assert upload(UploadFile).post("/x", **sent).json() == ["2", 2, None]


@pytest.mark.parametrize("sent", [urlencoded("p=text"), multipart(text_part("p", "text"))])
def test_text_for_an_upload_is_an_error(sent):
    """5.9.6 and 6.3: anything but a file is a value error showing the text."""
    assert errors_of(upload(UploadFile).post("/x", **sent)) == [("value_error", ["body", "p"], "text")]


def test_text_among_uploads_is_an_error_of_that_item():
    """5.9.6: in lists the item is named."""
    sent = multipart(file_part("p", "n", b"1"), text_part("p", "text"))
    assert errors_of(upload(list[UploadFile]).post("/x", **sent)) == [
        ("value_error", ["body", "p", 1], "text")
    ]


def test_file_for_a_text_field_is_an_error():
    """5.9: a file is not a text."""
    errors = errors_of(taking(str, Form()).post("/x", **multipart(file_part("p", "n", b"1"))))
    assert [(type_, loc) for type_, loc, _ in errors] == [("string_type", ["body", "p"])]


@pytest.mark.parametrize(
    ("part", "expected"),
    [(file_part("p", "n", b"abc"), "abc"), (file_part("p", "n", b""), ""), (text_part("p", "text"), "text")],
)
def test_bytes_are_read_for_you(part, expected):
    """5.9.5: `bytes` with File holds the content; a text part gives its text."""
    assert taking(bytes, File()).post("/x", **multipart(part)).json() == expected


def test_lists_of_bytes_are_read_for_you():
    """5.9.5: `list[bytes]` takes files and texts, in order, without the empty parts."""
    sent = multipart(
        file_part("p", ""), file_part("p", "n", b"1"), text_part("p", "text"), file_part("p", "m")
    )
    assert taking(list[bytes], File()).post("/x", **sent).json() == ["1", "text", ""]


def test_constraints_of_bytes_apply():
    """5.9.5: the content is validated."""
    errors = errors_of(
        taking(bytes, File(max_length=3)).post("/x", **multipart(file_part("p", "n", b"abcd")))
    )
    assert errors == [("bytes_too_long", ["body", "p"], "abcd")]


def test_one_upload_for_several_parameters():
    """5.9.5: reading bytes puts the stream back, so that others read the same upload from its start."""

    async def dependency(d: UploadFile = File(alias="u")):
        content = await d.read()
        await d.seek(0)
        return content.decode()

    async def endpoint(
        a: bytes = File(alias="u"),
        b: UploadFile = File(alias="u"),
        c: bytes = File(alias="u"),
        d=Depends(dependency),
    ):
        return [a.decode(), (await b.read()).decode(), c.decode(), d]

    assert client_for(endpoint).post("/x", **multipart(file_part("u", "n", b"abc"))).json() == ["abc"] * 4


def test_upload_file_methods(backend):
    """5.9.6: read, write, seek and close are awaited; the file itself is a spooled one."""

    async def endpoint(p: UploadFile):
        await p.write(b"XYZ")
        await p.seek(0)
        answer = [(await p.read(2)).decode(), (await p.read()).decode(), p.file.tell(), type(p.file).__name__]
        await p.close()
        return [*answer, p.file.closed]

    app = FastAPI()
    app.post("/x")(endpoint)
    response = TestClient(app, backend=backend).post("/x", **multipart(file_part("p", "n", b"abcdef")))
    assert response.json() == ["XY", "Zdef", 6, "SpooledTemporaryFile", True]


def test_upload_file_in_a_sync_endpoint():
    """5.9.6: a plain function uses the file object directly."""

    def endpoint(p: UploadFile):
        return p.file.read().decode()

    assert client_for(endpoint).post("/x", **multipart(file_part("p", "n", "héé".encode()))).json() == "héé"


def test_files_outlive_dependencies_and_are_closed():
    """5.9.1 and 7.4: files are open in exit code of dependencies and closed afterwards."""
    seen = []

    async def dependency(p: UploadFile):
        yield
        seen.append((p, p.file.closed))

    def endpoint(d=Depends(dependency)):
        return "done"

    assert client_for(endpoint).post("/x", **multipart(file_part("p", "n", b"1"))).json() == "done"
    ((file, closed_in_exit),) = seen
    assert (closed_in_exit, file.file.closed) == (False, True)


def test_upload_file_class():
    """5.9.6: it is a subclass of Starlette's and can be made by hand."""
    import io

    from starlette.datastructures import UploadFile as StarletteUploadFile

    assert issubclass(UploadFile, StarletteUploadFile)
    made = UploadFile(io.BytesIO(b"abc"), filename="n", size=3)
    assert (made.filename, made.size, made.content_type) == ("n", 3, None)


def test_upload_schema():
    """5.9.6: in JSON Schema an upload is a string with contentMediaType."""

    def endpoint(u: UploadFile, b: bytes = File(), many: list[UploadFile] = File([])):
        return None

    document = served_document(client_for(endpoint).app)
    assert list(document["paths"]["/x"]["post"]["requestBody"]["content"]) == ["multipart/form-data"]
    properties = document["components"]["schemas"]["Body_endpoint_x_post"]["properties"]
    binary = {"type": "string", "contentMediaType": "application/octet-stream"}
    assert properties["u"] == {**binary, "title": "U"}
    assert properties["b"] == {**binary, "title": "B"}
    assert properties["many"]["items"] == binary


def test_texts_and_files_mix():
    """5.9: form fields and files in one multipart body."""

    async def endpoint(t: str = Form(), n: int = Form(1), u: UploadFile = File(), b: bytes = File(b"d")):
        return [t, n, (await u.read()).decode(), b.decode()]

    sent = multipart(text_part("t", "text"), file_part("u", "n", b"abc"))
    assert client_for(endpoint).post("/x", **sent).json() == ["text", 1, "abc", "d"]
