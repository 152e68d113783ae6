import pytest
from main import app

from rapide import WebSocketDisconnect
from rapide.testclient import TestClient

client = TestClient(app)


def test_message_comes_back_with_its_sender() -> None:
    with client.websocket_connect("/rooms/3?card=ada-1815&volume=7") as socket:
        socket.send_json({"text": "hello"})
        assert socket.receive_json() == {
            "room": 3,
            "from": "Ada",
            "volume": 7,
            "text": "hello",
        }


@pytest.mark.parametrize("url", ["/rooms/3?card=nobody", "/rooms/three?card=ada-1815"])
def test_connection_is_refused(url: str) -> None:
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(url):
        pass
    assert refused.value.code == 1008
