from collections.abc import Iterator

import pytest
from main import app

from rapide.testclient import TestClient


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


def test_book_is_there_once_it_was_created(client: TestClient) -> None:
    book = {"isbn": "9783522177504", "title": "Momo"}
    created = client.post("/books", json=book)
    assert created.status_code == 201
    assert client.get("/books").json() == [{**book, "number": created.json()["number"]}]


def test_second_book_with_an_isbn_is_refused(client: TestClient) -> None:
    book = {"isbn": "9783789141294", "title": "Emil"}
    assert client.post("/books", json=book).status_code == 201
    assert client.post("/books", json=book).status_code == 409
    titles = [found["title"] for found in client.get("/books").json()]
    assert titles.count("Emil") == 1
