"""Event streams end when the drain begins; other streams run on."""

import re
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from raw_asgi import Exchange, http_scope

from rapide import Rapide
from rapide.fastapi import FastAPI
from rapide.lifecycle import begin_drain
from rapide.responses import StreamingResponse
from rapide.sse import EventSourceResponse

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("face", [Rapide, FastAPI])]


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    """Both backends."""
    return request.param


def _app(face: Any, ended: list[str]) -> Any:
    app = face()

    async def numbers() -> AsyncIterator[str]:
        try:
            yield "data: 1\n\n"
            await anyio.sleep_forever()
        finally:
            ended.append("ended")

    @app.get("/events", response_class=EventSourceResponse)
    async def events() -> AsyncIterator[int]:
        async for _ in numbers():
            yield 1

    @app.get("/by-hand")
    async def by_hand() -> Any:
        return StreamingResponse(numbers(), media_type="text/event-stream")

    @app.get("/download")
    async def download() -> Any:
        async def parts() -> AsyncIterator[str]:
            yield "a"
            await anyio.wait_all_tasks_blocked()
            yield "b"

        return StreamingResponse(parts(), media_type="text/plain")

    return app


async def _drained(app: Any, path: str, *, before: bool = False) -> Exchange:
    """Begin the drain after the first part was sent, or before the request."""
    sent = anyio.Event()
    exchange = Exchange(http_scope("GET", path), on_send=lambda message: _note(sent, message))
    if before:
        await begin_drain()
        sent.set()
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(app, exchange.scope, exchange.receive, exchange.send)
            await sent.wait()
            await begin_drain()
    return exchange


def _note(sent: anyio.Event, message: Any) -> None:
    if message.get("body"):
        sent.set()


async def test_stream_ends_with_the_time_to_come_back(face):
    """The last event says `retry`, the response is complete, and the generator is closed."""
    ended: list[str] = []
    exchange = await _drained(_app(face, ended), "/events")
    assert re.fullmatch(rb"data: 1\n\nretry: [123]\d{3}\n\n", exchange.body)
    assert exchange.sent[-1].get("more_body", False) is False
    assert ended == ["ended"]


async def test_stream_made_by_hand_ends_where_it_is(face):
    """Nobody knows whether its last chunk was a whole event, so nothing is put behind it."""
    ended: list[str] = []
    exchange = await _drained(_app(face, ended), "/by-hand")
    assert exchange.body == b"data: 1\n\n"
    assert exchange.sent[-1].get("more_body", False) is False
    assert ended in ([], ["ended"])  # FastAPI's face leaves a generator of the user's to the user


@pytest.mark.parametrize("path", ["/events", "/by-hand"])
async def test_stream_that_is_asked_for_too_late_is_an_empty_one(face, path):
    """Its status is sent all the same: a response without a beginning is a fault of the server's."""
    exchange = await _drained(_app(face, []), path, before=True)
    assert exchange.status == 200
    assert exchange.sent[-1].get("more_body", False) is False


async def test_download_is_not_cut(face):
    """Half a file is worth nothing."""
    exchange = await _drained(_app(face, []), "/download")
    assert exchange.body == b"ab"
