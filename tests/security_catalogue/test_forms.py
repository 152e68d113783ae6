"""FRM: forms and uploads."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from catalogue_asking import LEFT, Answer, ask
from catalogue_faces import URLENCODED, Face

_MULTIPART = "multipart/form-data; boundary=B"
_MEBIBYTE = 1024 * 1024


def _part(head: str | bytes, content: bytes = b"x") -> bytes:
    head = head.encode("latin-1") if isinstance(head, str) else head
    return b"--B\r\n" + head + b"\r\n\r\n" + content + b"\r\n"


def _field(name: str, content: bytes = b"x") -> bytes:
    return _part(f'Content-Disposition: form-data; name="{name}"', content)


def _file(filename: str, content: bytes = b"x", more: str = "") -> bytes:
    return _part(f'Content-Disposition: form-data; name="file"; filename="{filename}"{more}', content)


_END = b"--B--\r\n"


def _form(face: Face, *chunks: Any, target: str = "/form", content_type: str = _MULTIPART) -> Answer:
    if face.name == "litestar" and content_type == URLENCODED:
        target = "/form-urlencoded"
    return face.post(target, *chunks, content_type=content_type)


@pytest.mark.row("FRM-01")
def test_frm_01_too_many_parts(face: Face):
    """The 1,001st field, and the hundred-thousandth empty part, are refused."""
    assert _form(face, _field("a") + _field("c") * 1_001 + _END).status in (400, 413)
    assert _form(face, _field("a") + b"--B\r\n\r\n\r\n" * 100_000 + _END).status in (400, 413)


@pytest.mark.row("FRM-02")
def test_frm_02_headers_of_a_part(face: Face):
    """A part with a thousand headers, or one of 100 KB, is refused."""
    many = "".join(f"\r\nX-{number}: 1" for number in range(1_000))
    for more in (many, "\r\nX-Long: " + "x" * 100_000):
        assert _form(face, _part(f'Content-Disposition: form-data; name="a"{more}') + _END).status == 400


@pytest.mark.row("FRM-03")
@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "x" * 300, '; boundary=""'])
def test_frm_03_boundaries_that_are_none(face: Face, boundary: str):
    """A boundary that is missing, empty or too long is a 400."""
    assert _form(face, _field("a") + _END, content_type=f"multipart/form-data{boundary}").status == 400


@pytest.mark.row("FRM-04")
@pytest.mark.parametrize("cut", [1, 5, 9, 12])
def test_frm_04_no_closing_boundary(face: Face, cut: int):
    """A form that ends before its closing boundary is a 400: the rest may have been lost."""
    body = _field("a", b"value") + _field("b") + _END
    answer = _form(face, body[: -len(_END) - cut])
    if face.follows_fastapi("drops the last field and goes on"):
        assert answer.status == 200
        return
    assert answer.status == 400


@pytest.mark.row("FRM-05")
@pytest.mark.parametrize("filling", [b"\r", b"\n", b"\r\n", b"\r\n--", b"\r\n--BOUN", b"-", b"\r\n-"])
def test_frm_05_nearly_boundaries(face: Face, filling: bytes):
    """Megabytes of what begins like a boundary are read in linear time, in a file and around it."""
    boundary = "BOUNDARYBOUNDARYBOUNDARY"
    content_type = f"multipart/form-data; boundary={boundary}"
    line = b"--" + boundary.encode()
    head = line + b'\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    filler = filling * (4 * _MEBIBYTE // len(filling))
    inside = _form(
        face, head + filler + b"\r\n" + line + b"--\r\n", target="/upload", content_type=content_type
    )
    assert (inside.status, inside.json["size"]) == (200, len(filler))
    before = _form(
        face, filler + head + b"x\r\n" + line + b"--\r\n", target="/upload", content_type=content_type
    )
    assert before.status in (200, 400)
    after = _form(
        face, head + b"x\r\n" + line + b"--\r\n" + filler, target="/upload", content_type=content_type
    )
    assert after.status in (200, 400)


@pytest.mark.row("FRM-06")
def test_frm_06_endless_text_field(face: Face):
    """A text field ends at one mebibyte."""
    assert _form(face, _field("a", b"x" * (2 * _MEBIBYTE)) + _END).status in (400, 413)


@pytest.mark.row("FRM-07")
def test_frm_07_urlencoded_has_the_same_limits(face: Face):
    """1,001 fields, and a field of two megabytes, are refused in this encoding too."""
    for body in (b"a=1" + b"&c=1" * 1_001, b"a=" + b"x" * (2 * _MEBIBYTE)):
        assert _form(face, body, content_type=URLENCODED).status in (400, 413)


@pytest.mark.row("FRM-08")
def test_frm_08_semicolons_do_not_separate(face: Face):
    """`a=1;b=2` is one field (CVE-2021-23336)."""
    assert _form(face, b"a=1;b=2", content_type=URLENCODED).json == {"a": "1;b=2", "b": None}


@pytest.mark.row("FRM-09")
@pytest.mark.parametrize("charset", ["punycode", "utf-7", "utf-16", "rot13", "idna", "latin-1", "nonsense"])
def test_frm_09_other_charsets(face: Face, charset: str):
    """A form in another encoding than UTF-8 is a 415, or is read as UTF-8; it is never a server error."""
    answer = _form(face, _field("a", b"x") + _END, content_type=f"{_MULTIPART}; charset={charset}")
    if face.follows_fastapi("obeys the charset where Python knows it; its 500 is a 400"):
        assert answer.status in (200, 400)
        return
    assert answer.status == 415


@pytest.mark.row("FRM-10")
@pytest.mark.parametrize("content_type", [_MULTIPART, URLENCODED])
def test_frm_10_bytes_that_are_not_utf_8(face: Face, content_type: str):
    """A field that is not UTF-8 is a 400, percent-encoded or not."""
    for raw in (b"\xff", b"%ff") if content_type == URLENCODED else (b"\xff",):
        body = b"a=" + raw if content_type == URLENCODED else _field("a", raw) + _END
        answer = _form(face, body, content_type=content_type)
        if face.follows_fastapi("reads Latin-1, or a replacement character"):
            assert answer.status == 200
            continue
        assert answer.status == 400


@pytest.mark.row("FRM-11")
@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "C:\\windows\\x",
        "a\x00b",
        "x" * 3_000,
        "CON",
        "..",
        "a\u202ebat.exe",
        "/etc/passwd",
    ],
)
def test_frm_11_names_of_files(face: Face, name: str, tmp_path: Path):
    """`safe_name` is one harmless component, and `save` chooses a name of its own."""
    face.native_only("`safe_name` and `save` are Rapide's")
    app = face.app()
    kept: list[Any] = []

    @app.post("/")
    async def take(file: face.UploadFile):
        kept.append((file.safe_name, await file.save(tmp_path)))

    body = _part(f'Content-Disposition: form-data; name="file"; filename="{name}"'.encode()) + _END
    answer = ask(app, "POST", "/", body, content_type=_MULTIPART)
    if answer.status == 400:  # a NUL is no header
        return
    assert answer.status == 200
    safe, saved = kept[0]
    assert safe == Path(safe).name
    assert not set(safe) & set('/\\\0:"')
    assert 0 < len(safe.encode()) <= 255
    assert saved.parent == tmp_path
    assert saved.read_bytes() == b"x"


@pytest.mark.row("FRM-11")
def test_frm_11_two_names(face: Face):
    """Of `filename` and `filename*` the plain one counts (RFC 7578, section 4.2)."""
    answer = _form(face, _file("a.txt", more="; filename*=utf-8''b.exe") + _END, target="/upload")
    assert (answer.status, answer.json["name"]) == (200, "a.txt")


@pytest.mark.row("FRM-12")
def test_frm_12_file_where_text_is_expected(face: Face):
    """A file in a text field is a 422 that tells nothing of the objects inside."""
    body = _part('Content-Disposition: form-data; name="a"; filename="f"', b"hunter2") + _END
    answer = _form(face, body)
    assert answer.status in (400, 422)
    if face.follows_fastapi("shows the upload's own state"):
        assert "filename" in answer.text
        return
    assert "Spooled" not in answer.text
    assert "hunter2" not in answer.text


@pytest.mark.row("FRM-13", "FRM-14")
def test_frm_13_parts_within_parts_and_codings(face: Face):
    """Nested multipart and transfer codings mean nothing: the bytes arrive as they are."""
    nested = b"--C\r\nContent-Disposition: file\r\n\r\ninner\r\n--C--"
    head = 'Content-Disposition: form-data; name="file"; filename="f"\r\n'
    for more, content in (
        ("Content-Type: multipart/mixed; boundary=C", nested),
        ("Content-Transfer-Encoding: base64", b"eHg="),
    ):
        answer = _form(face, _part(head + more, content) + _END, target="/upload")
        assert (answer.status, answer.json["size"]) == (200, len(content))


@pytest.mark.row("FRM-15", "FRM-16")
def test_frm_16_client_leaves_within_an_upload(face: Face):
    """After large uploads that break off, no descriptor and no temporary file is left."""
    head = b'--B\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    content = b"x" * (2 * _MEBIBYTE)
    _form(face, head + content + b"\r\n" + _END, target="/upload")
    before = _open_files()
    for _ in range(50):
        answer = _form(face, head, content, LEFT, target="/upload")
        assert answer.status in (0, 400)
    assert _open_files() == before


def _open_files() -> int:
    """Count the descriptors of this process that lead to a file in the folder for temporary ones."""
    folder = os.path.realpath(tempfile.gettempdir())
    links = [entry.path for entry in os.scandir("/proc/self/fd")]
    return sum(os.path.realpath(link).startswith(folder) for link in links if Path(link).is_symlink())


@pytest.mark.row("FRM-17")
@pytest.mark.parametrize("content_type", [_MULTIPART, URLENCODED])
def test_frm_17_scalar_sent_twice(face: Face, content_type: str):
    """A field of one value that is sent twice is an error: two readers would choose differently."""
    body = b"a=1&a=2" if content_type == URLENCODED else _field("a", b"1") + _field("a", b"2") + _END
    answer = _form(face, body, content_type=content_type)
    if face.follows_fastapi("the last one wins"):
        assert (answer.status, answer.json["a"]) == (200, "2")
        return
    assert answer.status in (400, 422)


@pytest.mark.row("FRM-18")
def test_frm_18_percent_signs(face: Face):
    """A field of nothing but percent signs is read in linear time, below the limit of a field."""
    answer = _form(face, b"a=" + b"%" * (_MEBIBYTE - 10), content_type=URLENCODED)
    assert answer.status in (200, 413)


@pytest.mark.row("FRM-19")
def test_frm_19_uploads_are_handed_out_as_what_they_claim_to_be(face: Face, tmp_path: Path):
    """`attachment` sends a file for saving: no browser shows or guesses it, whatever it claims to be."""
    face.native_only("`attachment` is Rapide's")
    (tmp_path / "f").write_bytes(b"<script>alert(1)</script>")
    app = face.app()

    @app.get("/")
    def read():
        return face.part("responses").attachment(tmp_path / "f", filename='a"; filename="e.bat')

    answer = ask(app, "GET", "/")
    assert answer.header("content-type") == "application/octet-stream"
    assert answer.header("x-content-type-options") == "nosniff"
    assert str(answer.header("content-disposition")).startswith("attachment")
    assert 'filename="e.bat"' not in str(answer.header("content-disposition"))
