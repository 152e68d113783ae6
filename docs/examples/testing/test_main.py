from collections.abc import Iterator

import pytest
from main import app, find_title

from rapide.testclient import TestClient


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app) as client:  # `with` runs the lifespan
        yield client


def test_book_is_shown_with_its_title(client: TestClient) -> None:
    with app.override({find_title: lambda: "Momo"}):
        response = client.get("/books/7")
    assert response.status_code == 200
    assert response.json() == {"title": "Momo"}


def test_number_must_be_a_number(client: TestClient) -> None:
    response = client.get("/books/seven")
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["errors"]] == [["path", "number"]]


def test_override_ends_with_its_block(client: TestClient) -> None:
    assert client.get("/books/7").status_code == 503
