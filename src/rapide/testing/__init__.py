"""Clients for tests: requests to an application without a server.

In: an ASGI application. Out: `TestClient` for plain test functions, which is Starlette's, and
`AsyncTestClient` for tests that are coroutines, which runs the application in the test's own event loop.
Needs the package httpx2 (or httpx). How dependencies are replaced in tests is said at `Rapide.override`.
Must not know: routes, plans. The clients speak ASGI, as a server does; what `lifespan.py` reads of an
application is only whether it has a lifespan.
"""

from rapide.testclient import TestClient  # first: it explains what is missing when there is no HTTP client
from rapide.testing.client import AsyncTestClient
from rapide.testing.lifespan import LifespanNotEnteredWarning
from rapide.testing.websocket import AsyncWebSocketTestSession

__all__ = ["AsyncTestClient", "AsyncWebSocketTestSession", "LifespanNotEnteredWarning", "TestClient"]
