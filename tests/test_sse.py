"""The frames of server-sent events."""

import pytest
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from rapide.sse import (
    _PING_INTERVAL,
    _SSE_EVENT_SCHEMA,
    KEEPALIVE_COMMENT,
    EventSourceResponse,
    ServerSentEvent,
    format_sse_event,
)


@pytest.mark.parametrize(
    ("fields", "frame"),
    [
        ({}, b"\n"),
        ({"data_str": ""}, b"data: \n\n"),
        ({"data_str": "é"}, b"data: \xc3\xa9\n\n"),
        ({"data_str": "a\nb\rc\r\nd"}, b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        ({"data_str": "a\n\n"}, b"data: a\ndata: \ndata: \n\n"),
        ({"data_str": "a\u2028b\x0bc\x85d"}, "data: a\u2028b\x0bc\x85d\n\n".encode()),
        ({"event": ""}, b"event: \n\n"),
        ({"id": ""}, b"id: \n\n"),
        ({"retry": 0}, b"retry: 0\n\n"),
        ({"comment": ""}, b": \n\n"),
        ({"comment": "a\r\rb"}, b": a\n: \n: b\n\n"),
    ],
)
def test_field_is_written_line_by_line(fields, frame):
    """Only CRLF, CR and LF end a line; empty fields are sent, absent ones are not."""
    assert format_sse_event(**fields) == frame


def test_fields_come_in_a_fixed_order():
    """Comment, event, data, id, retry, then the empty line."""
    frame = format_sse_event(retry=5, id="7", data_str="d", event="e", comment="c")
    assert frame == b": c\nevent: e\ndata: d\nid: 7\nretry: 5\n\n"


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\r\nb", "\n", "x\n\ndata: forged"])
@pytest.mark.parametrize("field", ["event", "id"])
def test_line_end_in_event_or_id_is_refused(field, value):
    """Nobody writes fields of their own through a name or an id."""
    with pytest.raises(ValueError, match=f"'{field}' must be a single line"):
        format_sse_event(**{field: value})
    with pytest.raises(ValidationError, match=f"'{field}' must be a single line"):
        ServerSentEvent(**{field: value})


def test_nul_in_an_id_is_refused():
    """Clients would ignore such an id."""
    with pytest.raises(ValueError, match="'id' must not contain null characters"):
        format_sse_event(id="a\0")
    with pytest.raises(ValidationError, match="'id' must not contain null characters"):
        ServerSentEvent(id="a\0")


def test_event_name_may_hold_other_separators():
    """U+2028 is no line end in this format."""
    assert ServerSentEvent(event="a\u2028b").event == "a\u2028b"


def test_data_and_raw_data_exclude_each_other():
    """An event has one content."""
    with pytest.raises(ValidationError, match="Cannot set both 'data' and 'raw_data'"):
        ServerSentEvent(data=1, raw_data="x")
    assert ServerSentEvent(data=None, raw_data="x").raw_data == "x"


@pytest.mark.parametrize("retry", [-1, 1.5, "soon"])
def test_retry_that_is_no_count_of_milliseconds_is_refused(retry):
    """The client would ignore it."""
    with pytest.raises(ValidationError):
        ServerSentEvent(retry=retry)


def test_event_is_validated_from_data():
    """The model works as a type of others."""
    event = TypeAdapter(list[ServerSentEvent]).validate_python([{"data": {"a": 1}, "retry": 0}])[0]
    assert event == ServerSentEvent(data={"a": 1}, retry=0)


def test_constants_are_what_the_wire_and_openapi_need():
    """A comment every 15 seconds, and the schema of an event."""
    assert KEEPALIVE_COMMENT == b": ping\n\n"
    assert _PING_INTERVAL == 15.0
    assert _SSE_EVENT_SCHEMA["properties"]["retry"] == {"type": "integer", "minimum": 0}
    assert list(_SSE_EVENT_SCHEMA["properties"]) == ["data", "event", "id", "retry"]


def test_response_streams_ready_frames():
    """Constructed by hand, the response sends what it is given, as text/event-stream."""

    async def stream(request):
        return EventSourceResponse(iter([format_sse_event(data_str="1"), "data: 2\n\n"]))

    response = TestClient(Starlette(routes=[Route("/", stream)])).get("/")
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.content == b"data: 1\n\ndata: 2\n\n"
