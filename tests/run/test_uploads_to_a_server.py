"""Uploads to a real server: clients that leave in the middle leave nothing behind."""

import asyncio
import gc
import hashlib
import http.client
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from form_data import BOUNDARY
from serving import serve

from rapide import Rapide, UploadFile

pytestmark = pytest.mark.server

_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
_BEGIN = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="n"\r\n\r\n'.encode()
_END = f"\r\n--{BOUNDARY}--\r\n".encode()
_CHUNK = bytes(range(256)) * 256


class _Server:
    """A server with one upload, and what is open in it."""

    def __init__(self) -> None:
        self.app = Rapide(max_body_size=2**28)
        self.finished: list[str] = []
        self.loop: asyncio.AbstractEventLoop | None = None
        self.address = ("", 0)

        @self.app.post("/upload")
        async def upload(f: UploadFile) -> list[Any]:
            digest = hashlib.sha256()
            while part := await f.read(65_536):
                digest.update(part)
            self.finished.append(digest.hexdigest())
            return [f.size, digest.hexdigest()]

        @self.app.get("/ready")
        async def ready() -> None:
            self.loop = asyncio.get_running_loop()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self.address, timeout=30)

    def open_things(self) -> tuple[int, int]:
        """Return how many descriptors the process and how many tasks the loop has."""
        assert self.loop is not None
        gc.collect()
        return len(list(Path("/dev/fd").iterdir())), len(asyncio.all_tasks(self.loop))


@pytest.fixture
def server() -> Iterator[_Server]:
    """A server that has answered once, so that what it makes once is made."""
    running = _Server()
    with serve(running.app) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        running.address = (host, int(port))
        connection = running.connect()
        for _ in range(2):
            connection.request("GET", "/ready")
            connection.getresponse().read()
            connection.request("POST", "/upload", _BEGIN + _CHUNK * 32 + _END, {"content-type": _TYPE})
            assert connection.getresponse().read().startswith(b"[2097152,")
        connection.close()
        running.finished.clear()
        yield running


def _eventually(holds: Callable[[], bool]) -> bool:
    """Wait, for a minute at most, until a condition holds: the server needs a moment to notice."""
    deadline = time.monotonic() + 60
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _no_more(server: _Server, before: tuple[int, int]) -> bool:
    return all(now <= then for now, then in zip(server.open_things(), before, strict=True))


def _leave_half_way(address: tuple[str, int], *, reset: bool, announced: bool) -> None:
    """Send two megabytes of four and go, with a TCP reset or an orderly end."""
    length = f"content-length: {4 * 2**20}" if announced else "transfer-encoding: chunked"
    head = f"POST /upload HTTP/1.1\r\nhost: x\r\ncontent-type: {_TYPE}\r\n{length}\r\n\r\n".encode()
    content = _BEGIN + _CHUNK * 32
    with socket.create_connection(address, 10) as client:
        client.sendall(head)
        client.sendall(content if announced else b"%x\r\n%s\r\n" % (len(content), content))
        if reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize("reset", [False, True], ids=["end", "reset"])
@pytest.mark.parametrize("announced", [False, True], ids=["chunked", "announced"])
def test_nothing_stays_behind_when_clients_leave_half_way(server, caplog, reset, announced):
    """FRM-16 and BOD-09: no descriptor, no task, no endpoint run, nothing in the log of errors."""
    before = server.open_things()
    for _ in range(50):
        _leave_half_way(server.address, reset=reset, announced=announced)
    assert _eventually(lambda: _no_more(server, before)), (before, server.open_things())
    assert server.finished == []
    assert [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []
    connection = server.connect()
    connection.request("POST", "/upload", _BEGIN + b"after" + _END, {"content-type": _TYPE})
    assert connection.getresponse().read().startswith(b"[5,")
    connection.close()


def test_large_upload_arrives_whole_beside_others(server):
    """FRM-15: thirty-two megabytes in chunks, and the server answers others in between."""
    count = 512

    def body() -> Iterator[bytes]:
        yield _BEGIN
        for number in range(count):
            if number == count // 2:
                other = server.connect()
                other.request("GET", "/ready")
                assert other.getresponse().status == 200
                other.close()
            yield _CHUNK
        yield _END

    before = server.open_things()
    connection = server.connect()
    connection.request("POST", "/upload", body(), {"content-type": _TYPE}, encode_chunked=True)
    expected = hashlib.sha256(_CHUNK * count).hexdigest()
    assert connection.getresponse().read() == f'[{count * len(_CHUNK)},"{expected}"]'.encode()
    connection.close()
    assert _eventually(lambda: _no_more(server, before))
