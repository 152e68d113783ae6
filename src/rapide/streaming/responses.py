"""Streaming responses that leave nothing behind."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from anyio import CancelScope, Event, create_task_group, sleep
from anyio.lowlevel import checkpoint
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from rapide._lanes import CLEAN_UP, STREAMS
from rapide._run.threads import in_thread

__all__ = ["ClosingStreamingResponse", "KeepAliveStreamingResponse", "chunks_of"]

_END = object()

# For how many seconds a stream whose source never waits may keep the event loop.
_LONGEST_TURN = 0.001


async def chunks_of(source: Any, encode: Callable[[Any], Any]) -> AsyncGenerator[Any, None]:
    """Yield the encoded items of an async iterator, or of a plain one on worker threads; close it in the end.

    The event loop gets a turn every millisecond, so that a source that never waits can be cancelled and
    keeps nobody waiting.
    """
    async with _closing(source):
        if not isinstance(source, AsyncIterator):
            iterator: Iterator[Any] = iter(source)
            while (item := await in_thread(next, iterator, _END, lane=STREAMS)) is not _END:
                yield encode(item)
            return
        turn_ends = monotonic() + _LONGEST_TURN
        async for item in source:
            yield encode(item)
            if monotonic() > turn_ends:
                await checkpoint()
                turn_ends = monotonic() + _LONGEST_TURN


@asynccontextmanager
async def _closing(source: Any) -> AsyncGenerator[None, None]:
    """Close the source when the block ends, fails or is cancelled.

    The shield is a scope from before the first item: the source may have entered scopes of its own since, and
    those must end inside it.
    """
    with CancelScope() as guard:
        try:
            yield
        finally:
            guard.shield = True
            await _close(source)


async def _close(source: Any) -> None:
    if hasattr(source, "aclose"):
        await source.aclose()
    elif hasattr(source, "close"):
        await in_thread(source.close, lane=CLEAN_UP)


class ClosingStreamingResponse(StreamingResponse):
    """A streaming response that closes its iterator when it ends, fails or is cancelled."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        try:
            await super().__call__(scope, receive, send)
        except BaseExceptionGroup as group:
            raise _single(group) from group.__cause__
        finally:
            with CancelScope(shield=True):  # it may have been cancelled before there was anything to send
                await _close(self.body_iterator)

    async def stream_response(self, send: Send) -> None:
        """Send the chunks, and close the iterator in the task that has run it."""
        async with _closing(self.body_iterator):
            await super().stream_response(send)


def _single(group: BaseException) -> BaseException:
    while isinstance(group, BaseExceptionGroup) and len(group.exceptions) == 1:
        group = group.exceptions[0]
    return group


class KeepAliveStreamingResponse(ClosingStreamingResponse):
    """A stream that sends `ping` whenever nothing was sent for `interval()` seconds.

    Chunks are sent by the task that makes them. One more task watches over the silence of the whole stream.
    """

    ping = b": ping\n\n"
    interval: Callable[[], float] = staticmethod(lambda: 15.0)

    # When the last message was sent; None while one is on its way.
    _sent_at: float | None = None
    # Set when the ping that is on its way has been sent; None when there is none.
    _pinged: Event | None = None

    async def stream_response(self, send: Send) -> None:
        """Send the chunks, and pings between them."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            async with create_task_group() as group:
                self._sent_at = monotonic()
                group.start_soon(self._ping, send)
                async with _closing(self.body_iterator):
                    await self._send_chunks(send)
                group.cancel_scope.cancel()
        except BaseExceptionGroup as exc:
            raise _single(exc) from exc.__cause__
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_chunks(self, send: Send) -> None:
        async for chunk in self.body_iterator:
            if self._pinged is not None:
                await self._pinged.wait()
            self._sent_at = None
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            self._sent_at = monotonic()

    async def _ping(self, send: Send) -> None:
        """Send `ping` after each silence."""
        pause = self.interval()
        while True:
            before = self._sent_at
            await sleep(pause)
            pause = self.interval()
            if self._sent_at is None:  # on its way to a client that reads slowly
                continue
            if self._sent_at != before:
                pause = max(0.0, pause - (monotonic() - self._sent_at))  # it may be late
                continue
            self._pinged = Event()
            await send({"type": "http.response.body", "body": self.ping, "more_body": True})
            self._pinged.set()
            self._pinged = None
