"""Results without a model: any data that JSON can say."""

from __future__ import annotations

from rapide._codegen import Writer
from rapide.outputs.base import emit_reply, text_type
from rapide.plan.nodes import RoutePlan

__all__ = ["emit", "is_direct"]


def is_direct(plan: RoutePlan) -> bool:
    """Tell whether the result becomes bytes without a response object."""
    return plan.output.response_class is None or text_type(plan) is not None


def emit(writer: Writer, plan: RoutePlan, *, injected: bool) -> None:
    """Write the encoding of `result`."""
    if plan.output.response_class is None:
        encode = "encode_exact" if plan.behaviour.json_policy == "exact" else "encode_fastapi"
        writer.line(f"content = {encode}(result)")
    else:
        emit_reply(
            writer, plan, "result if type(result) is str else jsonable_encoder(result)", injected=injected
        )
