from main import app

from rapide.testclient import TestClient

client = TestClient(app)


def log_in(name: str) -> dict[str, str]:
    form = {"grant_type": "password", "username": name, "password": "correct horse"}
    return client.post("/auth/token", data=form).json()


def bearer(answer: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer['access_token']}"}


def test_login_opens_the_door() -> None:
    assert client.get("/me").status_code == 401
    assert client.get("/me", headers=bearer(log_in("ada"))).json() == {"id": "1"}


def test_refresh_tokens_are_used_once() -> None:
    first = log_in("ada")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = client.post("/auth/token", data=form)
    assert client.get("/me", headers=bearer(second.json())).status_code == 200
    assert client.post("/auth/token", data=form).json() == {"error": "invalid_grant"}


def test_a_librarian_makes_a_key_for_the_scanner() -> None:
    assert client.post("/keys", headers=bearer(log_in("bob"))).status_code == 403
    key = client.post("/keys", headers=bearer(log_in("ada"))).json()["key"]
    assert client.post("/loans", headers={"X-API-Key": key}).json() == {"lent by": "1"}
    assert client.post("/loans", headers={"X-API-Key": key[:-1]}).status_code == 401
