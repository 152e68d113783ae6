"""Streaming responses that leave nothing behind."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any

from anyio import (
    CancelScope,
    ClosedResourceError,
    EndOfStream,
    create_memory_object_stream,
    create_task_group,
    fail_after,
)
from anyio.lowlevel import checkpoint
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from rapide._run.threads import in_thread

__all__ = ["ClosingStreamingResponse", "KeepAliveStreamingResponse", "items_of"]

_END = object()


async def items_of(source: Any) -> AsyncGenerator[Any, None]:
    """Yield the items of an async iterator, or of a plain one on worker threads; close it in the end.

    After every item the event loop gets a turn, so that a source that never waits can be cancelled.
    """
    try:
        if isinstance(source, AsyncIterator):
            async for item in source:
                yield item
                await checkpoint()
        else:
            iterator: Iterator[Any] = iter(source)
            while (item := await in_thread(next, iterator, _END)) is not _END:
                yield item
    finally:
        with CancelScope(shield=True):
            await _close(source)


async def _close(source: Any) -> None:
    if hasattr(source, "aclose"):
        await source.aclose()
    elif hasattr(source, "close"):
        await in_thread(source.close, reserved=True)


class ClosingStreamingResponse(StreamingResponse):
    """A streaming response that closes its iterator when it ends, fails or is cancelled."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        try:
            await super().__call__(scope, receive, send)
        except BaseExceptionGroup as group:
            raise _single(group) from group.__cause__
        finally:
            with CancelScope(shield=True):
                await _close(self.body_iterator)


def _single(group: BaseException) -> BaseException:
    while isinstance(group, BaseExceptionGroup) and len(group.exceptions) == 1:
        group = group.exceptions[0]
    return group


class KeepAliveStreamingResponse(ClosingStreamingResponse):
    """A stream that sends `ping` whenever nothing was sent for `interval()` seconds."""

    ping = b": ping\n\n"
    interval: Callable[[], float] = staticmethod(lambda: 15.0)

    async def stream_response(self, send: Send) -> None:
        """Send chunks as the producer, a task of its own, makes them; at most one waits."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        sender, receiver = create_memory_object_stream[bytes](1)
        try:
            async with create_task_group() as group:
                group.start_soon(self._produce, sender)
                await self._consume(receiver, send)
                group.cancel_scope.cancel()
        except BaseExceptionGroup as exc:
            raise _single(exc) from exc.__cause__
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _produce(self, sender: MemoryObjectSendStream[bytes]) -> None:
        async with sender:
            async for chunk in self.body_iterator:
                try:
                    await sender.send(chunk)  # type: ignore[arg-type]  # event streams are made of bytes
                except ClosedResourceError:
                    return

    async def _consume(self, receiver: MemoryObjectReceiveStream[bytes], send: Send) -> None:
        async with receiver:
            while (chunk := await self._next_chunk(receiver)) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})

    async def _next_chunk(self, receiver: MemoryObjectReceiveStream[bytes]) -> bytes | None:
        """Return what the producer made; `ping` when it took too long, None when it has ended."""
        try:
            with fail_after(self.interval()):
                return await receiver.receive()
        except TimeoutError:
            return self.ping
        except EndOfStream:
            return None
