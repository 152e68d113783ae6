"""Section 9.2: Server-Sent Events."""

import time
from collections.abc import AsyncIterable
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from pydantic import ValidationError
from streams import (
    Detailed,
    EventSourceResponse,
    LeavingClient,
    Reading,
    ServerSentEvent,
    get,
    response_of,
    unfinished_generators,
)
from surface_target import (
    APIRouter,
    Depends,
    FastAPI,
    Header,
    ResponseValidationError,
    StreamingResponse,
    TestClient,
    load,
)

sse = load("sse")


# --- 9.2 Server-Sent Events


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH"])
def test_events_are_sent_for_any_method(method: str):
    """9.2.1: events may answer any method, with the headers that keep proxies from buffering."""
    app = FastAPI()

    @app.api_route("/s", methods=[method], response_class=EventSourceResponse)
    async def endpoint():
        yield {"a": 1}

    answer = TestClient(app).request(method, "/s")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.text == 'data: {"a": 1}\n\n'


def test_events_take_a_body_when_the_method_has_one():
    """9.2.1: parameters and body of an event stream are validated as everywhere."""
    app = FastAPI()

    @app.post("/s", response_class=EventSourceResponse)
    async def endpoint(reading: Reading) -> AsyncIterable[Reading]:
        yield reading

    client = TestClient(app)
    assert client.post("/s", json={"sensor": 1}).text == 'data: {"sensor":1,"value":null}\n\n'
    assert client.post("/s", json={}).status_code == 422


@pytest.mark.parametrize("place", ["app", "router", "include"])
def test_events_are_sent_when_the_default_response_class_says_so(place: str):
    """9.2: EventSourceResponse may be the default response class of an app, router or inclusion."""
    app = FastAPI(**({"default_response_class": EventSourceResponse} if place == "app" else {}))
    router = APIRouter(**({"default_response_class": EventSourceResponse} if place == "router" else {}))

    @router.get("/s")
    async def endpoint():
        yield 1

    options = {"default_response_class": EventSourceResponse} if place == "include" else {}
    app.include_router(router, **options)
    answer = TestClient(app).get("/s")
    assert answer.text == "data: 1\n\n"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("item", "line"),
    [
        ({"a": 1, "b": [1, 2]}, b'data: {"a": 1, "b": [1, 2]}'),
        ("text", b'data: "text"'),
        (None, b"data: null"),
        (float("nan"), b"data: null"),
        (Reading(sensor=2), b'data: {"sensor": 2, "value": null}'),
        (b"raw", b'data: "raw"'),
        ("line\nbreak", b'data: "line\\nbreak"'),
    ],
)
def test_untyped_event_is_one_line_of_json(item: Any, line: bytes):
    """9.2.2: an untyped item is one `data:` line of JSON with the default separators."""

    def endpoint():
        yield item

    assert get(endpoint, response_class=EventSourceResponse).content == line + b"\n\n"


def test_typed_event_is_compact_json():
    """9.2.2: a typed item is validated and written as compact JSON."""

    async def endpoint() -> AsyncIterable[Reading]:
        yield Reading(sensor=1)
        yield {"sensor": "2", "value": 1.5}
        yield Detailed(sensor=3)

    assert get(endpoint, response_class=EventSourceResponse).text == (
        'data: {"sensor":1,"value":null}\n\n'
        'data: {"sensor":2,"value":1.5}\n\n'
        'data: {"sensor":3,"value":null}\n\n'
    )


def test_invalid_event_breaks_the_stream():
    """9.2.2: an item that does not fit the declared type ends the stream with an error."""
    app = FastAPI()

    @app.get("/s", response_class=EventSourceResponse)
    async def endpoint() -> AsyncIterable[Reading]:
        yield {"sensor": "x"}

    answer = TestClient(app, raise_server_exceptions=False).get("/s")
    assert (answer.status_code, answer.content) == (200, b"")
    with pytest.raises(Exception) as caught:  # quirk: wrapped in exception groups there
        TestClient(app).get("/s")
    error: BaseException = caught.value
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, ResponseValidationError)


def test_server_sent_event_bypasses_item_validation():
    """9.2.2: a ServerSentEvent in a typed stream is sent without looking at its data."""

    async def endpoint() -> AsyncIterable[int]:
        yield ServerSentEvent(data={"not": "a number"}, event="odd")
        yield "7"

    assert get(endpoint, response_class=EventSourceResponse).text == (
        'event: odd\ndata: {"not": "a number"}\n\ndata: 7\n\n'
    )


def test_server_sent_event_has_nothing_by_default():
    """9.2.3: every part of a ServerSentEvent is optional."""
    event = ServerSentEvent()
    assert (event.data, event.raw_data, event.event, event.id, event.retry, event.comment) == (None,) * 6


@pytest.mark.parametrize(
    ("event", "wire"),
    [
        ({"data": "text"}, b'data: "text"\n\n'),
        ({"data": 5}, b"data: 5\n\n"),
        ({"data": Reading(sensor=1)}, b'data: {"sensor":1,"value":null}\n\n'),
        ({"data": {"a": [1]}}, b'data: {"a": [1]}\n\n'),
        ({"raw_data": "text"}, b"data: text\n\n"),
        ({"raw_data": "a\r\nb\rc\nd"}, b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        ({"raw_data": "a\n\n"}, b"data: a\ndata: \ndata: \n\n"),
        ({"raw_data": "a\u2028b\x0bc\x85d"}, "data: a\u2028b\x0bc\x85d\n\n".encode()),
        ({"raw_data": ""}, b"data: \n\n"),
        ({"comment": "only"}, b": only\n\n"),
        ({"comment": "two\nlines"}, b": two\n: lines\n\n"),
        ({"event": "named"}, b"event: named\n\n"),
        ({"retry": 0}, b"retry: 0\n\n"),
        ({"id": ""}, b"id: \n\n"),
        (
            {"data": 1, "event": "e", "id": "i", "retry": 5, "comment": "c"},
            b": c\nevent: e\ndata: 1\nid: i\nretry: 5\n\n",
        ),
    ],
)
def test_server_sent_event_is_written_in_wire_order(event: dict[str, Any], wire: bytes):
    """9.2.4: comment, event, data (one line per line break), id, retry, blank line."""

    def endpoint():
        yield ServerSentEvent(**event)

    assert get(endpoint, response_class=EventSourceResponse).content == wire


@pytest.mark.parametrize(
    "event",
    [
        {"data": 1, "raw_data": "1"},
        {"event": "a\nb"},
        {"event": "a\rb"},
        {"id": "a\nb"},
        {"id": "a\rb"},
        {"id": "a\0b"},
        {"retry": -1},
        {"retry": "soon"},
        {"raw_data": 5},
    ],
)
def test_server_sent_event_is_refused_when_it_would_break_the_wire(event: dict[str, Any]):
    """9.2.3: both data forms at once, line breaks in event or id, NUL in id, negative retry are errors."""
    with pytest.raises(ValueError) as caught:
        ServerSentEvent(**event)
    assert isinstance(caught.value, ValidationError)


@pytest.mark.parametrize(
    ("parts", "wire"),
    [
        ({}, b"\n"),
        ({"data_str": ""}, b"data: \n\n"),
        ({"data_str": "a\n"}, b"data: a\ndata: \n\n"),
        ({"comment": ""}, b": \n\n"),
        ({"comment": "a\r\nb\n"}, b": a\n: b\n: \n\n"),
        ({"event": ""}, b"event: \n\n"),
        (
            {"data_str": "d", "event": "e", "id": "i", "retry": 0, "comment": "c"},
            b": c\nevent: e\ndata: d\nid: i\nretry: 0\n\n",
        ),
    ],
)
def test_format_sse_event_writes_one_event(parts: dict[str, Any], wire: bytes):
    """9.2.4: format_sse_event gives the bytes of one event."""
    assert sse.format_sse_event(**parts) == wire


def test_keepalive_comment_is_a_ping():
    """9.2.5: the keep-alive comment is `: ping`, sent every 15 seconds by default."""
    assert sse.KEEPALIVE_COMMENT == b": ping\n\n"
    assert load("routing")._PING_INTERVAL == 15.0


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_keepalive_is_sent_when_the_generator_is_slow(colour: str, monkeypatch: pytest.MonkeyPatch):
    """9.2.5: a ping comment fills the silence while a sync or async generator prepares an item."""
    # Long enough for a busy machine to end the stream without another silence.
    monkeypatch.setattr(load("routing"), "_PING_INTERVAL", 0.5)

    def sync_endpoint():
        time.sleep(0.7)
        yield 1

    async def async_endpoint():
        await anyio.sleep(0.7)
        yield 1

    text = get(sync_endpoint if colour == "sync" else async_endpoint, response_class=EventSourceResponse).text
    assert text.startswith(": ping\n\n")
    assert text.endswith("data: 1\n\n")
    assert text.replace(": ping\n\n", "") == "data: 1\n\n"


def test_keepalive_is_not_sent_when_items_come_in_time():
    """9.2.5: a fast stream carries no comments."""

    async def endpoint():
        for number in range(3):
            yield number

    assert get(endpoint, response_class=EventSourceResponse).text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"


@unfinished_generators
@pytest.mark.parametrize("response_class", [None, EventSourceResponse, StreamingResponse])
@pytest.mark.parametrize("news", ["disconnect message", "failing send"])
def test_stream_ends_and_cleans_up_when_the_client_leaves(response_class: Any, news: str, backend: str):
    """9.2.5: a client that leaves cancels the producer; request-scoped dependencies are closed."""
    closed = []
    app = FastAPI()

    async def resource():
        try:
            yield
        finally:
            closed.append(True)

    options = {} if response_class is None else {"response_class": response_class}

    @app.get("/s", dependencies=[Depends(resource)], **options)
    async def endpoint():
        while True:
            yield "1"
            await anyio.lowlevel.checkpoint()

    client = LeavingClient(news)
    anyio.run(client.run, app, backend=backend)
    assert client.sent[0]["status"] == 200
    assert closed == [True]


GENERIC_EVENT = {
    "type": "object",
    "properties": {
        "data": {"type": "string"},
        "event": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer", "minimum": 0},
    },
}


def _typed_event(schema: dict[str, Any]) -> dict[str, Any]:
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": schema}
    return {
        "type": "object",
        "properties": {**GENERIC_EVENT["properties"], "data": data},
        "required": ["data"],
    }  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        ("missing", GENERIC_EVENT),
        (AsyncIterable[ServerSentEvent], GENERIC_EVENT),
        (AsyncIterable[Reading], _typed_event({"$ref": "#/components/schemas/Reading"})),
        (AsyncIterable[int], _typed_event({"type": "integer", "title": "Streamitem Endpoint S Get"})),
    ],
)
def test_events_are_documented_by_their_item_schema(annotation: Any, schema: dict[str, Any]):
    """9.2.6: `itemSchema` is an event object; a typed item describes `data` as JSON text."""

    async def endpoint():
        yield 1

    if annotation != "missing":
        endpoint.__annotations__["return"] = annotation
    assert response_of(endpoint, response_class=EventSourceResponse) == {
        "description": "Successful Response",
        "content": {"text/event-stream": {"itemSchema": schema}},
    }


def test_event_stream_resumes_from_last_event_id_when_the_endpoint_reads_it():
    """9.2.7: Last-Event-ID is an ordinary header parameter."""
    app = FastAPI()

    @app.get("/s", response_class=EventSourceResponse)
    async def endpoint(last_event_id: int = Header(-1)):
        for number in range(last_event_id + 1, 3):
            yield ServerSentEvent(data=number, id=str(number))

    client = TestClient(app)
    assert client.get("/s", headers={"Last-Event-ID": "1"}).text == "data: 2\nid: 2\n\n"
    assert client.get("/s").text.count("data:") == 3
