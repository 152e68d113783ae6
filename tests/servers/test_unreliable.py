"""Clients behind a bad network: everything is answered or ended, and nothing is left behind."""

import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from server_process import Process, eventually, serving
from unreliable import Fault, unreliable

pytestmark = [
    pytest.mark.server,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]

_SCRIPTS = (
    Path(__file__).parents[2] / "scripts"
)  # the application of scripts/soak, which counts what it holds
_COMMAND = ["-m", "rapide", "run", "-e", "{app}", "--host", "127.0.0.1", "--port", "{port}"]
_REPEATS = 3

_CLOSE = b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"
_JSON = b'{"name": "Momo", "price": 1.5}'
_FILE = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n%b\r\n--b--\r\n' % (
    b"x" * 300_000
)
_SOCKET = (
    b"GET /echo HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)
# After the handshake a masked text, and after its echo a close frame with 1000.
_FRAMES = {b"\r\n\r\n": b"\x81\x81\0\0\0\0x", b"\x81\x01x": b"\x88\x82\0\0\0\0\x03\xe8"}

# What is sent, and what a good network brings back.
_CASES: dict[str, tuple[bytes, Callable[[bytes], bool]]] = {
    "json": (
        b"POST /items"
        + _CLOSE
        + b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(_JSON)
        + _JSON,
        lambda got: got.startswith(b"HTTP/1.1 201") and got.endswith(b'"tags":[]}'),
    ),
    "upload": (
        b"POST /upload" + _CLOSE + b"content-type: multipart/form-data; boundary=b\r\n"
        b"content-length: %d\r\n\r\n" % len(_FILE) + _FILE,
        lambda got: got.endswith(b'{"size":300000}'),
    ),
    "pooled": (b"GET /pooled/21" + _CLOSE + b"\r\n", lambda got: got.endswith(b"42")),
    "failure": (b"GET /fails" + _CLOSE + b"\r\n", lambda got: got.startswith(b"HTTP/1.1 500")),
    "events": (b"GET /events?count=30" + _CLOSE + b"\r\n", lambda got: got.count(b"data: ") == 30),
    "thread events": (
        b"GET /thread-events?count=30" + _CLOSE + b"\r\n",
        lambda got: got.count(b"data: ") == 30,
    ),
    "websocket": (_SOCKET, lambda got: b"\x81\x01x\x88" in got),
}

_FAULTS = [
    Fault("delay"),
    Fault("delay", "client"),
    Fault("trickle"),
    Fault("trickle", "client"),
    *[
        Fault(kind, towards, after)  # type: ignore[arg-type]  # its words, from tuples
        for kind in ("stall", "cut", "reset")
        for towards, after in (("server", 1), ("server", 150), ("client", 0), ("client", 250))
    ],
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """Serve it, and let it do each thing once, so that what is made once is made."""
    log = tmp_path_factory.mktemp("unreliable") / "log"
    with serving(_COMMAND, "soaked:app", _SCRIPTS, log) as running:
        for wire, _ in _CASES.values():
            _talk(running.port, wire)
        yield running


def _talk(port: int, wire: bytes) -> bytes:
    """Send bytes, and return all that came until the end, which is within a minute."""
    received = bytearray()
    # an error is one way to end
    with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(wire)
        while part := connection.recv(65_536):
            received += part
            if wire is _SOCKET:
                connection.sendall(_next_frame(received))
    return bytes(received)


def _next_frame(received: bytearray) -> bytes:
    return next((frame for seen, frame in _FRAMES.items() if received.endswith(seen)), b"")


def _held(server: Process) -> dict[str, Any]:
    held = httpx2.get(
        server.url + "/held", headers={"connection": "close"}, timeout=60, trust_env=False
    ).json()
    return {name: held[name] for name in ("tasks", "descriptors", "open", "connections lent")}


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda fault: f"{fault.kind}-{fault.towards}-{fault.after}")
def test_all_is_answered_or_ended_and_nothing_stays(server, fault):
    """BOD-09: whatever the network does, each connection ends, and the process holds what it held."""
    before = _held(server)
    with unreliable(server.port, fault) as port, ThreadPoolExecutor(len(_CASES) * _REPEATS) as pool:
        talks = {
            name: [pool.submit(_talk, port, wire) for _ in range(_REPEATS)]
            for name, (wire, _) in _CASES.items()
        }
        answers = {name: [talk.result() for talk in several] for name, several in talks.items()}
    if not fault.breaks:
        for name, (_, is_right) in _CASES.items():
            assert all(is_right(answer) for answer in answers[name]), (name, answers[name])
    assert eventually(lambda: _like(_held(server), before)), (before, _held(server))
    assert server.process.poll() is None


def _like(now: dict[str, Any], before: dict[str, Any]) -> bool:
    return all(now[name] <= before[name] for name in before)
