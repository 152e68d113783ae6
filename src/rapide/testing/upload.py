"""The body of a request on its way to the application."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable

from anyio import (
    BrokenResourceError,
    CancelScope,
    ClosedResourceError,
    EndOfStream,
    create_memory_object_stream,
    current_time,
    get_cancelled_exc_class,
)
from starlette.types import Message

from rapide.testing.task import AppTask

__all__ = ["Upload"]


class Upload:
    """Hands the body over, in one piece or as its source gives it.

    A source runs in a task of its own, from its first piece to its end, and at most one piece ahead of the
    application. When it fails, `error` holds what it raised, and `on_failure` is called.
    """

    def __init__(self, body: bytes | AsyncIterable[bytes], on_failure: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self.handed_over: float | None = current_time()
        """When it became the application's turn; None while it is the source's."""
        self._on_failure = on_failure
        self._body = body
        self._over = False
        self._task: AppTask | None = None
        self._sender, self._receiver = create_memory_object_stream[bytes](0)

    def start(self) -> None:
        """Ask the source for its first piece."""
        source = self._body
        if not isinstance(source, bytes):
            self._task = AppTask(lambda: self._pump(source), "request body")

    async def _pump(self, source: AsyncIterable[bytes]) -> None:
        pieces = aiter(source)
        try:
            while True:
                self.handed_over = None
                piece = await anext(pieces, None)
                self.handed_over = current_time()
                if piece is None:
                    return
                await self._sender.send(piece)
        except get_cancelled_exc_class():
            raise
        except (BrokenResourceError, ClosedResourceError):  # the application wants no more
            return
        except BaseException as exc:  # noqa: BLE001 -- what a test raises on purpose may be one
            self.error = exc
            self._over = True
            self._on_failure()
        finally:
            self.handed_over = current_time()
            self._sender.close()
            if isinstance(pieces, AsyncGenerator):
                with CancelScope(shield=True):
                    await pieces.aclose()

    async def next_message(self) -> Message | None:
        """Return the next part of the body as an ASGI message; None when there is no more to come."""
        if self._is_over():
            return None
        if isinstance(self._body, bytes):
            self._over = True
            return {"type": "http.request", "body": self._body, "more_body": False}
        try:
            return {"type": "http.request", "body": await self._receiver.receive(), "more_body": True}
        except EndOfStream:
            if self._is_over():  # it was interrupted, or another task of the application had the last part
                return None
            self._over = True
            return {"type": "http.request", "body": b"", "more_body": False}

    def _is_over(self) -> bool:
        return self._over

    def interrupt(self) -> None:
        """Give the application no more: the client has left."""
        self._over = True
        self._sender.close()

    async def stop(self) -> None:
        """End the source; it is closed when this returns."""
        self.interrupt()
        if self._task is not None:
            await self._task.stop(0)
        self._receiver.close()
