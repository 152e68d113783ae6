"""The driver: a WebSocket route's plan to its handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rapide._codegen import Writer, load_function, marked, safe_name
from rapide._compile.names import HANDLER_NAMES, RESERVED_NAMES
from rapide._compile.observed import ObservedStepWriter, write_beginning
from rapide._compile.order import order_steps
from rapide._compile.steps import StepWriter
from rapide.inputs.connection import preparation
from rapide.plan.nodes import ConnectionKind, SocketPlan, walk_calls

__all__ = ["compile_socket"]


def compile_socket(plan: SocketPlan, *, observed: bool = False) -> Callable[..., Any]:
    """Return the ASGI function of a WebSocket route; its text is at `.source`.

    It reports what it does if `observed`.
    """
    writer = Writer(RESERVED_NAMES)
    order = order_steps(plan.endpoint, repeated_errors=plan.behaviour.repeated_errors)
    kinds: set[ConnectionKind] = {
        connection.kind for call in walk_calls(plan.endpoint) for connection in call.connections
    }
    steps = (ObservedStepWriter if observed else StepWriter)(writer, plan, order, kinds)
    generators = [step.edge for step in order.steps if step.edge and step.call.color.endswith("generator")]
    stacks = [
        name for name in ("late", "early") if any(_stack_of(edge.lifetime) == name for edge in generators)
    ]
    name = marked(f"serve_{safe_name(plan.name)}")
    with writer.block(f"async def {name}(scope, receive, send):"):
        if observed:
            write_beginning(writer, plan)
        prepared: tuple[ConnectionKind, ...] = ("response", "background")
        for kind in prepared:
            if kind in kinds:
                writer.want(preparation(kind, plan.behaviour)[0])
        with writer.prepared():
            pass
        _write_nested(writer, steps, stacks)
        if "background" in kinds:
            writer.line("await background()")
    return load_function(writer.text, writer.constants, f"WS {plan.path}", HANDLER_NAMES)


def _stack_of(lifetime: str) -> str:
    return "early" if lifetime == "function" else "late"


def _write_nested(writer: Writer, steps: StepWriter, stacks: list[str]) -> None:
    if not stacks:
        steps.write(lambda: None)
        return
    stack, *inner = stacks
    writer.line(f"{stack} = []")
    with writer.block(f"with CancelScope() as guard_{stack}:"):
        with writer.block("try:"):
            _write_nested(writer, steps, inner)
            writer.line(f"await unwind({stack}, guard_{stack})")
        with writer.block("except BaseException as exc:"):
            writer.line(f"await unwind_failed({stack}, exc, guard_{stack}, responded=True)")
