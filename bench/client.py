"""Calls an ASGI application the way a server does, without a server. Standard library only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import suppress
from typing import Any

from bench.cases import Case, echo_messages

__all__ = ["ASGIApp", "Asker", "Lifespan", "answer", "make_asker"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asker = Callable[..., Awaitable[None]]
ASGIApp = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

# uvicorn hands on what it reads from the socket in pieces of this size.
_CHUNK = 64 * 1024


def make_asker(app: ASGIApp, case: Case) -> Asker:
    """Return an async function that makes the request of a case once.

    What the application sends is added to the list that it is given, or thrown away without one.
    """
    if case.socket:
        return _make_socket_asker(app, case)
    scope = _scope(case)
    messages = _request_messages(case)
    headers = case.all_headers

    async def ask(sent: list[Message] | None = None) -> None:
        waiting = iter(messages)
        gone: asyncio.Future[None] | None = None
        answered = False

        async def receive() -> Message:
            nonlocal gone
            for message in waiting:
                return message
            if not answered:  # the client stays until it has its answer
                gone = gone or asyncio.get_running_loop().create_future()
                await gone
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            nonlocal answered
            if sent is not None:
                sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered = True
                if gone is not None and not gone.done():
                    gone.set_result(None)

        # A server makes these anew for each request, and applications may change them.
        await app({**scope, "headers": headers.copy(), "state": {}}, receive, send)

    return _ignoring_errors(ask) if case.statuses == (500,) else ask


def _ignoring_errors(ask: Asker) -> Asker:
    """Ignore what comes out: some frameworks answer 500 and hand the exception on to the server's log."""

    async def ask_and_ignore(sent: list[Message] | None = None) -> None:
        with suppress(Exception):  # without an answer before it, the check finds the case wrong
            await ask(sent)

    return ask_and_ignore


def _make_socket_asker(app: ASGIApp, case: Case) -> Asker:
    """The same for a WebSocket: the client sends a text, waits for the answer, sends the next, and goes."""
    scope = _scope(case)
    texts = [message.decode() for message in echo_messages()]
    headers = case.all_headers

    async def ask(sent: list[Message] | None = None) -> None:
        coming = iter(texts)
        greeted = False
        owed = 0  # answers that the client still waits for
        answered: asyncio.Future[None] | None = None

        async def receive() -> Message:
            nonlocal greeted, owed, answered
            if not greeted:
                greeted = True
                return {"type": "websocket.connect"}
            if owed:
                answered = asyncio.get_running_loop().create_future()
                await answered
            for text in coming:
                owed += 1
                return {"type": "websocket.receive", "text": text}
            return {"type": "websocket.disconnect", "code": 1000}

        async def send(message: Message) -> None:
            nonlocal owed
            if sent is not None:
                sent.append(message)
            if message["type"] == "websocket.send":
                owed -= 1
                if answered is not None and not answered.done():
                    answered.set_result(None)

        await app({**scope, "headers": headers.copy(), "state": {}}, receive, send)

    return ask


def _scope(case: Case) -> dict[str, Any]:
    shared = {
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "path": case.path,
        "raw_path": case.path.encode(),
        "query_string": case.query.encode(),
        "root_path": "",
    }
    if case.socket:
        return {**shared, "type": "websocket", "scheme": "ws", "subprotocols": []}
    return {**shared, "type": "http", "scheme": "http", "method": case.method}


def _request_messages(case: Case) -> list[Message]:
    chunks = [case.body[start : start + _CHUNK] for start in range(0, len(case.body), _CHUNK)] or [b""]
    last = len(chunks) - 1
    return [
        {"type": "http.request", "body": chunk, "more_body": position < last}
        for position, chunk in enumerate(chunks)
    ]


async def answer(app: ASGIApp, case: Case) -> tuple[int, bytes]:
    """Make the request once; return status and body.

    A socket's accepted handshake counts as 200, its texts are the body. The status is 0 when there was no
    answer.
    """
    sent: list[Message] = []
    await make_asker(app, case)(sent)
    if case.socket:
        accepted = any(message["type"] == "websocket.accept" for message in sent)
        return (200 if accepted else 403), b"".join(_texts(sent))
    status = next((message["status"] for message in sent if message["type"] == "http.response.start"), 0)
    return status, b"".join(message.get("body", b"") for message in sent)


def _texts(sent: list[Message]) -> Iterator[bytes]:
    for message in sent:
        if message["type"] == "websocket.send":
            yield (message.get("text") or "").encode() or message.get("bytes") or b""


class Lifespan:
    """Starts an application and ends it, as a server does.

    An application that knows no lifespan is left in peace.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()

    async def start(self) -> None:
        """Start the application. Raises RuntimeError when it says that it failed."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        self._task = asyncio.ensure_future(self._run(scope))
        await self._exchange("startup")

    async def end(self) -> None:
        """End the application. Raises RuntimeError when it says that it failed."""
        if not self._task.done():
            await self._exchange("shutdown")
        await self._task

    async def _run(self, scope: MutableMapping[str, Any]) -> None:
        try:
            await self._app(scope, self._to_app.get, self._from_app.put)
        except Exception as error:  # noqa: BLE001 -- the specification's way of saying "no lifespan here"
            await self._from_app.put({"type": "lifespan.unknown", "message": repr(error)})

    async def _exchange(self, phase: str) -> None:
        await self._to_app.put({"type": f"lifespan.{phase}"})
        reply = await self._from_app.get()
        if reply["type"] == f"lifespan.{phase}.failed":
            raise RuntimeError(f"{phase} failed: {reply.get('message', '')}")
