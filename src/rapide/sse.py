"""Server-sent events: the frames of `text/event-stream` (WHATWG HTML, section 9.2)."""

import re
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from starlette.responses import StreamingResponse

__all__ = ["KEEPALIVE_COMMENT", "EventSourceResponse", "ServerSentEvent", "format_sse_event"]

# What keeps proxies from closing a stream on which nothing happens, and after how many seconds of silence.
KEEPALIVE_COMMENT: Final = b": ping\n\n"
_PING_INTERVAL = 15.0

# The schema of one event, as OpenAPI documents it; typed items add a schema of their data.
_SSE_EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "data": {"type": "string"},
        "event": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer", "minimum": 0},
    },
}

# The standard knows these three line ends and no others: str.splitlines() would cut at U+2028 and the like.
_LINE_END = re.compile(r"\r\n|\r|\n")


def _check_single_line(value: str | None, field: str) -> str | None:
    # A line end would let the value write fields, or whole events, of its own.
    if value is not None and _LINE_END.search(value):
        raise ValueError(f"SSE '{field}' must be a single line")
    return value


def _check_event(value: str | None) -> str | None:
    return _check_single_line(value, "event")


def _check_id(value: str | None) -> str | None:
    # Clients ignore an id with a NUL in it.
    if value is not None and "\0" in value:
        raise ValueError("SSE 'id' must not contain null characters")
    return _check_single_line(value, "id")


class EventSourceResponse(StreamingResponse):
    """A stream of server-sent events.

    As the `response_class` of a generator endpoint, it turns what the endpoint yields into events; made by
    hand, it sends the text or bytes of `content` as they are (see `format_sse_event`).
    """

    media_type = "text/event-stream"


class ServerSentEvent(BaseModel):
    """One event. Yield it where the data alone does not say everything.

    Every field is None by default, which leaves it out.

    Attributes:
        data: The data; always encoded as JSON, text included. Excludes `raw_data`.
        raw_data: The data as it is; each of its lines becomes a line of the event.
        event: The name of the event; one line.
        id: What a client that reconnects sends as `Last-Event-ID`; one line without NUL.
        retry: Milliseconds that a client waits before it reconnects.
        comment: A comment, which clients ignore.
    """

    model_config = ConfigDict(defer_build=True)  # only who sends events needs the validator

    data: Any = None
    raw_data: str | None = None
    event: Annotated[str | None, AfterValidator(_check_event)] = None
    id: Annotated[str | None, AfterValidator(_check_id)] = None
    retry: Annotated[int, Field(ge=0)] | None = None
    comment: str | None = None

    @model_validator(mode="after")
    def _check_data(self) -> Self:
        if self.data is not None and self.raw_data is not None:
            raise ValueError(
                "Cannot set both 'data' and 'raw_data' on the same ServerSentEvent: "
                "'data' is encoded as JSON, 'raw_data' is sent as it is."
            )
        return self


def format_sse_event(
    *,
    data_str: str | None = None,
    event: str | None = None,
    id: str | None = None,  # noqa: A002 -- FastAPI's name
    retry: int | None = None,
    comment: str | None = None,
) -> bytes:
    r"""Return one event as the bytes of a `text/event-stream`.

    Args:
        data_str: The data; CRLF, CR and LF each start a new `data:` line.
        event: The name of the event.
        id: The id of the event.
        retry: Milliseconds that a client waits before it reconnects.
        comment: A comment; every line becomes one.

    What is None is left out; with nothing at all the result is an empty line.

    Raises:
        ValueError: `event` or `id` has a line end, or `id` a NUL.
    """
    lines: list[str] = []
    if comment is not None:
        lines += [f": {line}" for line in _LINE_END.split(comment)]
    if event is not None:
        lines.append(f"event: {_check_event(event)}")
    if data_str is not None:
        lines += [f"data: {line}" for line in _LINE_END.split(data_str)]
    if id is not None:
        lines.append(f"id: {_check_id(id)}")
    if retry is not None:
        lines.append(f"retry: {retry}")
    # The empty line that dispatches the event.
    return "\n".join((*lines, "", "")).encode() if lines else b"\n"
