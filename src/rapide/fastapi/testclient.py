"""`fastapi.testclient`."""

from rapide.testclient import TestClient

__all__ = [
    "TestClient",
]
