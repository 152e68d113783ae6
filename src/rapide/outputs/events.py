"""Generator endpoints as server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import Response

from rapide import sse
from rapide._codegen import Writer
from rapide._run.respond import merge_headers
from rapide.outputs.items import item_encoder, untyped_item, untyped_text
from rapide.plan.nodes import RoutePlan
from rapide.streaming import KeepAliveStreamingResponse, chunks_of

__all__ = ["emit", "is_direct", "make_reply"]

_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def is_direct(plan: RoutePlan) -> bool:
    """A stream is never bytes in one piece."""
    return False


class EventStream(KeepAliveStreamingResponse):
    """A stream of events that pings while nothing happens."""

    sends_whole_events = True  # so that one more may follow wherever the stream is cut
    media_type = "text/event-stream"
    ping = sse.KEEPALIVE_COMMENT
    interval = staticmethod(lambda: sse._PING_INTERVAL)  # noqa: SLF001 -- users of FastAPI replace it there


def _event_data(data: Any) -> str:
    """Return the data of an explicit event: models compactly, everything else with default separators."""
    if isinstance(data, BaseModel):
        return to_json(data, inf_nan_mode="null", by_alias=True).decode()
    return untyped_text(data)


def _frame(event: sse.ServerSentEvent) -> bytes:
    data = event.raw_data
    if data is None and event.data is not None:
        data = _event_data(event.data)
    return sse.format_sse_event(
        data_str=data, event=event.event, id=event.id, retry=event.retry, comment=event.comment
    )


def _reply_maker(plan: RoutePlan) -> Callable[..., Response]:
    encode = item_encoder(plan) or untyped_item

    def frame(item: Any) -> bytes:
        if isinstance(item, sse.ServerSentEvent):
            return _frame(item)
        return b"data: %b\n\n" % encode(item)  # JSON on one line: it escapes the line ends in its texts

    def stream_events(source: Any, injected: Response | None = None) -> Response:
        status = (injected.status_code if injected is not None else None) or plan.output.status_code or 200
        reply = EventStream(chunks_of(source, frame), status, headers=_HEADERS)
        merge_headers(reply, injected)
        return reply

    return stream_events


def make_reply(plan: RoutePlan, result: Any, injected: Response | None = None) -> Response:
    """Return the stream for what the endpoint returned."""
    return _reply_maker(plan)(result, injected)


def emit(writer: Writer, plan: RoutePlan, *, injected: bool) -> None:
    """Write the making of the stream."""
    maker = writer.bind("stream_events", _reply_maker(plan))
    writer.line(f"reply = {maker}(result{', response' if injected else ''})")
