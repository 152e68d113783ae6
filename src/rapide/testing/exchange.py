"""One HTTP request and its response, as the server between client and application sees them (ASGI 3).

The rules are those that servers keep: a response has one start, then its body, no more and no less of it than
Content-Length says; what an application sends to a client that has left goes nowhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable
from typing import Any

from anyio import (
    BrokenResourceError,
    CancelScope,
    ClosedResourceError,
    EndOfStream,
    Event,
    create_memory_object_stream,
    current_time,
    fail_after,
    move_on_after,
)
from anyio.lowlevel import checkpoint
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Scope

from rapide.testing.task import AppTask
from rapide.testing.upload import Upload

__all__ = ["Exchange", "IncompleteResponseError"]

# As many pieces of a response may wait for the client to read them; then `send` waits, as it does on a
# server.
_UNREAD_PIECES = 16

_WITHOUT_CONTENT = (204, 304)


class IncompleteResponseError(Exception):
    """The application ended in the middle of its response."""


class Exchange:
    """Runs an application for one request.

    `status` is None until the response has begun. `complete` says that all of it was sent, `debug` and
    `trailers` hold what came with the extensions of these names.
    """

    def __init__(self, app: ASGIApp, scope: Scope, body: bytes | AsyncIterable[bytes]) -> None:
        self.status: int | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.trailers: list[tuple[bytes, bytes]] | None = None
        self.debug: dict[str, Any] | None = None
        self.complete = False
        self.late = False
        """Whether the application had to be stopped long after its response."""
        self._app = app
        self._scope = scope
        self._gone = False
        self._body_sent = False
        self._remaining: int | None = None
        self._begun = Event()
        self._over = Event()
        self._sender, self._receiver = create_memory_object_stream[bytes](_UNREAD_PIECES)
        self._upload = Upload(body, self._leave)
        self._upload.start()
        self._task = AppTask(self._run, f"{scope['method']} {scope['path']}")

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        finally:
            self._sender.close()
            self._begun.set()
            self._over.set()

    # ------------------------------------------------------------------------------- the application's side

    async def _receive(self) -> Message:
        message = await self._upload.next_message()
        if message is not None:
            return message
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if self._gone:
            await checkpoint()
        elif kind == "http.response.start":
            self._start(message)
        elif kind == "http.response.body":
            await self._send_body(message)
        elif kind == "http.response.trailers":
            self._send_trailers(message)
        elif kind == "http.response.debug":
            self.debug = message["info"]
        else:
            raise RuntimeError(f"An application cannot send {kind!r} for an HTTP request")

    def _start(self, message: Message) -> None:
        if self.status is not None:
            raise RuntimeError("The response has begun already")
        self.headers = _checked_headers(message.get("headers", ()))
        self.status = message["status"]
        self.trailers = [] if message.get("trailers") else None
        length = next((value for name, value in self.headers if name.lower() == b"content-length"), None)
        if length is not None and self._scope["method"] != "HEAD" and self.status not in _WITHOUT_CONTENT:
            self._remaining = int(length)
        self._begun.set()

    async def _send_body(self, message: Message) -> None:
        if self.status is None:
            raise RuntimeError("A body was sent before the response has begun")
        if self._body_sent:
            raise RuntimeError("A body was sent after its end")
        piece, more = bytes(message.get("body", b"")), message.get("more_body", False)
        self._count(len(piece), more=more)
        try:
            await (self._sender.send(piece) if piece and self._scope["method"] != "HEAD" else checkpoint())
        except (BrokenResourceError, ClosedResourceError):  # the client has left meanwhile
            return
        if not more:
            self._body_sent = True
            self._sender.close()
            if self.trailers is None:
                self._finish()

    def _count(self, length: int, *, more: bool) -> None:
        if self._remaining is None:
            return
        self._remaining -= length
        if self._remaining < 0:
            raise RuntimeError("The body of the response is longer than its Content-Length")
        if self._remaining and not more:
            raise RuntimeError("The body of the response is shorter than its Content-Length")

    def _send_trailers(self, message: Message) -> None:
        if self.trailers is None or not self._body_sent or self.complete:
            raise RuntimeError("Trailers were sent that were not announced, or not after the body")
        self.trailers.extend(_checked_headers(message.get("headers", ())))
        if not message.get("more_trailers", False):
            self._finish()

    def _finish(self) -> None:
        self.complete = True
        self._over.set()

    # ---------------------------------------------------------------------------------- the client's side

    async def begin(self, limit: float | None) -> None:
        """Wait for the response to begin, or for the application to end without one.

        Raises TimeoutError when nothing happens for `limit` seconds; time that the source of the request's
        body takes does not count.
        """
        while not self._begun.is_set():
            since = self._upload.handed_over
            patience = limit if limit is None or since is None else since + limit - current_time()
            if patience is not None and patience <= 0:
                raise TimeoutError
            with move_on_after(patience):
                await self._begun.wait()

    async def next_piece(self, limit: float | None) -> bytes | None:
        """Return the next piece of the response's body; None at its end.

        Raises TimeoutError after `limit` seconds, IncompleteResponseError when the application ended before
        the body did.
        """
        try:
            with fail_after(limit):
                return await self._receiver.receive()
        except (EndOfStream, ClosedResourceError):
            if self._body_sent:
                return None
            raise IncompleteResponseError from None

    def _leave(self) -> None:
        """Be a client that has gone away."""
        self._gone = True
        self._upload.interrupt()
        self._sender.close()
        self._receiver.close()
        self._begun.set()
        self._over.set()

    @property
    def upload_error(self) -> BaseException | None:
        """What the source of the request's body has raised."""
        return self._upload.error

    async def close(self, limit: float | None, grace: float) -> BaseException | None:
        """End the exchange, and return what went wrong.

        After a complete response the application has `limit` seconds for what it does afterwards. Otherwise
        the client leaves: the application is told, and has `grace` seconds before it is cancelled. Not
        interrupted when the caller is cancelled.
        """
        left = not self.complete and not self._task.ended
        if left:
            self._leave()
        by_itself = await self._task.stop(grace if left else limit)
        self.late = not left and not by_itself
        with CancelScope(shield=True):
            await self._upload.stop()
        self._receiver.close()
        error = self._task.error if self._upload.error is None else self._upload.error
        return None if left and isinstance(error, ClientDisconnect) else error


def _checked_headers(headers: Iterable[tuple[Any, Any]]) -> list[tuple[bytes, bytes]]:
    checked = [(name, value) for name, value in headers]
    for name, value in checked:
        if not isinstance(name, bytes) or not isinstance(value, bytes):
            raise TypeError(f"A header is not made of bytes: {name!r}: {value!r}")
        if any(character in name + value for character in b"\r\n\0"):
            raise ValueError(f"A header holds characters that end it: {name!r}: {value!r}")
    return checked
