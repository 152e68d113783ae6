"""One request as bytes, through ASGI, without a client that would put it right first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

Message = dict[str, Any]
Pairs = Sequence[tuple[bytes, bytes]]

LEFT = object()
"""In the place of a piece of the body: the client leaves."""


@dataclass
class Answer:
    """What the application sent, and what it raised: to a client that is a 500, before the first byte."""

    messages: list[Message] = field(default_factory=list)
    error: BaseException | None = None
    received: int = 0

    @property
    def started(self) -> bool:
        """Whether a response was started."""
        return bool(self.messages)

    @property
    def status(self) -> int:
        """The status that a client sees; 0 when there was no answer at all."""
        if self.messages:
            return int(self.messages[0]["status"])
        return 500 if self.error is not None else 0

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers, as they were sent."""
        return [(bytes(name), bytes(value)) for name, value in self.messages[0].get("headers", ())]

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """Return all values of a header."""
        wanted = name.lower().encode()
        return [value.decode("latin-1") for key, value in self.headers if key.lower() == wanted]

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(
            message.get("body", b"") for message in self.messages if message["type"].endswith(".body")
        )

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON (RFC 8259: a bare NaN is an error)."""
        return json.loads(self.body, parse_constant=_refuse)

    @property
    def complete(self) -> bool:
        """Whether the last piece of the body was sent."""
        return self.messages[-1]["type"].endswith(".body") and not self.messages[-1].get("more_body", False)


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def scope_of(
    method: str, target: str | bytes, headers: Pairs = (), *, host: bytes | None = b"testserver", **extra: Any
) -> dict[str, Any]:
    """Return the scope that a server makes of a request line and headers."""
    raw = target.encode("latin-1") if isinstance(target, str) else target
    raw_path, _, query = raw.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw_path.decode("latin-1")),
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": ([] if host is None else [(b"host", host)]) + list(headers),
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
        "state": {},
        **extra,
    }


async def exchange(
    app: Any,
    scope: dict[str, Any],
    chunks: Sequence[Any] = (),
    *,
    on_send: Callable[[Message], Awaitable[None]] | None = None,
) -> Answer:
    """Run one exchange. `chunks` are pieces of the body, or LEFT; afterwards the client waits."""
    answer = Answer()
    pending = list(chunks) or [b""]

    async def receive() -> Message:
        answer.received += 1
        if not pending:
            await asyncio.sleep(3600)
        chunk = pending.pop(0)
        if chunk is LEFT:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": bool(pending)}

    async def send(message: Message) -> None:
        if message["type"].startswith("http.response"):
            answer.messages.append(message)
        if on_send is not None:
            await on_send(message)

    try:
        await app(scope, receive, send)
    except Exception as exc:  # noqa: BLE001 -- what a server would log
        answer.error = exc
    return answer


def ask(
    app: Any,
    method: str,
    target: str | bytes,
    *chunks: Any,
    headers: Pairs = (),
    content_type: str | None = None,
    **scope: Any,
) -> Answer:
    """Send one request and return the answer."""
    pairs = list(headers)
    if content_type is not None:
        pairs.append((b"content-type", content_type.encode("latin-1")))
    if chunks and not any(name == b"content-length" for name, _ in pairs) and LEFT not in chunks:
        pairs.append((b"content-length", b"%d" % sum(map(len, chunks))))
    return asyncio.run(exchange(app, scope_of(method, target, pairs, **scope), chunks))
