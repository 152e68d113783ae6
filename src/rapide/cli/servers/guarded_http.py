"""Uvicorn's HTTP protocol with limits on what a client may send before its request is complete.

Uvicorn limits neither size nor number of headers when httptools parses them, nor the time a client takes to
send
them: a few hundred silent connections then hold a server (slowloris). Here an unfinished request costs at
most `size` bytes and `seconds` seconds.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from rapide.cli.worker import HeadLimits, received_plan

__all__ = ["GuardedHttpToolsProtocol"]

_TOO_LARGE = "Request Header Fields Too Large"
_TOO_LATE = "Request Timeout"
_FIELD_OVERHEAD = 4  # ": " and the line break


class _TooLargeError(Exception):
    """The head exceeds a limit; httptools reports it as a parser error."""


@cache
def _limits() -> HeadLimits:
    return received_plan().head


class GuardedHttpToolsProtocol(HttpToolsProtocol):
    """One connection. The head is everything up to the empty line; it is limited again for each request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = _limits()
        self._in_head = True
        self._begun = False
        self._unparsed_bytes = 0  # what has come in without completing the head
        self._field_bytes = 0
        self._too_large = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock: a client that connects and says nothing is no better than a slow one."""
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock."""
        self._stop_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and refuse a head that grows without an end: one endless header gives no callback."""
        was_in_head = self._in_head
        super().data_received(data)
        if was_in_head and self._in_head and not self.transport.is_closing():
            self._unparsed_bytes += len(data)
            if self._unparsed_bytes > self._limits.size:
                self._refuse(431, _TOO_LARGE)

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head = self._begun = True
        self._unparsed_bytes = self._field_bytes = 0
        if self._deadline is None:
            self._start_deadline()

    def on_url(self, url: bytes) -> None:
        """Count a piece of the request target."""
        super().on_url(url)
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        super().on_header(name, value)
        self._count(len(name) + len(value) + _FIELD_OVERHEAD)
        if len(self.headers) > self._limits.count:
            self._too_large = True
            raise _TooLargeError

    def on_headers_complete(self) -> None:
        """End the head, and stop its clock: how long a body may take is the application's matter."""
        self._in_head = False
        self._stop_deadline()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer a request that the parser refused, with 431 when it was for its size."""
        if self._too_large:
            self._refuse(431, _TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _count(self, size: int) -> None:
        self._field_bytes += size
        if self._field_bytes > self._limits.size:
            self._too_large = True
            raise _TooLargeError

    def _start_deadline(self) -> None:
        if self._limits.seconds:
            self._deadline = self.loop.call_later(self._limits.seconds, self._on_deadline)

    def _stop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _on_deadline(self) -> None:
        self._deadline = None
        answering: RequestResponseCycle | None = self.cycle  # Uvicorn declares it as always there
        if answering is not None and not answering.response_complete:
            self._start_deadline()  # an earlier request of this connection is still being answered
        elif self._begun:
            self._refuse(408, _TOO_LATE)
        else:
            self.transport.close()

    def _refuse(self, status: int, reason: str) -> None:
        self.logger.warning("Request refused: %s.", reason)
        body = reason.encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
