"""Bodies in pieces, in both directions, while both sides run."""

from contextlib import aclosing

import anyio
import httpx2
import pytest

from rapide import Rapide, Request
from rapide.responses import StreamingResponse
from rapide.sse import EventSourceResponse, ServerSentEvent
from rapide.testing import AsyncTestClient

pytestmark = pytest.mark.anyio

_START = {"type": "http.response.start", "status": 200, "headers": []}


async def test_parts_of_a_response_are_read_while_the_application_sends():
    """The test steers the application between two parts of its response."""
    go_on = anyio.Event()

    async def app(scope, receive, send):
        await send(_START)
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await go_on.wait()
        await send({"type": "http.response.body", "body": b"two"})

    client = AsyncTestClient(app, lifespan=False)
    async with client, client.stream("GET", "/") as answer, aclosing(answer.aiter_raw()) as parts:
        assert await anext(parts) == b"one"
        go_on.set()
        assert await anext(parts) == b"two"
        assert await anext(parts, None) is None


async def test_server_sent_events_are_read_as_they_come():
    """An endless stream of events gives those that the test wants, and ends when the test leaves."""
    ended = anyio.Event()
    app = Rapide()

    @app.get("/events", response_class=EventSourceResponse)
    async def events():
        number = 0
        try:
            while True:
                number += 1
                yield ServerSentEvent(data=number)
                await anyio.lowlevel.checkpoint()
        finally:
            ended.set()

    seen = b""
    async with AsyncTestClient(app) as client:
        async with client.stream("GET", "/events") as answer, aclosing(answer.aiter_raw()) as parts:
            assert answer.headers["content-type"].startswith("text/event-stream")
            while b"data: 2" not in seen:
                seen += await anext(parts)
        assert ended.is_set()
    assert seen.startswith(b"data: 1\n\ndata: 2")


async def test_the_librarys_client_for_events_works():
    """httpx2's `sse()` reads an event stream of the application."""
    app = Rapide()

    @app.get("/events", response_class=EventSourceResponse)
    async def events():
        for number in range(3):
            yield ServerSentEvent(data=number, id=str(number))

    async with AsyncTestClient(app) as client, client.sse("/events") as source:
        assert [(event.id, event.data) async for event in source] == [("0", "0"), ("1", "1"), ("2", "2")]


async def test_leaving_early_tells_the_application():
    """The application receives the disconnect, and what it still sends goes nowhere."""
    seen = []

    async def app(scope, receive, send):
        await receive()
        await send(_START)
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        seen.append((await receive())["type"])
        await send({"type": "http.response.body", "body": b"lost", "more_body": True})
        seen.append("sent")

    async with AsyncTestClient(app, lifespan=False) as client:
        async with client.stream("GET", "/"):
            assert seen == []
        assert seen == ["http.disconnect", "sent"]


async def test_an_application_that_waits_in_send_is_released_when_the_client_leaves():
    """A client that does not read makes `send` wait, as on a server; leaving ends that."""
    sent = []

    async def app(scope, receive, send):
        await send(_START)
        for number in range(1000):
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            sent.append(number)

    async with AsyncTestClient(app, lifespan=False) as client:
        async with client.stream("GET", "/"):
            await anyio.wait_all_tasks_blocked()
            waiting_at = len(sent)
        assert 0 < waiting_at < 1000
        assert len(sent) == 1000


async def test_a_stream_that_falls_silent_is_a_read_timeout():
    """The limit holds for each part of a response anew."""

    async def app(scope, receive, send):
        await send(_START)
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await anyio.sleep_forever()

    async with AsyncTestClient(app, lifespan=False, timeout=0.3) as client:
        client.grace = 0
        with pytest.raises(httpx2.ReadTimeout, match=r"sent nothing for 0\.3 seconds"):
            await client.get("/")


async def test_a_failure_in_the_middle_of_a_response_is_raised():
    """What a streaming endpoint raises after its first part reaches the test."""
    app = Rapide()

    @app.get("/")
    async def endpoint():
        async def parts():
            yield b"one"
            raise ValueError("broken in the middle")

        return StreamingResponse(parts())

    async with AsyncTestClient(app) as client:
        with pytest.raises(ValueError, match="broken in the middle"):
            await client.get("/")
    async with AsyncTestClient(app, raise_server_exceptions=False) as client:
        with pytest.raises(httpx2.RemoteProtocolError, match="ended before its response did"):
            await client.get("/")


async def test_a_response_that_stops_short_is_a_protocol_error():
    """An application that returns before its last part has broken off the connection."""

    async def app(scope, receive, send):
        await send(_START)
        await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async with AsyncTestClient(app, lifespan=False) as client:
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get("/")


# ------------------------------------------------------------------------------------------- request bodies


def _uploading():
    app = Rapide()

    @app.post("/")
    async def endpoint(request: Request):
        return [part.decode() async for part in request.stream() if part]

    return app


async def test_a_request_body_is_sent_in_pieces():
    """An async iterator as content arrives piece by piece."""

    async def pieces():
        for number in range(3):
            yield str(number).encode()

    async with AsyncTestClient(_uploading()) as client:
        answer = await client.post("/", content=pieces())
    assert answer.json() == ["0", "1", "2"]


async def test_request_and_response_run_side_by_side():
    """An application may answer each piece of the body before the next one is made."""
    answered = {piece: anyio.Event() for piece in (b"A", b"B", b"C")}

    async def app(scope, receive, send):
        await send(_START)
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            await send({"type": "http.response.body", "body": message["body"].upper(), "more_body": more})

    async def pieces():
        for piece in (b"a", b"b", b"c"):
            yield piece
            await answered[piece.upper()].wait()

    order = []
    client = AsyncTestClient(app, lifespan=False)
    async with client, client.stream("POST", "/", content=pieces()) as answer:
        async for part in answer.aiter_raw():
            order.append(part)
            if part:
                answered[part].set()
    assert order == [b"A", b"B", b"C"]


async def test_a_source_that_fails_is_a_client_that_breaks_off():
    """The test gets what its source raised, the application a disconnect in the middle of the body."""
    seen = []

    async def app(scope, receive, send):
        seen.append((await receive())["body"])
        seen.append((await receive())["type"])

    async def pieces():
        yield b"one"
        raise LookupError("no more")

    async with AsyncTestClient(app, lifespan=False, raise_server_exceptions=False) as client:
        with pytest.raises(LookupError, match="no more"):
            await client.post("/", content=pieces())
    assert seen == [b"one", "http.disconnect"]


async def test_a_source_that_fails_ends_a_response_that_has_begun():
    """A test that reads while it sends gets what its source raised."""

    async def app(scope, receive, send):
        await send(_START)
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass

    async def pieces():
        yield b"one"
        await anyio.wait_all_tasks_blocked()
        raise LookupError("no more")

    async with AsyncTestClient(app, lifespan=False) as client:
        with pytest.raises(LookupError, match="no more"):
            await client.post("/", content=pieces())


async def test_an_endless_body_for_head_can_be_stopped():
    """Pieces that go nowhere still give the event loop its turn."""

    async def app(scope, receive, send):
        await send(_START)
        while True:
            await send({"type": "http.response.body", "body": b"x", "more_body": True})

    async with AsyncTestClient(app, lifespan=False, timeout=0.02) as client:
        client.grace = 0
        with pytest.raises(httpx2.ReadTimeout):
            await client.head("/")


async def test_a_slow_source_is_not_the_applications_fault():
    """Time that the source of the body takes does not count against the limit."""

    async def pieces():
        for _ in range(2):
            await anyio.sleep(0.4)
            yield b"x"

    async with AsyncTestClient(_uploading(), timeout=0.3) as client:
        assert (await client.post("/", content=pieces())).json() == ["x", "x"]


async def test_an_application_that_does_not_read_a_body_in_pieces_can_answer():
    """The source is closed when the exchange ends, whether it was read or not."""
    closed = []

    async def app(scope, receive, send):
        await send(_START)
        await send({"type": "http.response.body"})

    async def pieces():
        try:
            for _ in range(1000):
                yield b"x"
        finally:
            closed.append(True)

    async with AsyncTestClient(app, lifespan=False) as client:
        assert (await client.post("/", content=pieces())).status_code == 200
    assert closed == [True]


async def test_an_application_that_reads_nothing_is_stopped_at_the_limit():
    """A body that nobody takes is the application's fault."""

    async def app(scope, receive, send):
        await anyio.sleep_forever()

    async def pieces():
        while True:
            yield b"x"

    async with AsyncTestClient(app, lifespan=False, timeout=0.02) as client:
        client.grace = 0
        with pytest.raises(httpx2.ReadTimeout):
            await client.post("/", content=pieces())


async def test_a_plain_iterator_is_refused():
    """The library's rule for asynchronous clients holds: no plain iterator as content."""
    async with AsyncTestClient(_uploading()) as client:
        with pytest.raises((RuntimeError, TypeError)):
            await client.post("/", content=iter([b"x"]))
