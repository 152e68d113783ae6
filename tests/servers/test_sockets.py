"""WebSockets through real servers, with a real client."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from server_process import Process, eventually
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.server

_GIVEN_CODES = {"hypercorn": 1006}


@contextmanager
def _connected(server: Process, path: str, **options: Any) -> Iterator[ClientConnection]:
    with connect(server.websocket_url + path, proxy=None, **options) as socket:
        yield socket


def _closed(socket: ClientConnection) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(30)
    assert closed.value.rcvd is not None, "no close frame came"
    return closed.value.rcvd.code, closed.value.rcvd.reason


def test_messages_go_both_ways_with_parameters_and_dependencies(server):
    """Path, query and what dependencies made of them are those of the handshake."""
    with _connected(server, "/rooms/3?card=ada&volume=7") as socket:
        for text in ("one", "two", "\N{SNOWMAN}"):
            socket.send(json.dumps(text))
            assert json.loads(socket.recv(30)) == {"room": 3, "from": "Ada", "volume": 7, "text": text}


def test_bytes_of_a_megabyte_arrive(server):
    """Binary messages are not cut at any buffer's size."""
    with _connected(server, "/rooms/3?card=ada", max_size=2**21) as socket:
        socket.send(json.dumps({"bytes": 2**20}))
        assert socket.recv(30) == bytes(2**20)


def test_subprotocol_is_chosen(server):
    """What the endpoint accepts is what the client is told."""
    with _connected(server, "/rooms/3?card=ada", subprotocols=["talk"]) as socket:
        assert socket.subprotocol == "talk"


@pytest.mark.parametrize(
    "path", ["/rooms/three?card=ada", "/rooms/3?card=nobody", "/rooms/3?card=ada&volume=-1"]
)
def test_handshake_is_refused_before_the_socket_opens(server, path):
    """Validation and dependencies decide first: a close before accepting is HTTP 403 on the wire."""
    with pytest.raises(InvalidStatus) as refused, _connected(server, path):
        pass
    assert refused.value.response.status_code == 403


def test_handshake_to_no_route_is_refused(server):
    """A path that nobody serves opens no socket."""
    with pytest.raises(InvalidStatus) as refused, _connected(server, "/nowhere"):
        pass
    assert refused.value.response.status_code in (403, 404)


@pytest.mark.parametrize("code", [1000, 1008, 4000])
def test_close_code_and_reason_reach_the_client(server, code):
    """What the endpoint says is what the close frame holds."""
    with _connected(server, "/rooms/3?card=ada") as socket:
        socket.send(json.dumps({"close": code}))
        assert _closed(socket) == (code, "as you wish")


def test_exception_closes_with_1011_and_tells_nothing(server):
    """WSK-03: the text of a fault stays in the log."""
    with _connected(server, "/rooms/3?card=ada") as socket:
        socket.send(json.dumps({"raise": True}))
        code, reason = _closed(socket)
    assert code == 1011
    assert "secret" not in reason
    assert eventually(lambda: "a secret of the server's" in server.log)


def test_close_code_of_the_client_reaches_the_endpoint(server):
    """`WebSocketDisconnect.code` is what the client said; Hypercorn 0.18 tells only that it went."""
    with _connected(server, "/listen") as socket:
        socket.close(4321)
    assert eventually(lambda: server.notes()[-1].startswith("listen: "))
    assert server.notes()[-1] == f"listen: {_GIVEN_CODES.get(server.name, 4321)}"


def test_dependencies_are_closed_after_the_endpoint(server):
    """When the client leaves, the endpoint ends first and what it was given after it."""
    before = len(server.notes())
    with _connected(server, "/rooms/3?card=ada"):
        pass
    assert eventually(lambda: "session closed" in server.notes()[before:])
    ends = [note for note in server.notes()[before:] if note in ("talk ended", "session closed")]
    assert ends == ["talk ended", "session closed"]


def test_client_that_vanishes_ends_the_endpoint(server):
    """A connection that breaks without a close frame is a disconnect too."""
    before = server.notes().count("talk ended")
    with _connected(server, "/rooms/3?card=ada") as socket:
        socket.socket.close()
    assert eventually(lambda: server.notes().count("talk ended") == before + 1)
