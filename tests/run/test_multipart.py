"""Hostile forms: what the strict parsers refuse, and what they read exactly."""

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

import anyio
import pytest
from form_data import BOUNDARY, file_part, multipart, text_part, urlencoded
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.formparsers import FormParser

from rapide import Form, Rapide, UploadFile
from rapide._run.multipart import _parse_urlencoded, _unquoted_leniently, _unquoted_strictly
from rapide.behaviour import RAPIDE
from rapide.testclient import TestClient

_MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
_END = f"--{BOUNDARY}--\r\n".encode()
_FIELD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\n\r\nhi\r\n'.encode()


class _Client(TestClient):
    """A client of an application with a text route, a file route, and one that tells what a form holds."""

    __test__ = False

    def __init__(self, **options: Any) -> None:
        app = Rapide(**options)

        @app.post("/text")
        async def text(a: Annotated[str, Form()]) -> str:
            return a

        @app.post("/file")
        async def file(f: UploadFile) -> list[Any]:
            content = await f.read()
            return [f.filename, f.size, content.hex() if len(content) < 100 else None]

        super().__init__(app)


def _raw(content: bytes, content_type: str = _MULTIPART) -> dict[str, Any]:
    return {"content": content, "headers": {"content-type": content_type}}


def _part(headers: str, content: bytes = b"hi") -> bytes:
    return f"--{BOUNDARY}\r\n{headers}\r\n\r\n".encode("latin-1") + content + b"\r\n"


def _assert_refused(response: Any, status: int, detail: str) -> None:
    assert (response.status_code, response.json().get("detail")) == (status, detail)
    assert response.headers["content-type"] == "application/problem+json"


# Counts and sizes


@pytest.mark.parametrize(("fields", "status"), [(1_000, 200), (1_001, 400)])
def test_form_is_refused_when_it_has_too_many_fields(fields, status):
    """FRM-01: a thousand text parts are read, one more is not."""
    parts = [text_part("b", "x")] * (fields - 1) + [text_part("a", "last")]
    response = _Client().post("/text", **multipart(*parts))
    assert response.status_code == status
    if status == 400:
        _assert_refused(response, 400, "Too many fields. Maximum number of fields is 1000.")


def test_form_is_refused_when_it_has_too_many_files():
    """FRM-01: empty files count."""
    response = _Client().post("/file", **multipart(*[file_part("f", "")] * 1_001))
    _assert_refused(response, 400, "Too many files. Maximum number of files is 100.")


@pytest.mark.parametrize(
    "part", [b"\r\n\r\n", b"\r\n", b'Content-Disposition: form-data; name=""\r\n\r\n\r\n']
)
def test_form_is_refused_when_it_is_made_of_empty_parts(part):
    """FRM-01: a hundred thousand parts of nothing."""
    boundary = f"--{BOUNDARY}\r\n".encode()
    response = _Client().post("/text", **_raw((boundary + part) * 100_000 + _END))
    assert response.status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        "\r\n".join(f"x-{number}: y" for number in range(1_000)),
        "x: " + "y" * 100_000,
        "y" * 100_000 + ": x",
        'Content-Disposition: form-data; name="' + "a" * 100_000 + '"',
        "no colon",
        ": no name",
        "bad name: x",
        "x: y\r z",
    ],
    ids=["thousand", "long value", "long name", "long field name", "no colon", "no name", "space", "bare CR"],
)
def test_part_is_refused_when_its_headers_are_wrong(headers):
    """FRM-02: too many, too long, or no headers at all."""
    content = _part('Content-Disposition: form-data; name="a"\r\n' + headers) + _END
    _assert_refused(_Client().post("/text", **_raw(content)), 400, "Invalid multipart data.")


@pytest.mark.parametrize(
    ("content_type", "detail"),
    [
        ("multipart/form-data", "Missing boundary in multipart."),
        ("multipart/form-data; boundary", "Invalid multipart data."),
        ("multipart/form-data; boundary=", "Invalid multipart data."),
        ("multipart/form-data; boundary=" + "x" * 300, "Invalid multipart data."),
        ("multipart/form-data; boundary=another", "Invalid multipart data."),
        ('multipart/form-data; boundary="' + BOUNDARY, "Invalid multipart data."),
    ],
    ids=["none", "no value", "empty", "long", "another", "open quote"],
)
def test_form_is_refused_when_its_boundary_is_wrong(content_type, detail):
    """FRM-03: without a boundary there are no parts."""
    _assert_refused(_Client().post("/text", **_raw(_FIELD + _END, content_type)), 400, detail)


@pytest.mark.parametrize("end", ["", "--", f"--{BOUNDARY}", f"--{BOUNDARY}\r\n", f"--{BOUNDARY}-"])
@pytest.mark.parametrize("path", ["/text", "/file"])
def test_form_is_refused_when_it_ends_before_its_closing_boundary(path, end):
    """FRM-04: a form that was cut short is not read as if it were all."""
    parts = _FIELD if path == "/text" else _part('Content-Disposition: form-data; name="f"; filename="n"')
    response = _Client().post(path, **_raw(parts + end.encode()))
    _assert_refused(response, 400, "The form ends before its closing boundary.")


def test_form_is_refused_wherever_it_is_cut():
    """FRM-04: at every single byte; the empty body alone is a form without fields."""
    whole = _FIELD + _part('Content-Disposition: form-data; name="f"; filename="n"') + _END
    closed = len(whole) - 2  # the line end after the closing boundary may be missing
    client = _Client()
    statuses = [client.post("/text", **_raw(whole[:length])).status_code for length in range(len(whole) + 1)]
    assert statuses == [422, *[400] * (closed - 1), *[200] * 3]


@pytest.mark.parametrize("where", ["before", "inside", "after"])
@pytest.mark.parametrize(
    "filler",
    [b"\r", b"\r\n", b"\n", f"\r\n--{BOUNDARY[:4]}".encode(), f"--{BOUNDARY}".encode()[:-1]],
    ids=repr,
)
def test_file_is_exact_when_it_is_full_of_half_boundaries(filler, where):
    """FRM-05: five megabytes of line ends and beginnings of boundaries, before, inside and after a part."""
    noise = filler * (5_000_000 // len(filler))
    head = _part(
        'Content-Disposition: form-data; name="f"; filename="n"', noise if where == "inside" else b"x"
    )
    content = (noise if where == "before" else b"") + head + _END + (noise if where == "after" else b"")
    response = _Client().post("/file", **_raw(content))
    if where == "before":
        # Line ends before the first boundary are the one preamble that the parser passes over.
        assert response.status_code == (200 if not filler.strip(b"\r\n") else 400)
    else:
        assert response.json()[:2] == ["n", len(noise) if where == "inside" else 1]


def test_field_is_refused_when_it_is_too_long():
    """FRM-06: a text of two megabytes; a file of that size is fine."""
    client = _Client()
    response = client.post("/text", **multipart(text_part("a", "x" * 2_000_000)))
    _assert_refused(response, 400, "Part exceeded maximum size of 1024KB.")
    assert client.post("/file", **multipart(file_part("f", "n", b"x" * 2_000_000))).json()[1] == 2_000_000


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("a=1&" * 1_001, "Too many fields. Maximum number of fields is 1000."),
        ("a=" + "x" * 2_000_000, "Field exceeded maximum size of 1024KB."),
        ("a" * 2_000_000 + "=x", "Field exceeded maximum size of 1024KB."),
        ("a=" + "%" * 2_000_000, "Field exceeded maximum size of 1024KB."),
    ],
    ids=["fields", "value", "name", "percent"],
)
def test_urlencoded_form_is_refused_when_it_is_too_much(text, detail):
    """FRM-07 and FRM-18: the limits hold for the other encoding too."""
    _assert_refused(_Client().post("/text", **urlencoded(text)), 400, detail)


def test_field_of_percent_signs_is_read_as_it_is():
    """FRM-18: a million percent signs that encode nothing."""
    assert _Client().post("/text", **urlencoded("a=" + "%" * 1_000_000)).json() == "%" * 1_000_000


def test_form_is_refused_when_it_is_longer_than_forms_may_be():
    """BOD-01 and FRM-15: 16 MiB where nothing else is declared, announced or not."""
    form = multipart(file_part("f", "n", b"x" * (16 * 1024 * 1024)))
    response = _Client().post("/file", **form)
    assert response.status_code == 413
    form["content"] = iter([form["content"][:1_000_000]] * 17)
    assert _Client().post("/file", **form).status_code == 413
    assert _Client(behaviour=replace(RAPIDE, max_form_size=None)).post(
        "/file", **multipart(file_part("f", "n", b"x" * (16 * 1024 * 1024)))
    ).json()[:2] == ["n", 16 * 1024 * 1024]


# Encodings


async def _items(parse: Any, chunks: list[bytes]) -> list[tuple[str, Any]]:
    async def stream() -> Any:
        for chunk in chunks:
            yield chunk

    return (await parse(stream())).multi_items()


_PIECES = st.lists(
    st.sampled_from([b"a", b"b", b"=", b"&", b"%", b"+", b"41", b"%c3%a9", b";", b"\xff", b"\n"])
)


@given(_PIECES, st.integers(1, 5))
def test_urlencoded_form_is_read_as_starlette_does(pieces, size):
    """Whatever the bytes are, wherever the chunks end: leniently they mean what Starlette reads."""
    body = b"".join(pieces)
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    ours = anyio.run(_items, lambda stream: _parse_urlencoded(stream, _unquoted_leniently), chunks)
    theirs = anyio.run(_items, lambda stream: FormParser(Headers(), stream).parse(), chunks)
    assert ours == theirs


@given(st.lists(st.tuples(st.text(), st.text())), st.integers(1, 7))
def test_urlencoded_form_holds_what_was_put_in(fields, size):
    """What a client encodes arrives, in its order."""
    body = urlencode(fields).encode()
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    assert anyio.run(_items, lambda stream: _parse_urlencoded(stream, _unquoted_strictly), chunks) == fields


def test_semicolon_separates_no_fields():
    """FRM-08: only the ampersand does."""
    assert _Client().post("/text", **urlencoded("a=1;b=2")).json() == "1;b=2"


@pytest.mark.parametrize("media_type", [_MULTIPART, "application/x-www-form-urlencoded"])
@pytest.mark.parametrize(
    "charset",
    ["punycode", "utf-7", "utf-16", "rot13", "idna", "latin-1", "us-ascii", "nonsense", "", "utf-8-sig"],
)
def test_form_is_refused_when_it_is_in_another_encoding(media_type, charset):
    """FRM-09: the client does not choose the codec."""
    content = _FIELD + _END if media_type is _MULTIPART else b"a=hi"
    response = _Client().post("/text", **_raw(content, f"{media_type}; charset={charset}"))
    _assert_refused(response, 415, "Forms are read as UTF-8 only.")


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"'])
def test_form_is_read_when_it_says_that_it_is_utf_8(charset):
    """FRM-09: saying what is so anyway is fine."""
    for content, media_type in ((_FIELD + _END, _MULTIPART), (b"a=hi", "application/x-www-form-urlencoded")):
        response = _Client().post("/text", **_raw(content, f"{media_type}; charset={charset}"))
        assert response.json() == "hi"


def test_text_part_is_refused_when_it_is_in_another_encoding():
    """FRM-09: nor does a part choose it; what a file's type says is the application's business."""
    headers = 'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset='
    client = _Client()
    _assert_refused(
        client.post("/text", **_raw(_part(headers + "utf-7") + _END)), 415, "Forms are read as UTF-8 only."
    )
    assert client.post("/text", **_raw(_part(headers + "UTF-8") + _END)).json() == "hi"
    file = file_part("f", "n", b"x", "text/plain; charset=latin-1")
    assert client.post("/file", **multipart(file)).json()[0] == "n"


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (_part('Content-Disposition: form-data; name="a"', b"\xff"), "The field 'a' is not UTF-8."),
        (
            _part('Content-Disposition: form-data; name="a"', "é".encode("latin-1")),
            "The field 'a' is not UTF-8.",
        ),
        (_part('Content-Disposition: form-data; name="\xff"'), "The name of a part is not UTF-8."),
        (
            _part('Content-Disposition: form-data; name="f"; filename="\xff"'),
            "The name of a part is not UTF-8.",
        ),
    ],
    ids=["bytes", "latin-1", "name", "filename"],
)
def test_field_is_refused_when_its_bytes_are_not_utf_8(content, detail):
    """FRM-10: neither guessed nor a server error."""
    _assert_refused(_Client().post("/text", **_raw(content + _END)), 400, detail)


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"a=%ff", "The field 'a' is not UTF-8."),
        (b"a=\xff", "The field 'a' is not UTF-8."),
        (b"a=%ed%a0%80", "The field 'a' is not UTF-8."),
        (b"%ff=a", "The name of a field is not UTF-8."),
    ],
    ids=repr,
)
def test_urlencoded_field_is_refused_when_its_bytes_are_not_utf_8(content, detail):
    """FRM-10: percent-encoded or not."""
    response = _Client().post("/text", **_raw(content, "application/x-www-form-urlencoded"))
    _assert_refused(response, 400, detail)


@pytest.mark.parametrize("content", [b"a=%C3%A9+%f0%9f%a6%8a", "a=é 🦊".encode()], ids=["encoded", "bare"])
def test_urlencoded_field_is_read_as_utf_8(content):
    """FRM-10: what is UTF-8 is read as such."""
    assert _Client().post("/text", **_raw(content, "application/x-www-form-urlencoded")).json() == "é 🦊"


def test_refusal_shows_no_more_than_the_beginning_of_a_name():
    """FRM-10: what the client sent is not sent back at length."""
    content = _part(f'Content-Disposition: form-data; name="{"n" * 4_000}"', b"\xff") + _END
    assert len(_Client().post("/text", **_raw(content)).json()["detail"]) < 150


# Structure


def test_nested_multipart_arrives_as_it_is():
    """FRM-13: a part that is multipart/mixed is a text or a file like any other (RFC 7578, section 4.3)."""
    inner = '--i\r\nContent-Disposition: form-data; name="a"\r\n\r\ninner\r\n--i--'
    headers = 'Content-Disposition: form-data; name="a"\r\nContent-Type: multipart/mixed; boundary=i'
    assert _Client().post("/text", **_raw(_part(headers, inner.encode()) + _END)).json() == inner


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-unknown"])
def test_transfer_encoding_of_a_part_is_ignored(encoding):
    """FRM-14: RFC 7578, section 4.7 took it out."""
    headers = f'Content-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: {encoding}'
    assert _Client().post("/text", **_raw(_part(headers, b"aGk=") + _END)).json() == "aGk="


@pytest.mark.parametrize("preamble", [b"pre", b"pre\r\n", b"This is a message in MIME format.\r\n\r\n"])
def test_form_is_refused_when_something_stands_before_its_first_boundary(preamble):
    """A preamble (RFC 2046, section 5.1.1) is for readers of mail; parsers differ on what it is."""
    _assert_refused(_Client().post("/text", **_raw(preamble + _FIELD + _END)), 400, "Invalid multipart data.")


@pytest.mark.parametrize("epilogue", [b"epilogue", _FIELD.replace(b"hi", b"other") + _END, b"\r\n" * 1000])
def test_nothing_after_the_closing_boundary_is_read(epilogue):
    """An epilogue (RFC 2046, section 5.1.1) is passed over, also when it looks like more parts."""
    assert _Client().post("/text", **_raw(_FIELD + _END + epilogue)).json() == "hi"


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ("Content-Type: text/plain", 'The Content-Disposition header field "name" must be provided.'),
        ("Content-Disposition: form-data", 'The Content-Disposition header field "name" must be provided.'),
        (
            'Content-Disposition: form-data; name="b"\r\ncontent-disposition: form-data; name="a"',
            "A part has more than one Content-Disposition.",
        ),
    ],
    ids=["none", "no name", "two"],
)
def test_part_is_refused_when_its_name_is_not_clear(headers, detail):
    """A part needs one name (RFC 7578, section 4.2)."""
    _assert_refused(_Client().post("/text", **_raw(_part(headers) + _END)), 400, detail)


@pytest.mark.parametrize(
    ("filename", "given"),
    [
        ('"../../etc/passwd"', "../../etc/passwd"),
        (r'"C:\\x\\evil.exe"', "evil.exe"),
        ('"a\x00b"', "a\x00b"),
        ('"a%0D%0Ab"', "a%0D%0Ab"),
        ('"' + "n" * 4_000 + '"', "n" * 4_000),
        ("\"plain\"; filename*=UTF-8''..%2f..%2fother", "plain"),
        ('"quo\\"ted"', 'quo"ted'),
        ('"semi;colon"', "semi;colon"),
    ],
    ids=["path", "drive", "nul", "encoded line end", "long", "extended", "quote", "semicolon"],
)
def test_file_name_is_given_as_it_was_sent_and_made_safe_beside(filename, given):
    """FRM-11: `filename` is the client's word, `filename*` is none in forms (RFC 7578, section 4.2)."""
    app = Rapide()

    @app.post("/x")
    async def upload(f: UploadFile) -> list[str | None]:
        return [f.filename, f.safe_name, type(f).__module__]

    headers = f'Content-Disposition: form-data; name="f"; filename={filename}'
    response = TestClient(app).post("/x", **_raw(_part(headers) + _END))
    name, safe, module = response.json()
    assert (name, module) == (given, "rapide.datastructures")
    assert not set(safe) & set('/\\\x00"')
    assert len(safe.encode()) <= 255


def test_line_end_in_a_file_name_ends_the_header():
    """FRM-11: what follows is a header of its own, and a broken one."""
    headers = 'Content-Disposition: form-data; name="f"; filename="a\r\nb"'
    _assert_refused(_Client().post("/file", **_raw(_part(headers) + _END)), 400, "Invalid multipart data.")


# Types


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/mixed; boundary=x", "nonsense"]
)
def test_body_is_refused_when_it_is_no_form(content_type):
    """BOD-07: another media type is not an empty form."""
    response = _Client().post("/text", **_raw(b'{"a": "hi"}', content_type))
    _assert_refused(
        response, 415, "The body must be a form: multipart/form-data or application/x-www-form-urlencoded."
    )
    assert response.headers["accept"] == "multipart/form-data, application/x-www-form-urlencoded"


def test_body_is_refused_when_it_has_no_type():
    """BOD-07: nor is one without a media type."""
    assert _Client().post("/text", content=b"a=hi").status_code == 415


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/json"}, {"content-type": _MULTIPART}])
def test_request_without_a_body_is_a_form_without_fields(headers):
    """What is required is missing then, whatever the media type says."""
    response = _Client().post("/text", headers=headers)
    assert (response.status_code, response.json()["errors"][0]["type"]) == (422, "missing")


def test_form_is_refused_when_it_has_two_types():
    """BOD-08: two parsers could believe one each."""
    headers = [("content-type", _MULTIPART), ("content-type", "application/x-www-form-urlencoded")]
    response = _Client().post("/text", content=_FIELD + _END, headers=headers)
    _assert_refused(response, 400, "The request has more than one Content-Type.")


def test_files_are_limited_to_a_hundred_by_default():
    """FRM-01: a hundred files are many; a route that wants more says so."""
    app = Rapide()

    @app.post("/few")
    async def few(files: list[UploadFile]) -> int:
        return len(files)

    app.post("/many", form_limits={"max_files": 200})(few)
    client = TestClient(app)
    parts = [("files", (f"{number}.txt", b"x")) for number in range(101)]
    assert client.post("/few", files=parts[:100]).json() == 100
    assert client.post("/few", files=parts).status_code == 400
    assert client.post("/many", files=parts).json() == 101
