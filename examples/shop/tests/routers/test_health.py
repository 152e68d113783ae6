"""Health over HTTP."""

import sqlite3
from contextlib import closing
from pathlib import Path

from rapide.testclient import TestClient


def test_live_and_ready_when_all_is_well(client: TestClient) -> None:
    """Both say ok."""
    assert client.get("/health/live").json() == {"status": "ok"}
    assert client.get("/health/ready").json() == {"status": "ok"}


def test_live_but_not_ready_when_the_database_fails(client: TestClient, database_file: Path) -> None:
    """A broken database is no reason to restart the process, but one to send requests elsewhere."""
    with closing(sqlite3.connect(database_file)) as connection:
        connection.execute("DROP TABLE alembic_version")
    assert client.get("/health/live").status_code == 200
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"
    assert int(response.headers["retry-after"]) > 0
    assert "alembic" not in response.text
