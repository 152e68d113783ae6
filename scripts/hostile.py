"""Random and broken requests for the example shop: no answer may be a server error, none large, none slow."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parent.parent
SHOP = ROOT / "examples" / "shop"
_SILENCE = 20  # seconds for which the served shop may keep a request waiting

# Bytes from which a request is large: any answer is long beside a small one.
_LARGE = 1024

Pair = tuple[bytes, bytes]


@dataclass
class Request:
    """One request, as bytes."""

    method: bytes
    target: bytes
    headers: list[Pair]
    body: bytes

    @property
    def size(self) -> int:
        """How much of it a client has to send."""
        return len(self.wire)

    @property
    def wire(self) -> bytes:
        """The request as HTTP/1.1."""
        head = b"".join(name + b": " + value + b"\r\n" for name, value in self.headers)
        return self.method + b" " + self.target + b" HTTP/1.1\r\n" + head + b"\r\n" + self.body


@dataclass
class Record:
    """What the answers to many requests have in common."""

    where: str
    statuses: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_request: bytes = b""
    refusals: dict[str, tuple[float, bytes]] = field(default_factory=dict)
    """The largest refusal of small and of large requests, in times the request, and the request."""
    failures: list[bytes] = field(default_factory=list)

    def note(self, request: Request, status: int, size: int, seconds: float) -> None:
        """Take note of an answer; status 0 is a connection that was closed without one."""
        self.statuses[f"{status // 100}xx" if status else "closed"] += 1
        if status >= 500:
            self.failures.append(request.wire)
        if seconds > self.slowest:
            self.slowest, self.slowest_request = seconds, request.wire
        kind = "large" if request.size >= _LARGE else "small"
        if status >= 400 and size / request.size > self.refusals.get(kind, (0.0, b""))[0]:
            self.refusals[kind] = size / request.size, request.wire

    def report(self) -> str:
        """Return the record as text."""
        statuses = ", ".join(f"{name} {count:,}" for name, count in sorted(self.statuses.items()))
        lines = [
            f"{self.where}: {sum(self.statuses.values()):,} requests: {statuses}",
            f"  server errors: {len(self.failures)}",
            f"  slowest answer: {self.slowest * 1000:.1f} ms to {self.slowest_request[:100]!r}",
        ]
        lines += [
            f"  largest refusal of a {kind} request: {ratio:.2f} times its size, {wire[:100]!r}"
            for kind, (ratio, wire) in sorted(self.refusals.items())
        ]
        lines += [f"  FAILED: {wire[:1_000]!r}" for wire in self.failures[:10]]
        return "\n".join(lines)


# ----------------------------------------------------------------------------------- making requests

_METHODS = [b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"HEAD", b"OPTIONS"]
_ODD_METHODS = [b"TRACE", b"get", b"_X", b"X" * 50, b"PROPFIND", b"CONNECT"]
_SEGMENTS = [
    b"1",
    b"0",
    b"-1",
    b"9" * 30,
    b"9" * 5000,
    b"abc",
    b"%00",
    b"%ff",
    b"%0a",
    b"%2F",
    b"..",
    b".",
    b"",
    b"%2e%2e",
    b"1_0",
    b"nan",
    b"1e400",
    b"%F0%9F%90%8D",
    b"a" * 2000,
    b"'",
    b"%22",
    b"<script>",
    b"%ED%A0%80",
    b"{id}",
    b";a=1",
]
_VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    2**64,
    10**400,
    1.5,
    -0.0,
    1e308,
    "",
    "a",
    "a" * 5000,
    "\x00",
    "\ud800",
    "1",
    "nan",
    "2020-01-01",
    "a@b.c",
    [],
    {},
    [[]],
    [1] * 100,
    {"a": {"a": {}}},
    "\u202e",
    "\U0001f40d",
    "é",
]
_RAW = [
    b"",
    b"{",
    b"[" * 2000,
    b'{"a":' * 500,
    b"NaN",
    b"[1e999]",
    b"Infinity",
    b'"\\ud800"',
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"\x00",
    b"null",
    b"1 2",
    b'{"a":1,"a":2}',
    b"'a'",
    b"9" * 5000,
    b"-",
    b'"' + b"a" * 3000,
    b"{}" * 50,
]
_TYPES = [
    b"application/json",
    b"application/json",
    b"application/json",
    b"application/json; charset=utf-16",
    b"text/plain",
    b"application/x-www-form-urlencoded",
    b"multipart/form-data",
    b"multipart/form-data; boundary=B",
    b"application/json\ta",
    b"",
    b"*/*",
    b"application/vnd.x+json",
    rb'multipart/form-data; boundary="\\\\',
]
_HEADERS: list[Pair] = [
    (b"cookie", b'a="\\\\\\\\'),
    (b"cookie", b"=;=;=;"),
    (b"cookie", b"\xff=\xfe"),
    (b"authorization", b"Bearer "),
    (b"authorization", b"Basic \xff"),
    (b"range", b"bytes=0-0,1-1"),
    (b"accept", b"*/*;q=x"),
    (b"expect", b"nothing"),
    (b"content-encoding", b"gzip"),
    (b"x-forwarded-for", b"<script>"),
    (b"x_forwarded_for", b"1"),
    (b"host", b"evil"),
    (b"if-match", b"*"),
    (b"if-none-match", b'"x'),
    (b"idempotency-key", b"\xff" * 300),
    (b"origin", b"null"),
    (b"last-event-id", b"x" * 2000),
    (b"accept-language", b"," * 2000),
    (b"x-a", b"\x80\xff"),
    (b"te", b"trailers"),
]
_HOSTS = [
    b"localhost",
    b"localhost",
    b"localhost",
    b"localhost:80",
    b"a/?",
    b"[::1",
    b"x" * 300,
    b"a b",
    b"\xff",
]


class Maker:
    """Makes requests out of the operations of an OpenAPI document, and breaks them."""

    def __init__(self, document: dict[str, Any], seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- the same seed has to make the same requests
        self._document = document
        self._operations = [
            (method.upper().encode(), path, operation)
            for path, item in document["paths"].items()
            for method, operation in item.items()
            if method.upper().encode() in _METHODS
        ]

    def requests(self, count: int) -> Iterator[Request]:
        """Yield so many requests."""
        for _ in range(count):
            yield self._request()

    def _request(self) -> Request:
        method, path, operation = self._random.choice(self._operations)
        target = self._target(path, operation)
        if self._once_in(8):
            method = self._random.choice(_METHODS + _ODD_METHODS)
        headers = (
            []
            if self._once_in(60)
            else [(b"host", self._random.choice(_HOSTS if self._once_in(10) else _HOSTS[:1]))]
        )
        body = (
            self._body(operation) if method not in (b"GET", b"HEAD", b"OPTIONS") or self._once_in(10) else b""
        )
        if body:
            headers.append((b"content-type", self._random.choice(_TYPES)))
        headers += self._random.choices(_HEADERS, k=self._random.choice((0, 0, 0, 1, 2, 5)))
        if self._once_in(300):
            headers += [(b"x-%d" % number, b"1") for number in range(150)]
        headers.append((b"content-length", b"%d" % len(body)))
        return Request(method, target, headers, body)

    def _hosts(self) -> list[Pair]:
        if self._once_in(60):
            return []
        return [(b"host", self._random.choice(_HOSTS) if self._once_in(10) else b"localhost")]

    def _once_in(self, number: int) -> bool:
        return self._random.randrange(number) == 0

    def _target(self, path: str, operation: dict[str, Any]) -> bytes:
        parts = [
            self._random.choice(_SEGMENTS) if part.startswith(b"{") or self._once_in(12) else part
            for part in path.encode().split(b"/")[1:]
        ]
        target = b"/" + b"/".join(parts)
        names = [
            each["name"].encode() for each in operation.get("parameters", ()) if each["in"] == "query"
        ] + [b"x"]
        pairs = [
            self._random.choice(names) + b"=" + self._random.choice(_SEGMENTS)
            for _ in range(self._random.choice((0, 0, 1, 2, 4)))
        ]
        return self._mutated(target + (b"?" + b"&".join(pairs) if pairs else b""), once_in=12)

    def _mutated(self, data: bytes, *, once_in: int) -> bytes:
        """Change a few bytes of every so-manieth text, but none that would end the request line."""
        if not data or not self._once_in(once_in):
            return data
        changed = bytearray(data)
        for _ in range(self._random.randrange(1, 5)):
            place = self._random.randrange(len(changed))
            changed[place] = self._random.choice(b"%/?&=;:@#\\.+-09azAZ~!*'()[]{}<>|^`\"")
        return bytes(changed)

    def _body(self, operation: dict[str, Any]) -> bytes:
        if self._once_in(4):
            return self._random.choice(_RAW)
        content = operation.get("requestBody", {}).get("content", {})
        schema = next(iter(content.values()), {}).get("schema", {})
        text = json.dumps(self._value(schema, 0)).encode()
        if self._once_in(6):
            changed = bytearray(text)
            for _ in range(self._random.randrange(1, 6)):
                changed[self._random.randrange(len(changed))] = self._random.randrange(256)
            return bytes(changed)
        return text[: self._random.randrange(len(text) + 1)] if self._once_in(12) else text

    def _value(self, schema: dict[str, Any], depth: int) -> Any:
        """Return a value that fits a schema in most places."""
        if "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        if depth > 6 or self._once_in(6):
            return self._random.choice(_VALUES)
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices:
            return self._value(self._random.choice(choices), depth + 1)
        if schema.get("type") == "object" or "properties" in schema:
            members = schema.get("properties", {})
            return {
                name: self._value(member, depth + 1)
                for name, member in members.items()
                if not self._once_in(15)
            }
        if schema.get("type") == "array":
            return [self._value(schema.get("items", {}), depth + 1) for _ in range(self._random.randrange(4))]
        if schema.get("type") == "integer":
            return self._random.randrange(-2, 20)
        return schema.get("example") or self._random.choice(("abc", "Momo", "a@example.com", "EUR", "1"))


# ----------------------------------------------------------------------------------- in this process


def _environment(folder: str) -> dict[str, str]:
    return {
        "SHOP_DATABASE_URL": f"sqlite+aiosqlite:///{folder}/shop.db",
        "SHOP_MAIL_FILE": f"{folder}/mail.mbox",
        "SHOP_SEED": "true",
    }


async def ask_in_process(app: Any, state: dict[str, Any], request: Request) -> tuple[int, int]:
    """Send a request as ASGI messages; return status and size of the answer."""
    raw_path, _, query = request.target.partition(b"?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method.decode("latin-1"),
        "scheme": "http",
        "path": unquote(raw_path.decode("latin-1")),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": request.headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
        "state": dict(state),
    }
    messages = [{"type": "http.request", "body": request.body, "more_body": False}]
    status = size = 0

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal status, size
        if message["type"] == "http.response.start":
            status = int(message["status"])
            size += sum(len(name) + len(value) + 4 for name, value in message["headers"])
        else:
            size += len(message.get("body", b""))

    try:
        await app(scope, receive, send)
    except Exception:  # noqa: BLE001 -- to a client it is a 500, whatever it is
        status = 500
    return status, size


async def run_in_process(count: int, seed: int) -> Record:
    """Send requests to the shop in this process."""
    record = Record("in process")
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(_environment(folder))
        sys.path.insert(0, str(SHOP))
        from shop.main import create_app  # noqa: PLC0415 -- its settings are read from the environment

        app = create_app()
        async with app.router.lifespan_context(app) as state:
            for request in Maker(app.openapi(), seed).requests(count):
                began = time.perf_counter()
                status, size = await ask_in_process(app, dict(state or {}), request)
                record.note(request, status, size, time.perf_counter() - began)
    return record


# ----------------------------------------------------------------------------------- on a server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask_server(port: int, request: Request) -> tuple[int, int]:
    """Send a request over a connection of its own; return status and size of the answer."""
    received = b""
    wire = request.wire.replace(b"\r\ncontent-length", b"\r\nconnection: close\r\ncontent-length", 1)
    with socket.create_connection(("127.0.0.1", port), timeout=_SILENCE) as connection:
        try:
            connection.sendall(wire)
            while chunk := connection.recv(65_536):
                received += chunk
        except ConnectionError:
            pass  # the server has refused before it had all, and closed
        except TimeoutError:
            return 599, len(received)  # nothing may hang
    status = received[9:12]
    return int(status) if status.isdigit() else 0, len(received)


def run_served(count: int, seed: int) -> Record:
    """Send requests to the shop on uvicorn."""
    record = Record("on uvicorn")
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "log").open("wb") as log:
        command = [sys.executable, "-m", "rapide", "run", "--entrypoint", "shop.main:app"]
        environment = {**os.environ, **_environment(folder), "RAPIDE_PORT": str(port)}
        server = subprocess.Popen(command, cwd=SHOP, env=environment, stdout=log, stderr=log)
        try:
            _wait(port, server)
            document = json.loads(_fetch(port, b"/openapi.json"))
            for request in Maker(document, seed).requests(count):
                began = time.perf_counter()
                status, size = ask_server(port, request)
                record.note(request, status, size, time.perf_counter() - began)
        finally:
            server.terminate()
            server.wait(30)
    return record


def _fetch(port: int, target: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=_SILENCE) as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
    return received.partition(b"\r\n\r\n")[2]


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit("The shop did not start.")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The shop did not answer.")


def main() -> int:
    """Run what was asked for; 1 when there was a server error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="how many, of each part")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same requests")
    parser.add_argument("--in-process", action="store_true")
    parser.add_argument("--served", action="store_true")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    both = options.in_process == options.served
    records = []
    if both or options.in_process:
        records.append(asyncio.run(run_in_process(options.requests, options.seed)))
        print(records[-1].report(), flush=True)
    if both or options.served:
        records.append(run_served(options.requests, options.seed))
        print(records[-1].report(), flush=True)
    return 1 if any(record.failures for record in records) else 0


if __name__ == "__main__":
    raise SystemExit(main())
