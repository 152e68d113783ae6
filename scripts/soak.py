"""Mixed requests for long, one in twenty abandoned: every answer is checked, and what the server holds."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import websockets

_HERE = Path(__file__).resolve().parent
# Less than the five seconds after which the server closes an idle connection: a request that is sent at that
# moment gets no answer (RFC 9112, section 9.5), and a POST is not sent again.
_KEEP_ALIVE_SECONDS = 2
_WARM_UP = 0.15  # of the time: threads are started, caches filled, memory pools grown
_SAMPLES = 120
_BURST = 60
_ON_DISK = 1_100_000  # bytes of an upload that is too large for memory
_GROWTH = 0.05  # of memory, from the first third after the warm-up to the last
_SETTLING_SECONDS = 30
_DISCONNECTS = 0.05
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST, as crashed clients and cut lines do


class WrongAnswerError(Exception):
    """An answer is not what it has to be."""


def expect(found: object, wanted: object) -> None:
    """Refuse an answer that is not as it has to be."""
    if found != wanted:
        raise WrongAnswerError(f"{found!r} in place of {wanted!r}")


@dataclass
class Client:
    """One client, which sends one request after the other."""

    http: httpx2.AsyncClient
    port: int
    random: random.Random

    async def read(self) -> None:
        """Get a model."""
        number = self.random.randrange(10_000)
        answer = await self.http.get(f"/items/{number}", params={"q": "a b"})
        expect(answer.json(), {"name": f"item {number}", "price": number / 4, "tags": ["a b"]})

    async def create(self) -> None:
        """Send JSON; something is done after the answer."""
        item = {"name": "Momo", "price": 1.5, "tags": ["x"] * self.random.randrange(200)}
        answer = await self.http.post("/items", json=item)
        expect((answer.status_code, answer.json()), (201, item))

    async def form(self) -> None:
        """Send a form."""
        answer = await self.http.post("/form", data={"name": "é&=", "number": "7"})
        expect(answer.json(), {"name": "é&=", "number": 7})

    async def upload(self) -> None:
        """Send a file."""
        size = self.random.choice((10, 100_000, _ON_DISK))
        answer = await self.http.post("/upload", files={"file": ("a.bin", b"x" * size)})
        expect(answer.json(), {"size": size})

    async def pooled(self) -> None:
        """Have a thread work with one of few connections."""
        number = self.random.randrange(1000)
        expect((await self.http.get(f"/pooled/{number}")).json(), number * 2)

    async def slow(self) -> None:
        """Wait."""
        expect((await self.http.get("/slow")).json(), "slow")

    async def wrong(self) -> None:
        """Do something that is refused, or fails."""
        status, method, path, options = self.random.choice(_WRONG)
        expect((await self.http.request(method, path, **options)).status_code, status)

    async def events(self) -> None:
        """Read a stream to its end."""
        await self._read_events("/events")

    async def thread_events(self) -> None:
        """Read one that comes from a thread."""
        await self._read_events("/thread-events")

    async def _read_events(self, path: str) -> None:
        answer = await self.http.get(path, params={"count": 5})
        expect(answer.text, "".join(f"data: {number}\n\n" for number in range(5)))

    async def talk(self) -> None:
        """Talk over a WebSocket."""
        address = f"ws://127.0.0.1:{self.port}/echo"
        async with websockets.connect(address, proxy=None, open_timeout=30) as connection:
            for size in (1, 200, 70_000):
                await connection.send("x" * size)
                expect(len(await connection.recv()), size)

    async def leave(self) -> None:
        """Begin something and go away in the middle of it, politely or not."""
        wire = self.random.choice(_ABANDONED)
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(wire[: self.random.randint(1, len(wire))] if self.random.random() < 0.5 else wire)
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(self.random.random() * 0.3):
                await writer.drain()
                while await reader.read(1000):
                    pass
        if self.random.random() < 0.5:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        writer.transport.abort()


# What is done and how often, beside the leaving.
_CASES: dict[Callable[[Client], Awaitable[None]], int] = {
    Client.read: 30,
    Client.create: 20,
    Client.form: 8,
    Client.upload: 6,
    Client.pooled: 15,
    Client.slow: 6,
    Client.wrong: 8,
    Client.events: 3,
    Client.thread_events: 2,
    Client.talk: 2,
}

_WRONG: list[tuple[int, str, str, dict[str, Any]]] = [
    (500, "GET", "/fails", {}),
    (422, "GET", "/items/abc", {}),
    (404, "GET", "/items/-1", {}),
    (404, "GET", "/nowhere", {}),
    (405, "DELETE", "/form", {}),
    (422, "POST", "/items", {"json": {"name": 1}}),
    (422, "POST", "/items", {"content": b'{"name":', "headers": {"content-type": "application/json"}}),
    (415, "POST", "/items", {"content": b"{}", "headers": {"content-type": "text/plain"}}),
]

_HOST = b" HTTP/1.1\r\nhost: localhost\r\n"
_SOCKET = (
    b"upgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n"
)
_ABANDONED = [
    b"GET /items/1" + _HOST + b"\r\n",
    b"GET /slow" + _HOST + b"\r\n",
    b"GET /pooled/1" + _HOST + b"\r\n",
    b"GET /events?count=100000" + _HOST + b"\r\n",
    b"GET /thread-events?count=100000" + _HOST + b"\r\n",
    b"POST /items" + _HOST + b'content-type: application/json\r\ncontent-length: 500\r\n\r\n{"name": "Mo',
    b"POST /upload"
    + _HOST
    + b"content-type: multipart/form-data; boundary=b\r\ncontent-length: 900000\r\n\r\n"
    b'--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n' + b"x" * 400_000,
    b"GET /echo" + _HOST + _SOCKET + b"\r\n",
]


@dataclass
class Record:
    """What happened."""

    done: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    samples: list[dict[str, int]] = field(default_factory=list)
    slowest: float = 0.0

    async def run(self, case: Callable[[Client], Awaitable[None]], client: Client) -> None:
        """Let a client do one thing, and write down how it went."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(60):
                await case(client)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is a failure
            self.failures.append(f"{case.__name__}: {type(error).__name__}: {error}"[:500])
        self.done[case.__name__] += 1
        self.slowest = max(self.slowest, time.monotonic() - began)

    def growth(self) -> float:
        """Return by what part memory has grown since the warm-up."""
        resident = [each["resident"] for each in self.samples]
        third = max(1, len(resident) // 3)
        return statistics.median(resident[-third:]) / statistics.median(resident[:third]) - 1


async def _ask(port: int) -> dict[str, int]:
    async with httpx2.AsyncClient(timeout=30, trust_env=False) as http:
        answer = await http.get(f"http://127.0.0.1:{port}/held", headers={"connection": "close"})
        held: dict[str, int] = answer.json()
        return held


async def _settled(port: int, wanted: dict[str, int] | None = None) -> dict[str, int]:
    """Return what the server holds when it has nothing to do, or after a while what it still holds."""
    deadline = time.monotonic() + _SETTLING_SECONDS
    held = await _ask(port)
    while time.monotonic() < deadline and _leaks(held, wanted or held):
        await asyncio.sleep(0.5)
        held = await _ask(port)
    return held


def _leaks(held: dict[str, int], before: dict[str, int]) -> list[str]:
    names = [name for name in before if name != "resident" and held[name] > before[name]]
    names += [name for name in ("open", "connections lent") if held[name] and name not in names]
    return names


async def soak(
    port: int, seconds: float, clients: int, seed: int
) -> tuple[Record, dict[str, int], dict[str, int]]:
    """Send requests for so long; return the record, and what was held after the warm-up and at the end."""
    record = Record()
    await _load(record, port, seconds * _WARM_UP, clients, seed)
    await _fill_threads(port)
    before = await _settled(port)
    sampling = asyncio.create_task(_sample(record, port, seconds * (1 - _WARM_UP)))
    await _load(record, port, seconds * (1 - _WARM_UP), clients, seed + 1000)
    await sampling
    return record, before, await _settled(port, before)


async def _load(record: Record, port: int, seconds: float, clients: int, seed: int) -> None:
    until = time.monotonic() + seconds
    base = f"http://127.0.0.1:{port}"
    limits = httpx2.Limits(keepalive_expiry=_KEEP_ALIVE_SECONDS)
    async with httpx2.AsyncClient(base_url=base, timeout=60, trust_env=False, limits=limits) as http:

        async def work(number: int) -> None:
            chance = random.Random(seed + number)  # noqa: S311 -- the same seed has to do the same things
            client = Client(http, port, chance)
            while time.monotonic() < until:
                leaves = chance.random() < _DISCONNECTS
                case = Client.leave if leaves else chance.choices(list(_CASES), list(_CASES.values()))[0]
                await record.run(case, client)
                await asyncio.sleep(chance.random() * 0.2)

        async with asyncio.TaskGroup() as group:
            for number in range(clients):
                group.create_task(work(number))


async def _fill_threads(port: int) -> None:
    """Have all threads started that there may be: from then on, one more is one too many."""
    limits = httpx2.Limits(max_connections=_BURST, keepalive_expiry=_KEEP_ALIVE_SECONDS)
    async with (
        httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False, limits=limits
        ) as http,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(_BURST):
            group.create_task(http.get("/nap"))
            group.create_task(http.post("/upload", files={"file": ("a.bin", b"x" * _ON_DISK)}))


async def _sample(record: Record, port: int, seconds: float) -> None:
    for _ in range(_SAMPLES):
        await asyncio.sleep(seconds / _SAMPLES)
        record.samples.append(await _ask(port))


def report(record: Record, before: dict[str, int], after: dict[str, int], seconds: float) -> bool:
    """Print what happened, and tell whether it is good."""
    total = sum(record.done.values())
    print(f"{total:,} requests in {seconds / 60:g} minutes, {record.done['leave']:,} of them abandoned")
    print("  " + ", ".join(f"{name} {count:,}" for name, count in sorted(record.done.items())))
    print(f"  failures: {len(record.failures)}; slowest: {record.slowest * 1000:.0f} ms")
    for failure in record.failures[:20]:
        print(f"  FAILED: {failure}")
    for name, held in before.items():
        most = max(sample[name] for sample in record.samples)
        print(f"  {name}: {held:,} after the warm-up, {most:,} at most, {after[name]:,} at the end")
    leaks, growth = _leaks(after, before), record.growth()
    print(f"  memory, first third to last: {growth:+.1%}")
    if leaks:
        print(f"  LEAKED: {', '.join(leaks)}")
    return not record.failures and not leaks and growth < _GROWTH


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _started(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit("The server did not start.")
        with contextlib.suppress(httpx2.TransportError):
            await _ask(port)
            return
        await asyncio.sleep(0.1)
    raise SystemExit("The server did not answer.")


def main() -> int:
    """Serve, send, look; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--clients", type=int, default=12, help="how many at the same time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--server", default="uvicorn", choices=["uvicorn", "hypercorn", "granian"])
    options = parser.parse_args()
    port, seconds = _free_port(), options.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "rapide", "run", "-e", "soaked:app", "--host", "127.0.0.1"]
        command += [
            "--port",
            str(port),
            "--server",
            options.server,
            "--log-level",
            "critical",
            "--no-access-log",
        ]
        with log.open("wb") as output:
            server = subprocess.Popen(command, cwd=_HERE, stdout=output, stderr=output, env=dict(os.environ))
        try:
            asyncio.run(_started(port, server))
            results = asyncio.run(soak(port, seconds, options.clients, options.seed))
        finally:
            server.terminate()
            status = server.wait(60)
        good = report(*results, seconds)
        print(f"  exit status of the server: {status}")
        if not good:
            print(log.read_text(encoding="utf-8")[-4000:])
    return 0 if good and status == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
