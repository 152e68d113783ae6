import re

import pytest
from guarded import app

from rapide.testclient import TestClient

client = TestClient(app)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_page_is_for_staff(path: str) -> None:
    assert client.get(path).status_code == 401
    assert client.get(path, auth=("ada", "battery staple")).status_code == 401
    assert client.get(path, auth=("ada", "correct horse")).status_code == 200


def test_page_finds_its_files() -> None:
    page = client.get("/docs", auth=("ada", "correct horse")).text
    files = re.findall(r'(?:href|src)="(/docs/assets/[^"]+)"', page)
    assert files
    assert {client.get(file).status_code for file in files} == {200}


def test_books_are_for_everybody() -> None:
    assert client.get("/books").status_code == 200
