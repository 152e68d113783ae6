"""Whose page makes a browser send a request, and the check of WebSockets that rests on it."""

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import WebSocketDenialResponse

from rapide import Rapide, WebSocket
from rapide.behaviour import RAPIDE
from rapide.security.origins import foreign_origin, is_origin
from rapide.testclient import TestClient


def _scope(origin: str | None, host: str | None = "shop.example", scheme: str = "http") -> dict[str, Any]:
    headers = [(b"origin", origin)] if origin is not None else []
    headers += [(b"host", host)] if host is not None else []
    return {"scheme": scheme, "headers": [(name, value.encode()) for name, value in headers]}


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "foreign"),
    [
        (None, "shop.example", "http", None),
        ("http://shop.example", "shop.example", "http", False),
        ("https://shop.example", "shop.example", "http", False),  # a proxy speaks TLS
        ("https://shop.example", "shop.example:443", "https", False),
        ("https://SHOP.example", "Shop.Example", "https", False),
        ("http://[::1]:8000", "[::1]:8000", "http", False),
        ("http://shop.example", "shop.example", "https", True),
        ("http://shop.example", "shop.example", "wss", True),
        ("http://shop.example:8080", "shop.example", "http", True),
        ("https://shop.example", "shop.example:80", "http", True),
        ("http://evil.example", "shop.example", "http", True),
        ("http://evilshop.example", "shop.example", "http", True),
        ("http://shop.example.evil", "shop.example", "http", True),
        ("http://a.shop.example", "shop.example", "http", True),
        ("null", "shop.example", "http", True),
        ("", "shop.example", "http", True),
        ("http://shop.example/", "shop.example", "http", True),
        ("http://shop.example@evil.example", "shop.example", "http", True),
        ("file://", "shop.example", "http", True),
        ("http://shop.example\n", "shop.example", "http", True),
        ("http://shop.example", None, "http", True),
        ("http://shop.example:99999999999", "shop.example", "http", True),
    ],
)
def test_origin_is_compared_with_the_host(
    origin: str | None, host: str | None, scheme: str, foreign: bool | None
) -> None:
    """Scheme, host and port have to fit; what is no origin is foreign."""
    assert foreign_origin(_scope(origin, host, scheme)) is foreign


def test_doubled_headers_are_foreign() -> None:
    """Two origins, or two hosts, are an attempt to be understood in two ways."""
    scope = _scope("http://shop.example")
    for doubled in scope["headers"]:
        assert foreign_origin({**scope, "headers": [*scope["headers"], doubled]}) is True


def test_trusted_origins_are_not_foreign() -> None:
    """Those that are named, exactly, with scheme and port."""
    trusted = ("https://app.example",)
    assert foreign_origin(_scope("https://app.example"), trusted) is False
    assert foreign_origin(_scope("https://APP.example"), trusted) is False
    assert foreign_origin(_scope("http://app.example"), trusted) is True
    assert foreign_origin(_scope("https://app.example:444"), trusted) is True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example", True),
        ("http://a:1", True),
        ("a.example", False),
        ("https://a/", False),
        ("*", False),
    ],
)
def test_text_is_an_origin(text: str, expected: bool) -> None:
    """An origin has scheme, host, a port perhaps, and nothing else."""
    assert is_origin(text) is expected


def _client(**behaviour: Any) -> TestClient:
    app = Rapide(behaviour=replace(RAPIDE, **behaviour))

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("open")
        await websocket.close()

    inner = Rapide()
    inner.websocket("/ws")(socket)
    app.mount("/mounted", inner)
    return TestClient(app)


def _opens(client: TestClient, path: str = "/ws", **headers: str) -> int:
    """101 when the WebSocket opens, the status of the refusal otherwise."""
    try:
        with client.websocket_connect(path, headers=headers) as session:
            assert session.receive_text() == "open"
            return 101
    except WebSocketDenialResponse as refusal:
        return int(refusal.status_code) if refusal.headers["content-type"].startswith("application/") else 0


@pytest.mark.row("WSK-01")
@pytest.mark.parametrize("path", ["/ws", "/mounted/ws"])
@pytest.mark.parametrize("credentials", [{"cookie": "session=1"}, {"authorization": "Basic YTpi"}])
def test_foreign_page_cannot_open_a_websocket_as_the_user(path: str, credentials: dict[str, str]) -> None:
    """WSK-01: a foreign origin with the user's credentials is 403; its own origin, or none, is served."""
    client = _client()
    assert _opens(client, path, origin="http://evil.com", **credentials) == 403
    assert _opens(client, path, origin="null", **credentials) == 403
    assert _opens(client, path, origin="http://testserver", **credentials) == 101
    assert _opens(client, path, **credentials) == 101
    assert _opens(client, path, origin="http://evil.com") == 101


@pytest.mark.row("WSK-01")
def test_origins_can_be_allowed() -> None:
    """WSK-01: a page elsewhere is let in when it is named; None lets every page in."""
    headers = {"origin": "https://app.example", "cookie": "session=1"}
    assert _opens(_client(websocket_origins=("https://app.example",)), **headers) == 101
    assert _opens(_client(websocket_origins=("https://other.example",)), **headers) == 403
    assert _opens(_client(websocket_origins=None), **headers) == 101
