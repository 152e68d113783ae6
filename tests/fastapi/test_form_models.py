"""What extensions ask `fastapi.dependencies.utils` about models that are read from forms."""

from typing import Annotated

import pytest
from pydantic import AliasChoices, BaseModel, Field
from starlette.datastructures import FormData

from rapide.fastapi import FastAPI, Form
from rapide.fastapi.dependencies import utils


class Book(BaseModel):
    """A form."""

    pages: int = 1
    tags: list[str] = Field([], alias="tag")
    title: str = Field("", validation_alias=AliasChoices("title", "name"))
    note: str = Field("", validation_alias="remark", alias="x")


class Anything(BaseModel):
    """A form with whatever is sent."""

    model_config = {"extra": "allow"}
    number: int = 0


def fields_of(endpoint):
    """Return the body fields of a route by name."""
    app = FastAPI()
    app.post("/")(endpoint)
    return {field.name: field for field in app.routes[-1].dependant.body_params}


def test_models_are_told_from_fields():
    """One model, a union of them, an optional one; fields, and models that are JSON, are none."""

    def endpoint(
        one: Annotated[Book, Form()],
        several: Annotated[Book | Anything, Form()],
        text: Annotated[str, Form(alias="words")],
        optional: Annotated[Book | None, Form()] = None,
    ): ...

    def json(book: Book): ...

    fields = {**fields_of(endpoint), **fields_of(json)}
    assert {name: utils._get_form_models(field) for name, field in fields.items()} == {
        "one": [Book],
        "several": [Book, Anything],
        "text": [],
        "optional": [Book],
        "book": [],
    }
    assert utils._get_form_model(fields["one"]) is Book
    assert utils._get_form_model(fields["several"]) is None
    assert utils._get_param_aliases(fields["text"]) == [("words", "words")]


def test_names_under_which_fields_are_sent():
    """Aliases and choices of them; a header's name is guessed from the parameter's."""
    names = {field.name: utils._get_param_aliases(field) for field in utils.get_cached_model_fields(Book)}
    assert names == {
        "pages": [("pages", "pages")],
        "tags": [("tag", "tag")],
        "title": [("title", "title"), ("name", "name")],
        "note": [("remark", "remark")],
    }


@pytest.mark.parametrize(
    ("sent", "book", "anything"),
    [
        ({}, False, False),
        ({"pages": "1"}, True, True),
        ({"tag": "1"}, True, True),
        ({"name": "1"}, True, True),
        ({"tags": "1"}, False, True),
        ({"x": "1"}, False, True),
    ],
)
def test_a_form_supplies_a_model(sent, book, anything):
    """One name of its fields is enough; any will do where extra fields are allowed."""
    assert utils._is_form_model_supplied(Book, FormData(sent)) is book
    assert utils._is_form_model_supplied(Anything, FormData(sent)) is anything


def test_the_value_of_a_field():
    """The last of several, all for a list; an empty text is nothing."""

    def endpoint(number: Annotated[int, Form()], numbers: Annotated[list[int], Form()]): ...

    fields = fields_of(endpoint)
    form = FormData([("number", "1"), ("number", "2"), ("numbers", "1"), ("numbers", "2")])
    assert utils._get_multidict_value(fields["number"], form, "number") == "2"
    assert utils._get_multidict_value(fields["numbers"], form, "numbers") == ["1", "2"]
    assert utils._get_multidict_value(fields["number"], {"number": 5}, "number") == 5
    assert utils._get_multidict_value(fields["number"], {"number": None}, "number") is utils.Undefined
    assert utils._get_multidict_value(fields["number"], FormData({"number": ""}), "number") is utils.Undefined
    assert utils._get_multidict_value(fields["numbers"], FormData([]), "numbers") is utils.Undefined


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ({"pages": ["1", "2"], "tag": "x", "q": ["1"]}, {"pages": "2", "tag": ["x"], "q": ["1"]}),
        ({"pages": "", "tag": [], "name": "n"}, {"tag": [], "name": "n"}),
        ("text", "text"),
        (None, None),
    ],
)
def test_a_dict_becomes_what_a_form_would_have_given(given, normal):
    """Lists where the model has lists, the last of several elsewhere, nothing for empty texts."""
    assert utils._normalize_form_model(given, model=Book) == normal
