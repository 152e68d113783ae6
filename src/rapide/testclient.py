"""Requests to an application without a server, for tests. Needs the package httpx2 (or httpx).

`TestClient` is Starlette's, for plain test functions: it runs the application on an event loop of its own, on
another thread. `rapide.testing.AsyncTestClient` is for tests that are coroutines.
"""

try:
    from starlette.testclient import TestClient
except RuntimeError as exc:  # Starlette's way to say that it found no HTTP client
    raise ModuleNotFoundError(
        'The test clients need the package httpx2. Install it: pip install "rapide[standard]" (or httpx2).',
        name="httpx2",
    ) from exc

__all__ = ["TestClient"]
