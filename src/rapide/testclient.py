"""Requests to an application without a server, for tests. Needs the package httpx2 (or httpx)."""

from starlette.testclient import TestClient

__all__ = ["TestClient"]
