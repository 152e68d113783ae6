"""Generator endpoints with a response class of their own: chunks of text or bytes, as they come."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from starlette.responses import Response, StreamingResponse

from rapide._codegen import Writer
from rapide._run.respond import merge_headers
from rapide.plan.nodes import RoutePlan
from rapide.streaming import ClosingStreamingResponse, chunks_of

__all__ = ["emit", "is_direct", "make_reply"]


def is_direct(plan: RoutePlan) -> bool:
    """A stream is never bytes in one piece."""
    return False


@lru_cache(maxsize=256)
def _closing(response_class: Any) -> type[Any]:
    """Return a subclass that closes its iterator whatever happens."""
    return type(response_class.__name__, (ClosingStreamingResponse, response_class), {})


def _as_it_is(chunk: Any) -> Any:
    return chunk


def _stream_chunks(
    response_class: type[Any], source: Any, status: int | None, injected: Response | None = None
) -> Response:
    effective = (injected.status_code if injected is not None else None) or status
    options = {} if effective is None else {"status_code": effective}
    if issubclass(response_class, StreamingResponse):
        given: Any = response_class
        response_class, source = _closing(given), chunks_of(source, _as_it_is)
    reply: Response = response_class(source, **options)
    merge_headers(reply, injected)
    return reply


def make_reply(plan: RoutePlan, result: Any, injected: Response | None = None) -> Response:
    """Return the stream for what the endpoint returned."""
    return _stream_chunks(
        plan.output.response_class or StreamingResponse, result, plan.output.status_code, injected
    )


def emit(writer: Writer, plan: RoutePlan, *, injected: bool) -> None:
    """Write the making of the stream."""
    maker = writer.bind("stream_chunks", _stream_chunks)
    response_class = writer.bind("response_class", plan.output.response_class)
    arguments = f"{response_class}, result, {plan.output.status_code}" + (", response" if injected else "")
    writer.line(f"reply = {maker}({arguments})")
