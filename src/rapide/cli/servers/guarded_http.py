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
    """One connection. The head is everything up to the empty line; it is limited again for each request.

    A request that comes whole, as nearly all do, costs no more than the comparison of two numbers: no clock
    is started for it, and its headers are not measured unless so many bytes came that they could be too many.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._limits = _limits()
        self._in_head = True
        self._completed = False  # a message came to its end in the piece of data that is being parsed
        self._unfinished = 0  # bytes of a head that has not come to its end
        self._must_measure = False
        self._too_large = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn narrows it too
        """Start the clock: a client that connects and says nothing is no better than a slow one."""
        super().connection_made(transport)
        self._start_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock."""
        self._stop_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and refuse a head that grows without an end: one endless header gives no callback."""
        self._completed = False
        self._must_measure = self._unfinished + len(data) > self._limits.size
        super().data_received(data)
        if self._completed or not self._in_head:
            self._unfinished = (
                0  # what follows a complete message in the same piece is counted from the next on
            )
        elif not self.transport.is_closing():
            self._wait_for_rest(len(data))

    def _wait_for_rest(self, received: int) -> None:
        self._unfinished += received
        if self._unfinished > self._limits.size:
            self._refuse(431, _TOO_LARGE)
        elif self._deadline is None:
            self._start_deadline()

    def on_headers_complete(self) -> None:
        """End the head, and stop its clock: how long a body may take is the application's matter."""
        self._in_head = False
        self._stop_deadline()
        if len(self.headers) > self._limits.count or (
            self._must_measure and self._measure() > self._limits.size
        ):
            self._too_large = True
            raise _TooLargeError
        super().on_headers_complete()
        parser: Any = self.parser  # typed as if there might be none
        if not parser.should_upgrade():
            self.headers = []  # trailers must not become headers, of which proxies have seen none

    def on_message_complete(self) -> None:
        """Expect another head."""
        self._in_head = self._completed = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer a request that the parser refused, with 431 when it was for its size."""
        if self._too_large:
            self._refuse(431, _TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _measure(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + _FIELD_OVERHEAD for name, value in self.headers)

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
        elif self._unfinished:
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
