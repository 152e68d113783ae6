import re

import pytest
from main import app

from rapide.testclient import TestClient

ADA = {"email": "ada@example.com", "password": "correct horse battery"}


def test_register_and_log_in(capsys: pytest.CaptureFixture[str]) -> None:
    home = "https://library.example"
    with TestClient(app, home, headers={"Origin": home}) as client:
        client.post("/users/register", json=ADA)
        mail = re.search(r"verify (\S+)", capsys.readouterr().out)
        assert mail is not None
        client.post("/users/verify", json={"code": mail[1]})
        assert client.get("/nickname").status_code == 401
        client.post("/users/login", json=ADA)
        assert client.get("/nickname").json() is None
