"""Event streams and WebSockets as a real browser reads them: EventSource and WebSocket."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated

import pytest
from driver import Page
from serving import serve

from rapide import Cookie, Depends, Header, Query, Rapide, WebSocket, WebSocketException
from rapide.responses import HTMLResponse
from rapide.sse import EventSourceResponse, ServerSentEvent

pytestmark = [pytest.mark.browser, pytest.mark.server]

_PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>wire</title>
<script>
  const seen = [];
  document.cookie = "card=ada";
  function open_socket(path) {
    const socket = new WebSocket(`ws://${location.host}${path}`);
    for (const kind of ["open", "error"]) socket.addEventListener(kind, () => seen.push(kind));
    socket.addEventListener("message", (event) => seen.push(event.data));
    socket.addEventListener("close", (event) => seen.push([event.code, event.reason, event.wasClean]));
    return socket;
  }
</script>
"""


def _app(ended: list[str]) -> Rapide:
    app = Rapide()
    connections = itertools.count(1)

    @app.get("/", response_class=HTMLResponse)
    async def page() -> str:
        return _PAGE

    @app.get("/events", response_class=EventSourceResponse)
    async def events(last_event_id: Annotated[int, Header()] = 0) -> AsyncIterator[ServerSentEvent]:
        """Two events for each connection: the browser comes back for the next."""
        yield ServerSentEvent(comment="for nobody", retry=10)
        yield ServerSentEvent(data={"n": last_event_id + 1}, event="count", id=str(last_event_id + 1))
        yield ServerSentEvent(
            raw_data=f"connection {next(connections)}\nof \N{SNOWMAN}", id=str(last_event_id + 2)
        )

    @app.get("/endless", response_class=EventSourceResponse)
    async def endless() -> AsyncIterator[int]:
        try:
            for number in itertools.count():
                yield number
                await asyncio.sleep(0.01)
        finally:
            ended.append("endless")

    async def reader(card: Annotated[str, Cookie()]) -> str:
        return card

    @app.websocket("/rooms/{room}")
    async def talk(
        websocket: WebSocket,
        room: int,
        card: Annotated[str, Depends(reader)],
        volume: Annotated[int, Query(ge=0)] = 5,
    ) -> None:
        if room == 13:
            raise WebSocketException(4403, "not this room")
        await websocket.accept()
        await websocket.send_json([room, card, volume])
        async for text in websocket.iter_text():
            if text == "close":
                await websocket.close(4000, "as you wish")
                break
            await websocket.send_text(text.upper())
        ended.append("talk")

    return app


@pytest.fixture(scope="module")
def ended() -> list[str]:
    """What ended on the server."""
    return []


@pytest.fixture(scope="module")
def url(ended: list[str]) -> Iterator[str]:
    """The application on a server."""
    with serve(_app(ended), ws="websockets-sansio") as root:
        yield root


@pytest.fixture
def opened(page: Page, url: str) -> Page:
    """The page with the scripts."""
    page.goto(url + "/")
    return page


def test_event_source_reads_events_and_comes_back_with_the_last_id(opened):
    """Named events, lines, ids: three connections are one stream to the page."""
    opened.evaluate("""
        window.source = new EventSource("/events");
        source.addEventListener("count", (event) => seen.push([JSON.parse(event.data).n, event.lastEventId]));
        source.onmessage = (event) => seen.push([event.data, event.lastEventId]);
        0
    """)
    opened.wait_for("seen.length >= 6")
    opened.evaluate("source.close()")
    assert opened.evaluate("seen.slice(0, 6)") == [
        [1, "1"], ["connection 1\nof \N{SNOWMAN}", "2"],
        [3, "3"], ["connection 2\nof \N{SNOWMAN}", "4"],
        [5, "5"], ["connection 3\nof \N{SNOWMAN}", "6"],
    ]  # fmt: skip


def test_generator_ends_when_the_page_closes_its_event_source(opened, ended):
    """What the page no longer reads is no longer made."""
    before = ended.count("endless")
    opened.evaluate("window.source = new EventSource('/endless'); source.onmessage = () => seen.push(1); 0")
    opened.wait_for("seen.length > 2")
    opened.evaluate("source.close()")
    _wait(lambda: ended.count("endless") == before + 1)


def _wait(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_web_socket_talks(opened):
    """Cookies, path and query reach the endpoint; texts go both ways; the close has code and reason."""
    opened.evaluate("window.socket = open_socket('/rooms/3?volume=7'); 0")
    opened.wait_for("seen.length === 2")
    opened.evaluate(
        "socket.send('hello'); socket.send('\N{LATIN SMALL LETTER E WITH ACUTE}'); socket.send('close')"
    )
    opened.wait_for("seen.length === 5")
    assert opened.evaluate("seen") == [
        "open", '[3,"ada",7]', "HELLO", "\N{LATIN CAPITAL LETTER E WITH ACUTE}", [4000, "as you wish", True],
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/rooms/three", "/rooms/13", "/rooms/3?volume=-1", "/nowhere"])
def test_web_socket_that_is_refused_never_opens(opened, path):
    """The page sees an error and code 1006, which is all that a browser tells scripts."""
    opened.evaluate(f"open_socket('{path}'); 0")
    opened.wait_for("seen.length === 2")
    assert opened.evaluate("seen") == ["error", [1006, "", False]]


def test_endpoint_ends_when_the_tab_is_closed(opened, ended):
    """A tab that goes takes its sockets with it."""
    before = ended.count("talk")
    opened.evaluate("open_socket('/rooms/3'); 0")
    opened.wait_for("seen.length === 2")
    opened.close()
    _wait(lambda: ended.count("talk") == before + 1)
