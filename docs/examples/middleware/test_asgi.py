from asgi import app

from rapide.testclient import TestClient


def test_number_is_sent_back_and_known_inside() -> None:
    response = TestClient(app).get("/number")
    assert response.json() == response.headers["x-request-id"]
    assert len(response.json()) == 32
