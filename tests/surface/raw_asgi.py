"""A hand-driven ASGI connection, for what a client hides: raw headers, the moment of each message."""

from collections.abc import Callable, Iterable
from typing import Any

import anyio

Message = dict[str, Any]
RawHeaders = Iterable[tuple[bytes, bytes]]


def _with_host(headers: RawHeaders) -> list[tuple[bytes, bytes]]:
    """Return the headers with a Host: without one, a request of HTTP/1.1 is none."""
    pairs = list(headers)
    return pairs if any(name == b"host" for name, _ in pairs) else [*pairs, (b"host", b"testserver")]


def http_scope(method: str, path: str, headers: RawHeaders = (), **extra: Any) -> dict[str, Any]:
    """Return the scope of an HTTP request as a server would build it; `extra` keys replace its own."""
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": list(headers) if extra.get("http_version") == "1.0" else _with_host(headers),
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "state": {},
        **extra,
    }


class Exchange:
    """One HTTP exchange: feeds `chunks` as the body, records what the application sends."""

    def __init__(
        self, scope: dict[str, Any], *chunks: bytes, on_send: Callable[[Message], None] | None = None
    ) -> None:
        self.scope = scope
        self.sent: list[Message] = []
        self.received = 0
        self._pending = list(chunks) or [b""]
        self._on_send = on_send

    async def receive(self) -> Message:
        """Hand out the next piece of the body, then wait for ever, as an idle client does."""
        self.received += 1
        if not self._pending:
            await anyio.sleep_forever()
        chunk = self._pending.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(self._pending)}

    async def send(self, message: Message) -> None:
        """Record the message."""
        self.sent.append(message)
        if self._on_send is not None:
            self._on_send(message)

    async def run(self, app: Any) -> None:
        """Drive `app` through the exchange."""
        await app(self.scope, self.receive, self.send)

    @property
    def status(self) -> int:
        """The status of the response that was started."""
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The raw headers of the response, in order."""
        return [(name, value) for name, value in self.sent[0]["headers"]]

    @property
    def body(self) -> bytes:
        """The whole body of the response."""
        return b"".join(message.get("body", b"") for message in self.sent[1:])


def exchange(
    app: Any, method: str, path: str, *chunks: bytes, backend: str = "asyncio", **scope: Any
) -> Exchange:
    """Run one HTTP exchange to its end on a fresh event loop and return it."""
    done = Exchange(http_scope(method, path, **scope), *chunks)
    anyio.run(done.run, app, backend=backend)
    return done


async def until(ready: Callable[[], object]) -> None:
    """Wait, for ten seconds at most, until `ready()` is true: for what threads and recorded messages tell."""
    with anyio.fail_after(10):
        while not ready():  # noqa: ASYNC110 - neither threads nor plain lists can set an event of the loop
            await anyio.sleep(0.001)
