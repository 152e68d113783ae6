from main import app

from rapide.testclient import TestClient

client = TestClient(app)


def test_token_opens_the_door() -> None:
    answer = client.post(
        "/token", data={"username": "ada", "password": "correct horse"}
    ).json()
    assert answer["token_type"] == "bearer"
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert client.get("/me", headers=headers).json() == {"name": "Ada"}
    wish = client.post("/wishes", headers=headers, json={"title": "Momo"})
    assert wish.json() == {"from": "Ada", "title": "Momo"}


def test_unknown_name_and_wrong_password_get_the_same_answer() -> None:
    unknown = client.post("/token", data={"username": "bob", "password": "x"})
    wrong = client.post("/token", data={"username": "ada", "password": "x"})
    assert (unknown.status_code, unknown.text) == (wrong.status_code, wrong.text)
