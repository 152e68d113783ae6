"""Writing handlers that report what they do to the observation of their request.

Only routes of applications with telemetry are written this way; see `rapide.telemetry`. The steps are those
of every handler, with two differences: the body is always parsed before it is validated, so that it can be
shown, and threads are left between dependencies and endpoint, so that each has a span of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rapide._codegen import Writer
from rapide._compile.order import Step
from rapide._compile.reply import ReplyWriter
from rapide._compile.steps import StepWriter
from rapide._run.forms import FormValues
from rapide._run.sources import MISSING
from rapide.inputs import connection
from rapide.inputs.base import Errors
from rapide.plan.nodes import Call, RoutePlan, SocketPlan
from rapide.telemetry.observation import Observation, observation_of

__all__ = ["ObservedReplyWriter", "ObservedStepWriter", "write_beginning"]


def write_beginning(writer: Writer, plan: RoutePlan | SocketPlan) -> None:
    """Write how a handler finds its observation and shows what it works with."""
    line, name = connection.preparation(
        "websocket" if isinstance(plan, SocketPlan) else "request", plan.behaviour
    )
    writer.line(f"observed = {writer.bind('observation_of', observation_of)}(scope)")
    writer.want(line)
    with writer.prepared():
        writer.line(f"observed.connected({name})")


def _span(writer: Writer, operation: str, endpoint: Call) -> str:
    name = writer.constants.get("endpoint_name", endpoint.qualified_name)
    return f"with observed.span({operation!r}, {writer.bind('endpoint_name', name)}):"


def _report_body(observed: Observation, data: Any) -> None:
    if isinstance(data, FormValues):
        data = data.form
    observed.body_read(None if data is MISSING else data)


def _report_solved(
    observed: Observation, values: dict[str, Any], failed: Mapping[int, Errors], order: Sequence[int]
) -> None:
    errors = [error for number in order for error in failed.get(number, ())]
    if errors:
        # What failed has no value; neither has what depends on it.
        values = {name: value for name, value in values.items() if value is not None and value is not MISSING}
    observed.solved(values, errors)


class ObservedStepWriter(StepWriter):
    """Writes steps with spans around them."""

    def _goes_straight(self) -> bool:
        return False

    def write(self, write_output: Callable[[], None]) -> None:
        """Write everything up to and with the output, which `write_output` writes."""
        if self.fallible:
            self.writer.line("failed = {}")
        operations = list(self._operations(write_output))
        kinds = [operation.kind for operation in operations]
        end = kinds.index("check") if self.fallible else len(operations) - 2
        # A body that is read before everything else is no work of the dependencies.
        waits = "body" in kinds and all(step.after_body for step in self.order.steps[:-1])
        start = kinds.index("body") + 1 if waits else 0
        self._write_all(operations[:start], more=True)
        with self.writer.block(_span(self.writer, "dependencies", self.order.endpoint.call)):
            self._write_all(operations[start:end], more=True)
            with self.writer.prepared():
                self._write_solved()
        self._write_all(operations[end:])

    def _write_solved(self) -> None:
        arguments = ", ".join(f"{name!r}: {value}" for name, value in self._arguments(self.order.endpoint))
        report = self.writer.bind("report_solved", _report_solved)
        order = self.writer.bind("error_order", self.order.errors)
        self.writer.line(
            f"{report}(observed, {{{arguments}}}, {'failed' if self.fallible else '{}'}, {order})"
        )

    def _write_body(self) -> None:
        with self.writer.block("with observed.reading():"):
            super()._write_body()
        self.writer.line(f"{self.writer.bind('report_body', _report_body)}(observed, data)")

    def _write_refusal(self, error: str) -> None:
        super()._write_refusal(f"observed.refused({error})")

    def _write_plain_call(self, step: Step) -> None:
        if step.edge is not None or step.call.color.endswith("generator"):
            super()._write_plain_call(step)
            return
        with self.writer.block(_span(self.writer, "endpoint", step.call)):
            super()._write_plain_call(step)


class ObservedReplyWriter(ReplyWriter):
    """Writes serialization with a span around it."""

    def _write_encoding(self) -> None:
        with self.writer.block(_span(self.writer, "serialization", self.plan.endpoint)):
            super()._write_encoding()
