"""The driver: an HTTP route's plan to its handler.

The handler is a straight line: read, call, answer. Values that are missing or bad leave the line once, to be
read again exactly; everything that could be decided from the plan alone has been decided when the text is
written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from rapide._codegen import Writer, load_function, marked, safe_name
from rapide._compile.names import HANDLER_NAMES, RESERVED_NAMES
from rapide._compile.observed import ObservedReplyWriter, ObservedStepWriter, write_beginning
from rapide._compile.order import Order, order_steps
from rapide._compile.reply import ReplyWriter
from rapide._compile.steps import StepWriter
from rapide.plan.nodes import ConnectionKind, RoutePlan, walk_calls

__all__ = ["compile_route"]


def compile_route(plan: RoutePlan, *, observed: bool = False) -> Callable[..., Any]:
    """Return the ASGI function of a route; its text is at `.source`.

    It reports what it does if `observed`.
    """
    return (ObservedHandlerWriter(plan) if observed else HandlerWriter(plan)).load()


class HandlerWriter:
    """Writes one handler."""

    step_writer: ClassVar[type[StepWriter]] = StepWriter
    reply_writer: ClassVar[type[ReplyWriter]] = ReplyWriter

    def __init__(self, plan: RoutePlan) -> None:
        self.plan = plan
        self.writer = Writer(RESERVED_NAMES)
        self.order: Order = order_steps(plan.endpoint, repeated_errors=plan.behaviour.repeated_errors)
        self.kinds: set[ConnectionKind] = {
            connection.kind for call in walk_calls(plan.endpoint) for connection in call.connections
        }
        self.steps = self.step_writer(self.writer, plan, self.order, self.kinds)
        self.reply = self.reply_writer(self.writer, plan, self.order, self.kinds)

    def load(self) -> Callable[..., Any]:
        """Write, compile and return the handler."""
        plan, writer = self.plan, self.writer
        name = marked(f"handle_{safe_name(plan.name)}")
        with writer.block(f"async def {name}(scope, receive, send):"):
            if self.steps.waiting and self.kinds & {"request", "connection"}:
                writer.line("receive = Postbox(receive)")
            self._write_frame()
        label = f"{plan.methods[0] if plan.methods else 'ANY'} {plan.path}"
        return load_function(writer.text, writer.constants, label, HANDLER_NAMES)

    def _write_frame(self) -> None:
        self.reply.frame(self.steps)


class ObservedHandlerWriter(HandlerWriter):
    """Writes a handler that reports what it does."""

    step_writer = ObservedStepWriter
    reply_writer = ObservedReplyWriter

    def __init__(self, plan: RoutePlan) -> None:
        super().__init__(plan)
        # The request is made in any case: everything reads from the one that is shown.
        self.kinds.add("request")

    def _write_frame(self) -> None:
        write_beginning(self.writer, self.plan)
        super()._write_frame()
