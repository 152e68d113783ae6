"""Streams that send, keep silent connections open, and leave nothing behind."""

import time
from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from rapide.streaming import ClosingStreamingResponse, KeepAliveStreamingResponse, chunks_of

pytestmark = pytest.mark.anyio

_SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "headers": []}
_SILENCE = 0.05
"""Seconds between pings."""


class _Stream(KeepAliveStreamingResponse):
    interval = staticmethod(lambda: _SILENCE)


class _Client:
    """Takes messages; `on_chunk` is awaited for each chunk, the last and empty one left out."""

    def __init__(self, on_chunk: Callable[[bytes], Any] | None = None) -> None:
        self.chunks: list[bytes] = []
        self.on_chunk = on_chunk
        self.ended = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        assert not self.ended, "a message after the last one"
        if message["type"] != "http.response.body":
            return
        self.ended = not message["more_body"]
        if message["body"]:
            self.chunks.append(message["body"])
            if self.on_chunk is not None:
                await self.on_chunk(message["body"])

    async def take(self, response: Any, version: str = "2.4") -> list[bytes]:
        with anyio.fail_after(20):
            await response({**_SCOPE, "asgi": {"spec_version": version}}, anyio.sleep_forever, self.send)
        return self.chunks


def _encoded(item: Any) -> bytes:
    return str(item).encode()


async def test_ping_comes_after_each_silence() -> None:
    """Silence of several intervals has several pings, and a source that speaks again stops them."""

    async def source() -> AsyncIterator[int]:
        yield 1
        await anyio.sleep(_SILENCE * 3.5)
        yield 2

    chunks = await _Client().take(_Stream(chunks_of(source(), _encoded)))
    assert (chunks[0], chunks[-1]) == (b"1", b"2")
    assert set(chunks[1:-1]) == {_Stream.ping}
    assert len(chunks) >= 4


async def test_stream_survives_an_event_loop_that_is_late() -> None:
    """Code that blocks the loop for longer than an interval delays a ping, and breaks nothing."""

    async def source() -> AsyncIterator[int]:
        yield 1
        time.sleep(_SILENCE * 2)  # noqa: ASYNC251 -- this is what is tested
        await anyio.sleep(_SILENCE * 2)
        yield 2

    chunks = await _Client().take(_Stream(chunks_of(source(), _encoded)))
    assert (chunks[0], chunks[-1]) == (b"1", b"2")


async def test_silence_is_counted_from_the_last_chunk() -> None:
    """A stream that speaks more often than the interval has no ping, however long it lasts."""

    class Patient(KeepAliveStreamingResponse):
        interval = staticmethod(lambda: 1.0)

    async def source() -> AsyncIterator[int]:
        for number in range(6):
            await anyio.sleep(0.25)
            yield number

    chunks = await _Client().take(Patient(chunks_of(source(), _encoded)))
    assert chunks == [b"0", b"1", b"2", b"3", b"4", b"5"]


async def test_ping_stays_away_when_a_chunk_is_on_its_way() -> None:
    """A client that reads slowly is not silent: nothing is put between the parts of what waits for it."""

    async def slowly(chunk: bytes) -> None:
        await anyio.sleep(_SILENCE * 3)

    async def source() -> AsyncIterator[int]:
        yield 1
        yield 2

    assert await _Client(slowly).take(_Stream(chunks_of(source(), _encoded))) == [b"1", b"2"]


async def test_chunk_waits_when_a_ping_is_on_its_way() -> None:
    """Messages are sent one after the other, also when the client takes a ping slowly."""
    sending: list[bytes] = []
    pinged = anyio.Event()

    async def one_by_one(chunk: bytes) -> None:
        assert sending == []
        sending.append(chunk)
        if chunk == _Stream.ping:
            pinged.set()
            await anyio.sleep(_SILENCE * 3)
        sending.pop()

    async def source() -> AsyncIterator[int]:
        await pinged.wait()
        yield 1

    assert await _Client(one_by_one).take(_Stream(chunks_of(source(), _encoded))) == [_Stream.ping, b"1"]


async def test_source_is_not_asked_for_more_than_the_client_takes() -> None:
    """Back-pressure: while one chunk waits for the client, the source does not make the next one."""
    made: list[int] = []
    made_when_sent: list[int] = []

    async def look(chunk: bytes) -> None:
        await checkpoint()
        made_when_sent.append(len(made))

    async def source() -> AsyncIterator[int]:
        for number in range(3):
            made.append(number)
            yield number

    await _Client(look).take(_Stream(chunks_of(source(), _encoded)))
    assert made_when_sent == [1, 2, 3]


@pytest.mark.parametrize("response_class", [ClosingStreamingResponse, _Stream])
@pytest.mark.parametrize("version", ["2.3", "2.4"])
async def test_scopes_of_the_source_end_when_sending_fails(response_class: type[Any], version: str) -> None:
    """A source may yield inside a cancel scope or a task group of its own: it is closed in the same task."""
    left: list[str] = []

    async def fail(chunk: bytes) -> None:
        raise ZeroDivisionError

    async def source() -> AsyncIterator[int]:
        with anyio.CancelScope():
            try:
                yield 1
            finally:
                left.append("scope")

    with pytest.raises(ZeroDivisionError):
        await _Client(fail).take(response_class(chunks_of(source(), _encoded)), version)
    assert left == ["scope"]


@pytest.mark.parametrize("response_class", [ClosingStreamingResponse, _Stream])
async def test_source_is_closed_when_an_item_cannot_be_encoded(response_class: type[Any]) -> None:
    """What raises while an item is encoded comes out as it is, and the source is closed."""
    left: list[str] = []

    async def source() -> AsyncIterator[int]:
        try:
            yield 0
        finally:
            await checkpoint()
            left.append("source")

    with pytest.raises(ZeroDivisionError):
        await _Client().take(response_class(chunks_of(source(), lambda item: 1 // item)))
    assert left == ["source"]


async def test_plain_source_runs_on_threads_and_is_closed() -> None:
    """A plain iterator is asked on worker threads; closing it happens there too."""
    left: list[str] = []

    def source() -> Iterator[int]:
        try:
            yield 1
            yield 2
            yield 3
        finally:
            left.append("source")

    async def leave_early() -> None:
        chunks = chunks_of(source(), _encoded)
        assert [await anext(chunks), await anext(chunks)] == [b"1", b"2"]
        await chunks.aclose()

    await leave_early()
    assert left == ["source"]


async def test_loop_gets_turns_when_the_source_never_waits() -> None:
    """A source that always has an item keeps neither other tasks nor its own cancellation waiting."""
    turns: list[int] = []

    async def source() -> AsyncIterator[int]:
        number = 0
        while True:
            yield (number := number + 1)

    async def count() -> None:
        for number in range(5):
            turns.append(number)
            await checkpoint()
        scope.cancel()

    async with anyio.create_task_group() as group:
        scope = group.cancel_scope
        group.start_soon(count)
        await ClosingStreamingResponse(chunks_of(source(), _encoded))(
            _SCOPE, anyio.sleep_forever, _Client().send
        )
    assert turns == [0, 1, 2, 3, 4]
