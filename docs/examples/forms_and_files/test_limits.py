import pytest
from limits import app

from rapide.testclient import TestClient

client = TestClient(app)


def test_small_file_is_read() -> None:
    assert client.post("/scans", files={"scan": b"x" * 500}).json() == 500


@pytest.mark.parametrize(
    ("files", "status"),
    [
        ([("scan", b"x" * 2000)], 413),
        ([("scan", b"one"), ("scan", b"two")], 400),
    ],
)
def test_more_than_the_limits_allow_is_refused(
    files: list[tuple[str, bytes]], status: int
) -> None:
    response = client.post("/scans", files=files)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
