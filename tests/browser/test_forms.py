"""Forms as a real browser sends them: FormData with Blobs and files, and forms submitted by a click."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from driver import Page
from pydantic import BaseModel
from serving import serve

from rapide import Body, File, Form, Rapide, UploadFile
from rapide.responses import HTMLResponse

pytestmark = [pytest.mark.browser, pytest.mark.server]

_PAGE = """<!doctype html><meta charset="utf-8"><title>forms</title>
<form id="files" method="post" action="/submit" enctype="multipart/form-data">
  <input name="title"> <input name="note"> <textarea name="text"></textarea>
  <input type="file" name="image"> <input type="file" name="attachments" multiple>
  <input type="checkbox" name="checked" value="true">
  <select name="tags" multiple><option selected>a<option selected>b</select>
  <button>send</button>
</form>
<form id="plain" method="post" action="/plain">
  <input name="title" value="é &amp; +=%"> <button>send</button>
</form>
"""

_TITLED = 'JSON.stringify({title: "t"})'
_CUT = '"{"'


class Meta(BaseModel):
    title: str
    sizes: list[int] = []


class Document(BaseModel):
    meta: Meta
    files: list[UploadFile]
    note: str = ""


class Submitted(BaseModel):
    title: str
    note: str = "no note"
    text: str = ""
    image: UploadFile | None = None
    attachments: list[UploadFile] = []
    checked: bool = False
    tags: list[str] = []


def _app() -> Rapide:
    app = Rapide()

    @app.get("/", response_class=HTMLResponse)
    async def page() -> str:
        return _PAGE

    @app.post("/document")
    async def document(document: Annotated[Document, Form()]) -> list[Any]:
        contents = [(await file.read()).decode() for file in document.files]
        return [document.meta, [file.filename for file in document.files], contents, document.note]

    @app.post("/mixed")
    async def mixed(
        meta: Annotated[Meta, Body()], file: UploadFile, count: Annotated[int, Body()] = 0
    ) -> list[Any]:
        return [meta, file.filename, file.content_type, count]

    @app.post("/submit")
    async def submit(form: Annotated[Submitted, Form()]) -> dict[str, Any]:
        shown = form.model_dump(exclude={"image", "attachments"})
        return {
            **shown,
            "image": form.image and form.image.filename,
            "files": [f.filename for f in form.attachments],
        }

    @app.post("/raw")
    async def raw(content: Annotated[bytes, File()]) -> str:
        return content.hex()

    @app.post("/plain")
    async def plain(title: Annotated[str, Form()]) -> str:
        return title

    return app


@pytest.fixture
def forms(page: Page) -> Iterator[Page]:
    """The page with the forms, open."""
    with serve(_app()) as url:
        page.goto(url)
        yield page


def _post(page: Page, path: str, *appended: str) -> Any:
    """Send a FormData with these calls of `append`; return status and parsed answer."""
    calls = "".join(f"form.append({arguments});" for arguments in appended)
    return page.evaluate(f"""(async () => {{
        const form = new FormData();
        {calls}
        const response = await fetch("{path}", {{method: "POST", body: form}});
        return [response.status, await response.json()];
    }})()""")


def _blob(value: str, kind: str = "application/json") -> str:
    return f"new Blob([{value}], {{type: {json.dumps(kind)}}})"


def _file(name: str, content: str, kind: str = "") -> str:
    return f"new File([{json.dumps(content)}], {json.dumps(name)}, {{type: {json.dumps(kind)}}})"


def test_blob_of_json_and_files_are_one_model(forms: Page) -> None:
    """The standard way of a script to send data beside files."""
    meta = _blob('JSON.stringify({title: "é 🦊", sizes: [1, 2]})')
    status, answer = _post(
        forms,
        "/document",
        f'"meta", {meta}',
        f'"files", {_file("a.txt", "first")}',
        f'"files", {_file("b.txt", "second")}',
        '"note", "hello"',
    )
    assert (status, answer) == (
        200,
        [{"title": "é 🦊", "sizes": [1, 2]}, ["a.txt", "b.txt"], ["first", "second"], "hello"],
    )


def test_blob_of_json_is_a_member_of_the_body_beside_a_file(forms: Page) -> None:
    """`Body()` and a file in one operation; a Blob with a name of its own is JSON as well."""
    file = f'"file", {_file("p.png", "x", "image/png")}'
    for name in ("", ', "meta.json"'):
        status, answer = _post(forms, "/mixed", f'"meta", {_blob(_TITLED)}{name}', file)
        assert (status, answer) == (200, [{"title": "t", "sizes": []}, "p.png", "image/png", 0])
    status, answer = _post(forms, "/mixed", '"meta", JSON.stringify({title: "t"})', file, '"count", "3"')
    assert (status, answer[3]) == (200, 3)


def test_blob_that_is_not_json_is_refused_where_json_is_expected(forms: Page) -> None:
    """A Blob without a type is a file like any other."""
    file = f'"file", {_file("p.png", "x")}'
    status, answer = _post(forms, "/mixed", f'"meta", {_blob(_TITLED, "")}', file)
    assert (status, answer["errors"][0]["type"]) == (422, "unexpected_file")
    status, answer = _post(forms, "/mixed", f'"meta", {_blob(_CUT)}', file)
    assert (status, answer["errors"][0]["type"]) == (422, "json_invalid")


def test_empty_form_is_one_without_fields(forms: Page) -> None:
    """A FormData without entries is a closing boundary and nothing else."""
    status, answer = _post(forms, "/document")
    assert (status, [error["loc"] for error in answer["errors"]]) == (
        422,
        [["body", "meta"], ["body", "files"]],
    )


def test_binary_content_arrives_unchanged(forms: Page) -> None:
    """Every byte, line ends and half boundaries included."""
    content = (
        'new Uint8Array(Array.from({length: 256}, (_, i) => i)), "\\r\\n--", "\\r\\n------WebKitFormBoundary"'
    )
    status, answer = _post(forms, "/raw", f'"content", {_blob(content, "")}')
    assert (status, answer) == (200, (bytes(range(256)) + b"\r\n--\r\n------WebKitFormBoundary").hex())


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("写真 🦊.jpg", "写真 🦊.jpg"),
        ('quo"te.txt', "quo%22te.txt"),
        ("a\nb.txt", "a%0Ab.txt"),
        ("semi;colon.txt", "semi;colon.txt"),
    ],
)
def test_name_of_a_file_arrives_as_browsers_write_it(forms: Page, name: str, given: str) -> None:
    """UTF-8, with quotes and line ends percent-encoded (HTML, multipart/form-data encoding algorithm)."""
    status, answer = _post(forms, "/mixed", f'"meta", {_blob(_TITLED)}', f'"file", {_file(name, "x")}')
    assert (status, answer[1]) == (200, given)


def _answer(page: Page, path: str) -> Any:
    page.wait_for(f"location.pathname === {json.dumps(path)} && document.readyState === 'complete'")
    return json.loads(page.text("body"))


def test_form_submitted_by_a_click_leaves_out_what_was_left_empty(forms: Page) -> None:
    """Empty texts, an empty file input and an unchecked box are what they would be if they were not there."""
    forms.evaluate("document.querySelector('#files [name=title]').value = 'T'; 0")
    forms.click("#files button")
    assert _answer(forms, "/submit") == {
        "title": "T",
        "note": "no note",
        "text": "",
        "image": None,
        "files": [],
        "checked": False,
        "tags": ["a", "b"],
    }


def test_form_submitted_by_a_click_sends_files_and_texts(forms: Page) -> None:
    """Line ends become CRLF; several files share one name."""
    forms.evaluate(f"""(() => {{
        const of = (name) => document.querySelector(`#files [name=${{name}}]`);
        const files = (...all) => {{
            const transfer = new DataTransfer();
            all.forEach((file) => transfer.items.add(file));
            return transfer.files;
        }};
        of("title").value = "é";
        of("text").value = "one\\ntwo";
        of("checked").checked = true;
        of("image").files = files({_file("i.png", "png", "image/png")});
        of("attachments").files = files({_file("1.txt", "1")}, {_file("2.txt", "2")});
    }})()""")
    forms.click("#files button")
    assert _answer(forms, "/submit") == {
        "title": "é",
        "note": "no note",
        "text": "one\r\ntwo",
        "image": "i.png",
        "files": ["1.txt", "2.txt"],
        "checked": True,
        "tags": ["a", "b"],
    }


def test_urlencoded_form_submitted_by_a_click_is_read_as_utf_8(forms: Page) -> None:
    """Every character that the encoding itself uses arrives as it was."""
    forms.click("#plain button")
    assert _answer(forms, "/plain") == "é & +=%"
