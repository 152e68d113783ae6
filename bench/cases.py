"""The requests that are made, and what a right answer to each is.

Standard library only: the worker reads it too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench.contract import (
    DOWNLOAD_SIZE,
    EVENTS,
    GREETING,
    LIST_LENGTH,
    MESSAGE,
    UPLOAD_SIZE,
    item_values,
    row_values,
)

__all__ = ["CASES", "ECHOES", "Case", "Headers", "cases_of_routes", "check_answer"]

Headers = list[tuple[bytes, bytes]]

# What a client such as wrk or curl sends with every request.
_CLIENT_HEADERS: Headers = [
    (b"host", b"127.0.0.1:8000"),
    (b"user-agent", b"bench"),
    (b"accept", b"*/*"),
    (b"accept-encoding", b"gzip"),
    (b"connection", b"keep-alive"),
]

ECHOES = 100
"""Messages that one connection of the WebSocket case sends."""

_BOUNDARY = "rapide-bench-boundary"


@dataclass(frozen=True)
class Case:
    """One request, the answers that are right, and how it is measured.

    `judge` gets the body of an answer with a right status and says what is wrong with it, or None.
    `connections` is how many wrk keeps open; bodies of megabytes take fewer.
    """

    name: str
    title: str
    path: str
    judge: Callable[[bytes], str | None]
    method: str = "GET"
    query: str = ""
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    statuses: tuple[int, ...] = (200,)
    connections: int = 64
    socket: bool = False

    @property
    def all_headers(self) -> Headers:
        """The headers of the request, those of every client first."""
        length = [(b"content-length", str(len(self.body)).encode())] if self.body else []
        return [*_CLIENT_HEADERS, *self.headers, *length]

    @property
    def target(self) -> str:
        """Path and query as they stand in a request line."""
        return f"{self.path}?{self.query}" if self.query else self.path


def _is_json(expected: Any) -> Callable[[bytes], str | None]:
    def judge(body: bytes) -> str | None:
        try:
            found = json.loads(body)
        except ValueError:
            return f"not JSON: {body[:80]!r}"
        return None if found == expected else f"{str(found)[:120]} instead of {str(expected)[:120]}"

    return judge


def _is_text(body: bytes) -> str | None:
    return None if body == GREETING.encode() else f"{body[:80]!r} instead of {GREETING!r}"


def _is_as_long(body: bytes) -> str | None:
    return None if len(body) == DOWNLOAD_SIZE else f"{len(body)} bytes instead of {DOWNLOAD_SIZE}"


def _is_events(body: bytes) -> str | None:
    lines = [line for line in body.splitlines() if line.startswith(b"data:")]
    numbers = [json.loads(line.removeprefix(b"data:"))["n"] for line in lines]
    return (
        None
        if numbers == list(range(EVENTS))
        else f"{len(numbers)} events instead of {EVENTS}, or out of order"
    )


def _is_echo(body: bytes) -> str | None:
    return None if body == b"".join(echo_messages()) else f"{body[:80]!r} instead of the messages sent"


def _is_anything(body: bytes) -> str | None:
    """Errors have each framework's own form."""
    return None


def echo_messages() -> list[bytes]:
    """The messages of the WebSocket case."""
    return [f"message {number}".encode() for number in range(ECHOES)]


def _multipart() -> bytes:
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="upload.bin"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + b"\xa5" * UPLOAD_SIZE + f"\r\n--{_BOUNDARY}--\r\n".encode()


_ITEM = item_values(7)
_FORM = {"name": "Ada", "age": "36", "member": "true"}
_JSON_TYPE = (b"content-type", b"application/json")
_FORM_TYPE = (b"content-type", b"application/x-www-form-urlencoded")
_MULTIPART_TYPE = (b"content-type", f"multipart/form-data; boundary={_BOUNDARY}".encode())

_ALL = [
    Case("text", "text", "/text", _is_text),
    Case("json", "JSON", "/json", _is_json(MESSAGE)),
    Case(
        "params",
        "path and query parameters",
        "/items/42",
        _is_json({"item_id": 42, "q": "hello", "limit": 5}),
        query="q=hello&limit=5",
    ),
    Case(
        "body",
        "nested JSON body, validated, and response model",
        "/items",
        _is_json(_ITEM),
        method="POST",
        headers=[_JSON_TYPE],
        body=json.dumps(_ITEM).encode(),
    ),
    Case(
        "list",
        "list of 200 rows with five fields",
        "/list",
        _is_json([row_values(number) for number in range(LIST_LENGTH)]),
    ),
    Case(
        "graph",
        "five dependencies, one with `yield`, one reads a header",
        "/graph",
        _is_json({"user": "user of secret", "open": 1}),
        headers=[(b"x-token", b"secret")],
    ),
    Case("def", "`def` endpoint in a worker thread", "/def", _is_json({"thread": "worker"})),
    Case(
        "def-deps",
        "five `def` dependencies and a `def` endpoint",
        "/def-dependencies",
        _is_json({"thread": "worker", "value": 5}),
    ),
    Case(
        "form",
        "form of three fields",
        "/form",
        _is_json({"name": "Ada", "age": 36, "member": True}),
        method="POST",
        headers=[_FORM_TYPE],
        body=urlencode(_FORM).encode(),
    ),
    Case(
        "upload",
        "upload of 10 MiB",
        "/upload",
        _is_json({"name": "upload.bin", "size": UPLOAD_SIZE}),
        method="POST",
        headers=[_MULTIPART_TYPE],
        body=_multipart(),
        connections=4,
    ),
    Case("download", "download of 10 MiB", "/download", _is_as_long, connections=4),
    Case("sse", "1,000 server-sent events", "/events", _is_events, connections=8),
    Case("websocket", "100 WebSocket echoes", "/echo", _is_echo, connections=32, socket=True),
    Case("404", "404, no such path", "/nothing/here", _is_anything, statuses=(404,)),
    Case(
        "422",
        "422, parameter of a wrong type",
        "/items/42",
        _is_anything,
        query="q=hello&limit=many",
        statuses=(422, 400),
    ),
    Case("500", "500, the endpoint raises", "/boom", _is_anything, statuses=(500,)),
]
CASES: dict[str, Case] = {case.name: case for case in _ALL}


def cases_of_routes(count: int) -> list[Case]:
    """The requests of an application with many routes: the first one, the last one, one that is not there."""
    judge = _is_json({"item_id": 7})
    return [
        Case(f"first/{count}", "first route", "/r0/items/7", judge),
        Case(f"last/{count}", "last route", f"/r{count - 1}/items/7", judge),
        Case(f"missing/{count}", "404", f"/r{count}/items/7", _is_anything, statuses=(404,)),
    ]


def check_answer(case: Case, status: int, body: bytes) -> str | None:
    """Say what is wrong with an answer, or None when it is right."""
    if status not in case.statuses:
        return f"status {status}: {body[:200]!r}"
    return case.judge(body)
