"""`fastapi.sse`."""

from pydantic import AfterValidator, BaseModel
from starlette.responses import StreamingResponse

from rapide.sse import (
    _PING_INTERVAL,
    _SSE_EVENT_SCHEMA,
    KEEPALIVE_COMMENT,
    EventSourceResponse,
    ServerSentEvent,
    format_sse_event,
)

__all__ = [
    "KEEPALIVE_COMMENT",
    "_PING_INTERVAL",
    "_SSE_EVENT_SCHEMA",
    "AfterValidator",
    "BaseModel",
    "EventSourceResponse",
    "ServerSentEvent",
    "StreamingResponse",
    "format_sse_event",
]
