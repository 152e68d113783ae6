"""A network that is none of the best: a TCP proxy that delays, trickles, stalls, cuts and resets."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

__all__ = ["Fault", "unreliable"]

_STALL_SECONDS = 1.0
_DELAY_SECONDS = 0.05
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST


@dataclass(frozen=True)
class Fault:
    """What goes wrong on the way to the server, or to the client.

    Attributes:
        kind: `delay` makes each piece late, `trickle` cuts it into small ones; `stall`, `cut` and `reset`
            let `after` bytes pass, and then nothing for a while, an end, or a TCP reset.
        towards: in which direction.
        after: how many bytes pass before.
    """

    kind: Literal["delay", "trickle", "stall", "cut", "reset"]
    towards: Literal["server", "client"] = "server"
    after: int = 0

    @property
    def breaks(self) -> bool:
        """Whether the connection does not survive it."""
        return self.kind in ("stall", "cut", "reset")


class _BrokenError(Exception):
    """The connection ends here."""


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault | None) -> None:
    """Carry what comes in one direction."""
    passed = 0
    while data := await reader.read(65_536):
        if fault is None:
            writer.write(data)
        elif fault.breaks:
            writer.write(data[: max(0, fault.after - passed)])
            passed += len(data)
            if passed > fault.after:
                await writer.drain()
                await asyncio.sleep(_STALL_SECONDS if fault.kind == "stall" else 0)
                raise _BrokenError
        elif fault.kind == "delay":
            await asyncio.sleep(_DELAY_SECONDS)
            writer.write(data)
        else:
            await _trickle(data, writer)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def _trickle(data: bytes, writer: asyncio.StreamWriter) -> None:
    size = max(1, len(data) // 20)
    for start in range(0, len(data), size):
        writer.write(data[start : start + size])
        await asyncio.sleep(0.005)


async def _serve(client: tuple[asyncio.StreamReader, asyncio.StreamWriter], port: int, fault: Fault) -> None:
    """Carry a connection until both have ended, or the fault ends it."""
    reader, writer = client
    server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
    towards_server = fault.towards == "server"
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_pass(reader, server_writer, fault if towards_server else None))
            group.create_task(_pass(server_reader, writer, None if towards_server else fault))
    except* (_BrokenError, ConnectionError):
        for end in (writer, server_writer) if fault.kind == "reset" else ():
            end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    finally:
        writer.transport.abort()
        server_writer.transport.abort()


@contextmanager
def unreliable(port: int, fault: Fault) -> Iterator[int]:
    """Give a port behind which the server on `port` is, by way of a network with this fault."""
    loop = asyncio.new_event_loop()
    running: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = loop.create_task(_serve((reader, writer), port, fault))
        running.add(task)
        task.add_done_callback(running.discard)

    server = loop.run_until_complete(asyncio.start_server(accept, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def end() -> None:
        server.close()
        for task in list(running):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()
