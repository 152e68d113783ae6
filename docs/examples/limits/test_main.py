import pytest
from main import app

from rapide.testclient import TestClient

client = TestClient(app)


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/scans", 500, 200),
        ("/scans", 1_100, 413),  # the router's limit
        ("/scans/large", 1_100, 200),  # the route raises it
        ("/scans/large", 1_600, 413),
    ],
)
def test_innermost_limit_counts(path: str, size: int, status: int) -> None:
    assert client.post(path, files={"scan": b"x" * size}).status_code == status


@pytest.mark.parametrize(("levels", "status"), [(63, 200), (64, 422)])
def test_json_is_read_to_a_depth(levels: int, status: int) -> None:
    body = '{"note": ' + "[" * levels + "]" * levels + "}"
    headers = {"Content-Type": "application/json"}
    assert client.post("/notes", content=body, headers=headers).status_code == status
