"""A server on this machine that takes whatever it is sent, in the place of a vendor's."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any, NamedTuple

__all__ = ["Collector", "Sent", "collect", "collect_mail"]

_UNPACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": zlib.decompress}
_SECONDS = 30  # the longest that an agent keeps what it has


class Sent(NamedTuple):
    """A request to the collector, or a mail: `path` is its recipient."""

    path: str
    body: bytes


class Collector:
    """What was sent, and where to send it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.sent: list[Sent] = []

    def wait_for(self, find: Callable[[list[Sent]], Any], what: str) -> Any:
        """Wait until something that was sent is found, and return it."""
        give_up = time.monotonic() + _SECONDS
        while not (found := find(list(self.sent))):
            assert time.monotonic() < give_up, f"{what} was not sent, but {self.sent}"
            time.sleep(0.1)
        return found


@contextmanager
def collect() -> Iterator[Collector]:
    """Take what is sent to a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self._read()
            body = _UNPACK.get(self.headers.get("content-encoding", ""), bytes)(body)
            collector.sent.append(Sent(self.path, body))
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _read(self) -> bytes:
            if self.headers.get("transfer-encoding") != "chunked":
                return self.rfile.read(int(self.headers.get("content-length", 0)))
            chunks = []
            while size := int(self.rfile.readline(), 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

        def _answer(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- http.server's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector = Collector(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, name="collector")
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def collect_mail() -> Iterator[Collector]:
    """Take the mail that is sent to a free port until the block ends: recipient and text of each."""

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            recipient = ""
            while line := self.rfile.readline():
                command = line.decode().strip()
                if command.upper().startswith("RCPT"):
                    recipient = command.partition("<")[2].partition(">")[0]
                elif command.upper() == "DATA":
                    self._say("354 go on")
                    collector.sent.append(Sent(recipient, b"".join(iter(self.rfile.readline, b".\r\n"))))
                elif command.upper() == "QUIT":
                    self._say("221 bye")
                    return
                self._say("250 fine")

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    server = ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector = Collector(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, name="mail")
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
