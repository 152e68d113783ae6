from main import app

from rapide.testclient import TestClient

PAGE = {"Origin": "https://library.example"}
ADA = {"name": "ada", "password": "correct horse battery"}


def test_basket_belongs_to_the_session() -> None:
    client = TestClient(app, "https://library.example", headers=PAGE)
    client.post("/readers", data=ADA)
    assert client.post("/basket/momo").status_code == 401
    client.post("/login", data=ADA)
    client.post("/basket/momo")
    assert client.post("/basket/emil").json() == ["momo", "emil"]
    client.post("/logout")
    assert client.post("/basket/momo").status_code == 401


def test_foreign_page_cannot_log_in() -> None:
    client = TestClient(app, "https://library.example")
    foreign = {"Origin": "https://evil.example"}
    assert client.post("/login", data=ADA, headers=foreign).status_code == 403
