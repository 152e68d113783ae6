"""WebSockets that end with the server, and never without a close code."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from math import inf
from time import monotonic
from typing import Any

from anyio import CancelScope, Lock, current_time
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from rapide._outgoing import check_header, check_outgoing
from rapide.lifecycle.drain import current_drain

__all__ = ["serve_socket"]

_SERVICE_RESTART = 1012
_INTERNAL_ERROR = 1011
_TOO_BIG = 1009
_REASON = "The server is restarting"

# How long an endpoint that waits for something else than its client is left alone when the server ends.
_PATIENCE_SECONDS = 1.0

# What servers raise at a message to a client that has gone meanwhile.
_CLIENT_GONE = (OSError, RuntimeError)

_SERVED = "rapide.socket"


async def serve_socket(
    app: Callable[[Scope, Receive, Send], Awaitable[Any]],
    *connection: Any,
    max_size: int | None = None,
    timeout: float | None = None,
) -> None:
    """Serve a WebSocket (scope, receive, send) with `app`.

    A message of more than `max_size` bytes closes it with code 1009. A client that takes nothing in for
    `timeout` seconds is given up: its endpoint is cancelled.

    When the server begins to end, the client gets a close frame with code 1012, which asks it to come back,
    and the endpoint a disconnect with this code as soon as it receives or sends; one that does neither for a
    second is cancelled. An endpoint that fails closes an open socket with 1011, where servers disagree.
    """
    scope, receive, send = connection
    if _SERVED in scope:  # an application in another, which takes care of it
        await app(scope, receive, send)
        return
    scope[_SERVED] = True
    await _Socket(receive, send, max_size, timeout).serve(app, scope)


class _Socket:
    """One connection."""

    __slots__ = (
        "_closing",
        "_draining",
        "_endpoint",
        "_is_accepted",
        "_is_open",
        "_loop",
        "_max_size",
        "_receive",
        "_send",
        "_sending_since",
        "_timeout",
        "_timer",
        "_waiting",
    )

    def __init__(self, receive: Receive, send: Send, max_size: int | None, timeout: float | None) -> None:
        self._receive = receive
        self._send = send
        self._max_size = max_size
        self._timeout = timeout
        self._is_accepted = False
        self._is_open = False  # accepted, and closed by neither side
        self._draining = False
        self._closing = Lock()
        self._endpoint = CancelScope()
        self._waiting: Any = None  # whoever waits for a message: it can be cancelled
        self._loop = asyncio.events._get_running_loop()  # noqa: SLF001 -- documented; None on trio
        self._sending_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def serve(self, app: Callable[[Scope, Receive, Send], Awaitable[Any]], scope: Scope) -> None:
        """Run the endpoint."""
        drain = current_drain()
        with drain.telling(self._end):
            if drain.begun:
                self._give_notice()
            try:
                with self._endpoint:
                    await app(scope, self.receive, self.send)
            except WebSocketDisconnect as gone:
                if not self._draining and gone.code != _TOO_BIG:  # which is no fault of the endpoint's
                    raise
            except Exception:
                with suppress(*_CLIENT_GONE):
                    await self._close(_INTERNAL_ERROR, "")
                raise
            if self._draining:
                await self._close(_SERVICE_RESTART, _REASON)
            elif self._endpoint.cancelled_caught:
                logging.getLogger("rapide").warning("A WebSocket client took nothing in; it was given up.")
            if self._timer is not None:
                self._timer.cancel()

    async def _end(self) -> None:
        self._give_notice()
        with suppress(*_CLIENT_GONE):
            await self._close(_SERVICE_RESTART, _REASON)

    def _give_notice(self) -> None:
        self._draining = True
        if self._waiting is not None:
            self._waiting.cancel()
        self._endpoint.deadline = current_time() + _PATIENCE_SECONDS

    def _is_ending(self) -> bool:
        return self._draining

    async def receive(self) -> Message:
        """Return what the client sends, or that the server is ending."""
        if not self._is_accepted:  # the handshake goes on, so that there is something to close
            return await self._receive()
        message: Message | None = None
        if self._draining:
            pass
        elif self._loop is not None:  # where a task can be woken without a scope for each message
            self._waiting = task = asyncio.current_task()
            try:
                message = await self._receive()
            except asyncio.CancelledError:
                # Ours to catch when the server begins to end, and nobody else has cancelled the task.
                if task is None or not self._is_ending() or task.uncancel() > 0:
                    raise
            finally:
                self._waiting = None
        else:
            with CancelScope() as self._waiting:
                message = await self._receive()
        if message is None:
            await self._close(_SERVICE_RESTART, _REASON)
            return {"type": "websocket.disconnect", "code": _SERVICE_RESTART, "reason": _REASON}
        if message["type"] == "websocket.disconnect":
            self._is_open = False
        elif (
            self._max_size is not None
            # No character has more than four bytes: what may be too long is looked at closely.
            and len(message.get("text") or "") * 4 + len(message.get("bytes") or "") > self._max_size
            and len((message.get("text") or "").encode() or message["bytes"]) > self._max_size
        ):
            return await self._refuse()
        return message

    async def send(self, message: Message) -> None:
        """Send what the endpoint says, unless the server is ending."""
        kind = message["type"]
        if self._draining and kind == "websocket.send":
            await self._close(_SERVICE_RESTART, _REASON)
            raise WebSocketDisconnect(_SERVICE_RESTART, _REASON)
        if kind == "websocket.close":
            self._is_open = False
        elif not self._is_accepted:
            _check_answer(message)
        if self._timeout is None or self._draining or self._sending_since is not None:
            await self._send(message)
        elif self._loop is None:
            await self._send_in_time(message, self._timeout)
        else:
            self._sending_since = monotonic()
            if self._timer is None:
                self._timer = self._loop.call_later(self._timeout, self._look, self._timeout)
            try:
                await self._send(message)
            finally:
                self._sending_since = None
        if kind == "websocket.accept":
            self._is_accepted = self._is_open = True

    async def _send_in_time(self, message: Message, timeout: float) -> None:
        """Send a message; cancel the endpoint when that takes too long."""
        # One deadline that moves, and no scope for each message.
        self._endpoint.deadline = current_time() + timeout
        await self._send(message)
        if not self._draining:
            self._endpoint.deadline = inf

    def _look(self, timeout: float) -> None:
        """Look for how long a message is being sent: one timer for all, as nearly all are sent at once."""
        self._timer = None
        if self._sending_since is None or self._draining:
            return
        left = self._sending_since + timeout - monotonic()
        if left > 0:
            self._timer = asyncio.get_running_loop().call_later(left, self._look, timeout)
        else:
            self._endpoint.cancel()

    async def _refuse(self) -> Message:
        """Close the socket because a message is too long; return what the endpoint gets instead of it."""
        reason = f"A message has at most {self._max_size} bytes"
        await self._close(_TOO_BIG, reason)
        return {"type": "websocket.disconnect", "code": _TOO_BIG, "reason": reason}

    async def _close(self, code: int, reason: str) -> None:
        # Whoever comes second waits: some servers drop the connection when the endpoint returns before that.
        async with self._closing:
            if self._is_open:
                self._is_open = False
                await self._send({"type": "websocket.close", "code": code, "reason": reason})


def _check_answer(message: Message) -> None:
    """Check the headers of a handshake, or of its refusal. Raises ValueError."""
    protocol = message.get("subprotocol")
    if protocol is not None:
        check_header("sec-websocket-protocol", protocol)
    check_outgoing(message.get("headers", ()), foreign=True)
