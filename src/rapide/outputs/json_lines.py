"""Generator endpoints as JSON Lines: one value a line (https://jsonlines.org)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from rapide._codegen import Writer
from rapide._run.respond import encode_exact, merge_headers
from rapide.outputs.items import item_encoder, untyped_item
from rapide.plan.nodes import RoutePlan
from rapide.streaming import ClosingStreamingResponse, chunks_of

__all__ = ["emit", "is_direct", "make_reply"]

MEDIA_TYPE = "application/jsonl"


def is_direct(plan: RoutePlan) -> bool:
    """A stream is never bytes in one piece."""
    return False


def _reply_maker(plan: RoutePlan) -> Callable[..., Response]:
    encode = item_encoder(plan) or (encode_exact if plan.behaviour.json_policy == "exact" else untyped_item)

    def line(item: Any) -> bytes:
        return encode(item) + b"\n"

    def stream_lines(source: Any, injected: Response | None = None) -> Response:
        status = (injected.status_code if injected is not None else None) or plan.output.status_code or 200
        reply = ClosingStreamingResponse(chunks_of(source, line), status, media_type=MEDIA_TYPE)
        merge_headers(reply, injected)
        return reply

    return stream_lines


def make_reply(plan: RoutePlan, result: Any, injected: Response | None = None) -> Response:
    """Return the stream for what the endpoint returned."""
    return _reply_maker(plan)(result, injected)


def emit(writer: Writer, plan: RoutePlan, *, injected: bool) -> None:
    """Write the making of the stream."""
    maker = writer.bind("stream_lines", _reply_maker(plan))
    writer.line(f"reply = {maker}(result{', response' if injected else ''})")
