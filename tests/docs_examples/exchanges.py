"""Recorded exchanges: requests of the documentation, and the answers that the examples give to them.

`docs/examples/errors/main.unknown_book.http` belongs to the application in `docs/examples/errors/main.py`. It
holds a request and its answer, or several in a row:

    GET /books/7 HTTP/1.1

    # --8<-- [start:answer]
    HTTP/1.1 404 Not Found
    content-type: application/problem+json

    {"type": "…", "title": "Not Found", "status": 404}
    # --8<-- [end:answer]

The markers let a page include the answer alone. JSON is indented for people; nothing else is changed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from loading import EXAMPLES, loaded

from rapide.testclient import TestClient

__all__ = ["Exchange", "exchange_files", "parse_exchanges", "played"]

_START, _END = "# --8<-- [start:answer", "# --8<-- [end:answer"
_BLOCK = re.compile(
    rf"(?P<request>.*?)\n*^{re.escape(_START)}(?P<number>\d*)\]\n(?P<answer>.*?)^{re.escape(_END)}\d*\]\n?",
    re.DOTALL | re.MULTILINE,
)
# Left out of an answer: the length, which indentation makes wrong.
_NOT_SHOWN = frozenset({"content-length", "x-content-type-options"})
_ID = re.compile(r'("request_id": ?")[0-9a-f]{16}"')  # another one in each answer
# RFC 9110's phrases; Python's depend on its version.
_PHRASES = {413: "Content Too Large", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}
_WIDTH = 88


@dataclass(frozen=True)
class Exchange:
    """One request as it is written, and the answer that was recorded."""

    request: str
    answer: str


def exchange_files() -> list[Path]:
    """Return all recorded exchanges."""
    return sorted(EXAMPLES.rglob("*.http"))


def parse_exchanges(text: str) -> list[Exchange]:
    """Return the exchanges of a file. Raises ValueError for text between or after them."""
    exchanges, position = [], 0
    for match in _BLOCK.finditer(text):
        if match.start() != position:
            raise ValueError(f"not an exchange: {text[position : match.start()]!r}")
        exchanges.append(Exchange(match["request"].strip("\n"), match["answer"].rstrip("\n")))
        position = match.end()
    if text[position:].strip():
        raise ValueError(f"a request without an answer: {text[position:]!r}")
    return exchanges


def played(path: Path) -> list[Exchange]:
    """Send the requests of a file to its application, newly loaded, and return them with today's answers."""
    requests = [exchange.request for exchange in parse_exchanges(path.read_text("utf-8"))]
    with loaded(path.with_name(path.name.partition(".")[0] + ".py")) as module:
        client = TestClient(module.app, raise_server_exceptions=False, follow_redirects=False)
        with client:
            return [Exchange(request, _answer(client, request)) for request in requests]


def _answer(client: TestClient, request: str) -> str:
    head, _, body = request.partition("\n\n")
    first, *lines = head.splitlines()
    method, target, _ = first.split(" ")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    if "multipart" in dict(headers).get("Content-Type", ""):
        body = body.replace("\n", "\r\n") + "\r\n"
    response = client.request(method, target, headers=headers, content=body.encode() if body else None)
    # What a page shows is what was sent: no cookie travels on unseen.
    client.cookies.clear()
    return render_answer(response)


def render_answer(response: Any) -> str:
    """Return a response as text: status line, headers, body."""
    phrase = _PHRASES.get(response.status_code) or HTTPStatus(response.status_code).phrase
    lines = [f"HTTP/1.1 {response.status_code} {phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.multi_items() if name not in _NOT_SHOWN]
    body = _ID.sub(r'\g<1>7f3c1a90be254d68"', response.text.rstrip("\n"))
    if response.headers.get("content-type", "").endswith(("/json", "+json")) and body:
        body = indented(json.loads(body))
    return "\n".join(lines) + (f"\n\n{body}" if body else "")


def indented(value: Any, depth: int = 0) -> str:
    """Return JSON in which everything that fits stands on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + 2 * depth <= _WIDTH or not value or not isinstance(value, dict | list):
        return line
    space = "  " * (depth + 1)
    if isinstance(value, dict):
        inner = [f"{json.dumps(key)}: {indented(item, depth + 1)}" for key, item in value.items()]
    else:
        inner = [indented(item, depth + 1) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    rows = ",\n".join(space + item for item in inner)
    return f"{opening}\n{rows}\n{'  ' * depth}{closing}"


def render_exchanges(exchanges: list[Exchange]) -> str:
    """Return the text of a file."""
    single = len(exchanges) == 1
    blocks = []
    for number, exchange in enumerate(exchanges, 1):
        name = "" if single else str(number)
        blocks.append(f"{exchange.request}\n\n{_START}{name}]\n{exchange.answer}\n{_END}{name}]\n")
    return "\n".join(blocks)
