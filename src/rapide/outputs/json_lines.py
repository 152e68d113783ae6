"""Generator endpoints as JSON Lines: one value a line (https://jsonlines.org)."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from pydantic_core import from_json, to_json
from starlette.responses import Response

from rapide._codegen import Writer
from rapide._run.respond import encode_exact, merge_headers
from rapide.encoders import jsonable_encoder
from rapide.outputs.base import dump_options, endpoint_context, validator_of
from rapide.plan.nodes import RoutePlan
from rapide.streaming import ClosingStreamingResponse, items_of

__all__ = ["emit", "is_direct", "item_encoder", "make_reply", "untyped_text"]

MEDIA_TYPE = "application/jsonl"


def is_direct(plan: RoutePlan) -> bool:
    """A stream is never bytes in one piece."""
    return False


def item_encoder(plan: RoutePlan) -> Callable[[Any], bytes] | None:
    """Return what encodes the items of a declared type; None when no type is declared."""
    item = plan.output.item
    if item is None:
        return None
    validated = validator_of(item, endpoint_context(plan))
    dump, options = item.serializer.to_json, dump_options(plan.output)
    return lambda value: dump(validated(value), **options)


def untyped_text(value: Any) -> str:
    """Return an item without a declared type as FastAPI writes it: default separators, NaN as null."""
    data = jsonable_encoder(value)
    try:
        return json.dumps(data, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(from_json(to_json(data, inf_nan_mode="null")), ensure_ascii=False)


def _untyped(value: Any) -> bytes:
    return untyped_text(value).encode()


def _reply_maker(plan: RoutePlan) -> Callable[..., Response]:
    encode = item_encoder(plan) or (encode_exact if plan.behaviour.json_policy == "exact" else _untyped)

    async def lines(source: Any) -> AsyncGenerator[bytes, None]:
        async with aclosing(items_of(source)) as items:
            async for item in items:
                yield encode(item) + b"\n"

    def stream_lines(source: Any, injected: Response | None = None) -> Response:
        status = (injected.status_code if injected is not None else None) or plan.output.status_code or 200
        reply = ClosingStreamingResponse(lines(source), status, media_type=MEDIA_TYPE)
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


