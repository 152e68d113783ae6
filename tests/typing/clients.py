"""Tests of an application as a user's type checker sees them.

Nothing here runs; `application.py` says how to read it.
"""

# pyright: reportUnusedFunction=false

from typing import Any, assert_type

from rapide import Rapide, testclient
from rapide.testing import (
    AsyncTestClient,
    AsyncWebSocketTestSession,
    LifespanNotEnteredWarning,
    TestClient,
)

app = Rapide()


def ask() -> None:
    """Send requests from a plain function."""
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/", params={"a": 1}, headers={"x-a": "1"})
        assert_type(response.status_code, int)
        assert_type(response.json(), Any)
        with client.websocket_connect("/socket") as session:
            session.send_json({})
            assert_type(session.receive_text(), str)
    assert testclient.TestClient is TestClient
    assert issubclass(LifespanNotEnteredWarning, Warning)


async def ask_in_a_coroutine() -> None:
    """Send requests from a coroutine."""
    async with AsyncTestClient(app, base_url="https://shop.example", lifespan=False) as client:
        assert_type(client, AsyncTestClient)
        assert_type(client.app_state, dict[str, Any])
        response = await client.post("/", json={"a": 1})
        assert_type(response.text, str)
        async with client.websocket_connect("/socket", subprotocols=["chat"]) as session:
            assert_type(session, AsyncWebSocketTestSession)
            await session.send_text("x")
            assert_type(await session.receive_bytes(), bytes)


TestClient(app, url="/")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
AsyncTestClient(app, raise_exceptions=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
AsyncTestClient("app")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
