"""Clients over real sockets: one that asks once and looks at the answer, and WebSocket clients.

Standard library only.
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from bench.cases import Case, echo_messages

__all__ = ["Echoes", "ask_once", "echo_for", "open_sockets"]

_MASK = b"\x21\x43\x65\x87"
_TIMEOUT = 30.0
_OPENING_AT_ONCE = 50


def ask_once(case: Case, port: int) -> tuple[int, bytes]:
    """Make the request of a case; return status and body.

    For the WebSocket case: 200 and the texts that came back.
    """
    if case.socket:
        return 200, b"".join(asyncio.run(_echo_once(case.path, port)))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)
    try:
        headers = {name.decode(): value.decode() for name, value in case.headers}
        connection.request(case.method, case.target, body=case.body or None, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class _Socket:
    """One WebSocket connection, as far as echoing short texts needs it (RFC 6455)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, path: str, port: int) -> _Socket:
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), _TIMEOUT)
        key = base64.b64encode(os.urandom(16)).decode()
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _TIMEOUT)
        if b" 101 " not in head.partition(b"\r\n")[0]:
            raise ConnectionError(f"no WebSocket: {head[:80]!r}")
        return cls(reader, writer)

    async def echo(self, frame: bytes) -> bytes:
        """Send a frame, return the text of the next one."""
        self._writer.write(frame)
        while True:
            kind, text = await asyncio.wait_for(self._read(), _TIMEOUT)
            if kind == 1:
                return text
            if kind == 8:
                raise ConnectionError("closed by the server")

    async def _read(self) -> tuple[int, bytes]:
        first, length = await self._reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await self._reader.readexactly(2), "big")
        return first & 0x0F, await self._reader.readexactly(length)

    async def close(self) -> None:
        """Say goodbye and go."""
        self._writer.write(_frame(b"\x03\xe8", kind=8))
        self._writer.close()
        with suppress(OSError):  # the server was faster, or does not answer (TimeoutError): gone is gone
            await asyncio.wait_for(self._writer.wait_closed(), 5)


def _frame(data: bytes, kind: int = 1) -> bytes:
    """A masked frame, as clients send it, with less than 126 bytes."""
    masked = bytes(byte ^ _MASK[place % 4] for place, byte in enumerate(data))
    return bytes([0x80 | kind, 0x80 | len(data)]) + _MASK + masked


async def _echo_once(path: str, port: int) -> Sequence[bytes]:
    client = await _Socket.open(path, port)
    try:
        return [await client.echo(_frame(message)) for message in echo_messages()]
    finally:
        await client.close()


@dataclass(frozen=True)
class Echoes:
    """What the echoing clients did."""

    messages: int
    seconds: float


def echo_for(case: Case, port: int, *, seconds: float, connections: int) -> Echoes:
    """Echo texts over some connections for some seconds. The handshakes are over before the clock starts."""
    return asyncio.run(_echo_for(case.path, port, seconds, connections))


async def _echo_for(path: str, port: int, seconds: float, connections: int) -> Echoes:
    frame = _frame(b"message of the benchmark")
    clients = [await _Socket.open(path, port) for _ in range(connections)]
    start = time.perf_counter()

    async def keep_echoing(client: _Socket) -> int:
        count = 0
        while time.perf_counter() - start < seconds:
            await client.echo(frame)
            count += 1
        return count

    counts = await asyncio.gather(*map(keep_echoing, clients))
    taken = time.perf_counter() - start
    await asyncio.gather(*(client.close() for client in clients))
    return Echoes(sum(counts), taken)


@asynccontextmanager
async def open_sockets(path: str, port: int, count: int) -> AsyncIterator[None]:
    """Keep idle WebSocket connections open while the block runs."""
    clients: list[_Socket] = []
    try:
        for start in range(0, count, _OPENING_AT_ONCE):
            many = min(_OPENING_AT_ONCE, count - start)
            clients += await asyncio.gather(*(_Socket.open(path, port) for _ in range(many)))
        yield
    finally:
        await asyncio.gather(*(client.close() for client in clients))
