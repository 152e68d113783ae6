from pathlib import Path

import main
import pytest

from rapide.testclient import TestClient


def test_mail_is_sent_after_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(main, "outbox", tmp_path / "outbox.txt")
    response = TestClient(main.app).post("/loans/7?reader=ada@library.example")
    assert response.status_code == 202
    assert response.json() == {"lent": 7}
    assert main.outbox.read_text().startswith(
        "ada@library.example: Please bring back book 7"
    )
