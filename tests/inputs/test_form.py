"""Fields of forms and uploads, natively: repeated fields, files in place of texts; the parser's package."""

import logging
import sys
import types
from dataclasses import replace
from enum import Enum
from typing import Annotated, Any

import pytest
from form_data import file_part, multipart, text_part, urlencoded
from pydantic import AliasChoices

from rapide import APIRouter, Body, Depends, File, Form, Rapide, UploadFile
from rapide.behaviour import RAPIDE
from rapide.errors import DeclarationError
from rapide.fastapi import FastAPI
from rapide.inputs.form import NOT_INSTALLED, WRONG_PACKAGE, multipart_problem
from rapide.testclient import TestClient

Problem = tuple[str, list[Any]]


def _taking(annotation: Any, *default: Any, **options: Any) -> TestClient:
    """Return a client for an endpoint that returns its one parameter `p`."""

    def endpoint(p: Any) -> Any:
        return [p.filename, p.size] if hasattr(p, "filename") else p

    endpoint.__annotations__ = {"p": annotation}
    endpoint.__defaults__ = default
    app = Rapide(**options)
    app.post("/x")(endpoint)
    return TestClient(app)


def _problems(response: Any) -> list[Problem]:
    assert response.status_code == 422
    return [(error["type"], error["loc"]) for error in response.json()["errors"]]


class _Color(Enum):
    RED = "red"


# Repeated fields


@pytest.mark.parametrize(
    ("annotation", "texts"),
    [
        (Annotated[str, Form()], ["a", "b"]),
        (Annotated[str, Form()], ["a", "a"]),
        (Annotated[str, Form()], ["", "a"]),
        (Annotated[int | None, Form()], ["1", "2"]),
        (Annotated[bool, Form()], ["false", "true"]),
        (Annotated[_Color, Form()], ["red", "red"]),
    ],
)
@pytest.mark.parametrize("encode", ["urlencoded", "multipart"])
def test_field_is_refused_when_it_holds_one_value_and_is_sent_twice(annotation, texts, encode):
    """FRM-17: which of them is meant is not guessed (parameter pollution)."""
    if encode == "urlencoded":
        sent = urlencoded("&".join(f"p={text}" for text in texts))
    else:
        sent = multipart(*(text_part("p", text) for text in texts))
    assert _problems(_taking(annotation).post("/x", **sent)) == [("repeated_field", ["body", "p"])]


def test_upload_is_refused_when_it_is_sent_twice():
    """FRM-17: files are fields; one that was left empty does not count."""
    client = _taking(UploadFile)
    twice = multipart(file_part("p", "a", b"1"), file_part("p", "b", b"2"))
    assert _problems(client.post("/x", **twice)) == [("repeated_field", ["body", "p"])]
    beside = multipart(file_part("p", ""), file_part("p", "b", b"2"))
    assert client.post("/x", **beside).json() == ["b", 1]


def test_last_value_of_a_field_holds_when_the_application_wants_it_so():
    """FRM-17: the choice is the application's."""
    client = _taking(Annotated[str, Form()], behaviour=replace(RAPIDE, repeated_fields="last"))
    assert client.post("/x", **urlencoded("p=a&p=b")).json() == "b"


def test_lists_take_all_values():
    """FRM-17: who expects several declares a list."""
    assert _taking(Annotated[list[str], Form()]).post("/x", **urlencoded("p=a&p=&p=b")).json() == [
        "a",
        "",
        "b",
    ]


def test_names_of_one_field_are_not_repetitions_of_it():
    """The first name that was sent counts, as everywhere."""
    client = _taking(Annotated[str, Form(validation_alias=AliasChoices("one", "two"))])
    assert client.post("/x", **urlencoded("two=b&one=a")).json() == "a"
    assert client.post("/x", **urlencoded("one=&two=b")).json() == "b"
    assert _problems(client.post("/x", **urlencoded("one=&two=b&two=c"))) == [
        ("repeated_field", ["body", "two"])
    ]


def test_repetition_shows_no_value_unless_asked():
    """What was sent twice is not sent back; the application's own handlers see it."""
    response = _taking(Annotated[str, Form()]).post("/x", **urlencoded("p=hunter2&p=hunter3"))
    assert "hunter" not in response.text


# Files where texts are expected, and the other way round


@pytest.mark.parametrize(
    "annotation",
    [
        Annotated[str, Form()],
        Annotated[int, Form()],
        Annotated[_Color, Form()],
        Annotated[bool | None, Form()],
    ],
)
def test_file_where_text_is_expected_is_an_error_without_internals(annotation):
    """FRM-12: the answer tells the place and the type, nothing of the object behind the upload."""
    response = _taking(annotation).post("/x", **multipart(file_part("p", "secret-name.txt", b"content")))
    assert [place for _, place in _problems(response)] == [["body", "p"]]
    for inside in (
        "SpooledTemporaryFile",
        "secret-name",
        "_file",
        "0x",
        "/tmp",
        "UploadFile",
        "content-disposition",
    ):
        assert inside not in response.text


def test_text_where_a_file_is_expected_is_an_error():
    """FRM-12: a text part is no upload."""
    response = _taking(UploadFile).post("/x", **multipart(text_part("p", "text")))
    assert _problems(response) == [("value_error", ["body", "p"])]


@pytest.mark.parametrize("annotation", [Annotated[bytes, File()], Annotated[bytes | None, File()]])
def test_content_of_a_file_is_given_when_bytes_are_declared(annotation):
    """A file is read for whoever wants bytes; a text part is bytes too."""

    def endpoint(p: annotation) -> str:
        return p.hex()

    app = Rapide()
    app.post("/x")(endpoint)
    client = TestClient(app)
    assert client.post("/x", **multipart(file_part("p", "n", b"\xff"))).json() == "ff"
    assert client.post("/x", **multipart(text_part("p", "a"))).json() == "61"


def test_uploads_are_rapides_own():
    """`isinstance` with the class that is declared holds."""

    def endpoint(one: UploadFile, many: list[UploadFile]) -> bool:
        return all(type(upload) is UploadFile for upload in (one, *many))

    app = Rapide()
    app.post("/x")(endpoint)
    sent = multipart(file_part("one", "a"), file_part("many", "b"), file_part("many", "c"))
    assert TestClient(app).post("/x", **sent).json() is True


def test_field_of_a_nested_router_keeps_the_behaviour_of_the_application():
    """A router carries no behaviour of its own: the application that includes it decides."""

    def dependency(p: Annotated[str, Form()]) -> str:
        return p

    router = APIRouter()

    @router.post("/x")
    def endpoint(p: Annotated[str, Depends(dependency)], n: Annotated[int, Body()] = 0) -> list[Any]:
        return [p, n]

    native, vendor = Rapide(), FastAPI()
    native.include_router(router)
    vendor.include_router(router)
    assert TestClient(native).post("/x", **urlencoded("p=a&p=b")).status_code == 422
    assert TestClient(vendor).post("/x", **urlencoded("p=a&p=b")).json() == ["b", 0]


# The parser's package


def _hide(monkeypatch: pytest.MonkeyPatch, **modules: Any) -> None:
    for name in ("python_multipart", "multipart", "multipart.multipart"):
        monkeypatch.setitem(sys.modules, name, modules.get(name))


def _package(name: str, **attributes: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update({"__path__": [], **attributes})
    return module


_OLD = {
    "multipart": _package("multipart", __version__="0.0.9"),
    "multipart.multipart": _package("multipart.multipart", parse_options_header=lambda value: value),
}


@pytest.mark.parametrize(
    ("modules", "problem"),
    [
        ({"python_multipart": _package("python_multipart", __version__="0.0.13")}, None),
        ({"python_multipart": _package("python_multipart", __version__="0.0.12")}, NOT_INSTALLED),
        ({"python_multipart": _package("python_multipart", __version__="0.0.12"), **_OLD}, None),
        (_OLD, None),
        ({"multipart": _package("multipart", __version__="1.2")}, WRONG_PACKAGE),
        ({**_OLD, "multipart.multipart": _package("multipart.multipart")}, WRONG_PACKAGE),
        ({"multipart": _package("multipart")}, NOT_INSTALLED),
        ({}, NOT_INSTALLED),
    ],
    ids=[
        "installed", "half of an old one", "old, both names", "old", "another project", "another parser",
        "no release", "missing",
    ],
)  # fmt: skip
def test_problem_with_the_parsers_package_is_told(monkeypatch, modules, problem):
    """python-multipart was once imported as `multipart`, the name that another project has too."""
    _hide(monkeypatch)
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    assert multipart_problem() == problem


@pytest.mark.parametrize(("face", "name"), [(Rapide, "rapide"), (FastAPI, "fastapi")])
def test_form_is_refused_at_its_declaration_when_the_package_is_missing(monkeypatch, caplog, face, name):
    """The error has a code and names the parameter; each face writes to its own logger."""
    _hide(monkeypatch)

    def endpoint(p: Annotated[str, Form()]) -> None:
        """Never run."""

    with caplog.at_level(logging.ERROR), pytest.raises(DeclarationError, match="pip install") as caught:
        face().post("/x")(endpoint)
    assert (caught.value.code, caught.value.parameter) == ("RAP114", "p")
    assert caplog.record_tuples == [(name, logging.ERROR, NOT_INSTALLED)]
