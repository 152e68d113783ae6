"""Values that are JSON within one text, and declarations that FastAPI takes and nobody can call."""

from typing import Annotated, NamedTuple

import pytest
from pydantic import BaseModel, Json

from rapide.fastapi import Cookie, Depends, FastAPI, Form, Header, Query
from rapide.fastapi.testclient import TestClient


class Book(BaseModel):
    title: str
    pages: int = 0


class Point(NamedTuple):
    x: int
    y: int = 0


@pytest.mark.parametrize(
    ("marker", "place", "sent"),
    [
        (Form, "body", lambda text: {"data": {"book": text}}),
        (Header, "header", lambda text: {"headers": {"book": text}}),
        (Cookie, "cookie", lambda text: {"headers": {"cookie": f"book={text}"}}),
        (Query, "query", lambda text: {"params": {"book": text}}),
    ],
)
def test_an_optional_model_in_json_is_one_value(marker, place, sent):
    """It is read from the one text of its name, and not field by field."""
    app = FastAPI()

    @app.post("/books")
    def add(book: Annotated[Json[Book] | None, marker()] = None):
        return book

    client = TestClient(app)
    assert client.post("/books", **sent('{"title":"Momo"}')).json() == {"title": "Momo", "pages": 0}
    assert client.post("/books").json() is None
    refused = client.post("/books", **sent('{"title":1}'))
    assert refused.status_code == 422
    assert refused.json()["detail"][0]["loc"] == [place, "book", "title"]


def test_a_model_in_json_is_documented_as_one_field_of_a_form():
    """Beside another field it is a text of that name whose content is the model."""
    app = FastAPI()

    @app.post("/books")
    def add(book: Annotated[Json[Book], Form()], copies: Annotated[int, Form()] = 1):
        return [book, copies]

    answer = TestClient(app).post("/books", data={"book": '{"title":"Momo"}', "copies": "2"})
    assert answer.json() == [{"title": "Momo", "pages": 0}, 2]
    body = app.openapi()["components"]["schemas"]["Body_add_books_post"]
    assert body["required"] == ["book"]
    assert body["properties"]["book"] == {
        "type": "string",
        "contentMediaType": "application/json",
        "contentSchema": {"$ref": "#/components/schemas/Book"},
        "title": "Book",
    }
    assert body["properties"]["copies"] == {"type": "integer", "title": "Copies", "default": 1}


def test_a_dependency_without_a_type_registers_and_refuses():
    """As in FastAPI, which calls `Any`: the program starts, and each request lacks what `Any` would take."""
    app = FastAPI()

    @app.get("/")
    def read(nobody=Depends()):
        return nobody

    answer = TestClient(app).get("/")
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [["query", "args"], ["query", "kwargs"]]


def test_a_named_tuple_is_a_body():
    """From an array or an object; FastAPI documents a form and refuses everything."""
    app = FastAPI()

    @app.post("/points")
    def add(point: Point) -> Point:
        return point

    client = TestClient(app)
    assert client.post("/points", json=[1]).json() == [1, 0]
    assert client.post("/points", json={"x": 1, "y": 2}).json() == [1, 2]
    assert client.post("/points", json=["a"]).json()["detail"][0]["loc"] == ["body", 0]
    body = app.openapi()["paths"]["/points"]["post"]["requestBody"]
    assert list(body["content"]) == ["application/json"]
