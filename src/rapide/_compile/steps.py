"""Writing the steps of a request: reading inputs, receiving the body, calling dependencies and endpoint.

Steps are written in runs. A run that has plain functions in it becomes one inner function, which goes to a
worker thread in one hop with everything between the first and the last of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from rapide._codegen import Writer
from rapide._compile.order import Order, Step
from rapide._compile.trips import Trips
from rapide._compile.waiting import may_wait
from rapide.inputs import connection, form
from rapide.inputs.body import emit_member, emit_whole, goes_straight, json_reading
from rapide.inputs.table import kind_of
from rapide.outputs import KINDS
from rapide.outputs.base import endpoint_context
from rapide.plan.nodes import ConnectionKind, Input, RoutePlan, SocketPlan

__all__ = ["StepWriter"]


@dataclass(frozen=True, eq=False)
class _Operation:
    """One thing to write.

    `threaded` is True on a thread, False on the event loop, None wherever its neighbours are.
    """

    kind: Literal["read", "body", "call", "check", "output"]
    threaded: bool | None
    step: Step | None = None
    inputs: tuple[Input, ...] = ()
    write: Callable[[], None] | None = None


class StepWriter:
    """Writes all that happens between the arrival of a request and its result."""

    def __init__(
        self, writer: Writer, plan: RoutePlan | SocketPlan, order: Order, kinds: set[ConnectionKind]
    ) -> None:
        self.writer = writer
        self.plan = plan
        self.order = order
        self.kinds = kinds
        self.body = plan.body
        self.reads_body = isinstance(plan, RoutePlan) and plan.body is not None
        self.fallible = any(step.fallible for step in order.steps)
        json = self.body is not None and self.body.kind == "json"
        self.whole = self.body.inputs[0] if self.body is not None and json and not self.body.embed else None
        self.straight = self.reads_body and self.whole is not None and self._goes_straight()
        cancels = isinstance(plan, RoutePlan) and plan.cancels
        self.waiting = {step for step in order.steps if cancels and _may_wait(step)}
        self._runs = 0
        self._trips = Trips(writer)

    def _goes_straight(self) -> bool:
        assert self.body is not None  # noqa: S101 -- asked before
        takers = [item for step in self.order.steps for item in step.late]
        assert isinstance(self.plan, RoutePlan)  # noqa: S101 -- sockets have no body
        if self.plan.behaviour.unique_json_keys:  # which only the parsed text tells
            return False
        return self.body.kind == "json" and all(goes_straight(item) for item in takers)

    # --------------------------------------------------------------------------------------------- what to do

    def _operations(self, write_output: Callable[[], None]) -> Iterator[_Operation]:
        endpoint = self.order.endpoint
        early = [step for step in self.order.steps[:-1] if not step.after_body]
        for step in early:
            yield from self._of_dependency(step)
        if endpoint.early:
            yield _Operation("read", None, endpoint, endpoint.early)
        if self.reads_body:
            yield _Operation("body", False)
        for step in self.order.steps[len(early) : -1]:
            yield from self._of_dependency(step)
        if endpoint.late:
            yield _Operation("read", None, endpoint, endpoint.late)
        if self.fallible:
            yield _Operation("check", None, write=self._write_check)
        yield _Operation("call", _runs_threaded(endpoint), endpoint)
        yield _Operation("output", None, write=write_output)

    def _of_dependency(self, step: Step) -> Iterator[_Operation]:
        if step.early:
            yield _Operation("read", None, step, step.early)
        if step.late:
            yield _Operation("read", None, step, step.late)
        yield _Operation("call", _runs_threaded(step), step)

    def write(self, write_output: Callable[[], None]) -> None:
        """Write everything up to and with the output, which `write_output` writes."""
        if self.fallible:
            self.writer.line("failed = {}")
        self._write_all(list(self._operations(write_output)))

    def _write_all(self, operations: list[_Operation], *, more: bool = False) -> None:
        """Write operations; `more` says that others follow, which need what these leave."""
        position = 0
        while position < len(operations):
            end = _end_of_run(operations, position)
            if end == position:
                with self.writer.prepared():
                    self._write(operations[position])
                position += 1
            else:
                self._write_run(operations[position:end], last=end == len(operations) and not more)
                position = end

    # ------------------------------------------------------------------------------------------------ threads

    def _write_run(self, operations: list[_Operation], *, last: bool) -> None:
        """Write a run of operations as one function for a worker thread."""
        self._runs += 1
        writer, name = self.writer, f"on_thread_{self._runs}"
        called = [op.step for op in operations if op.kind == "call" and op.step]
        context = not last or any(step.call.color == "sync_generator" for step in called)
        results = self._results(operations)
        with writer.prepared():
            if context:
                writer.line("context = thread_context()")
            with writer.block(f"def {name}():"):
                for operation in operations:
                    self._write(operation)
                if operations[-1].kind == "output":
                    self._write_leave()
                if results:
                    writer.line(f"return {', '.join(results)}")
            options = ", context=context" if context else ""
            hop = f"await in_thread({name}{options}{self._trips.lane_argument()})"
            self._trips.made(called)
            writer.line(f"{', '.join(results)} = {hop}" if results else hop)
            if context and not last:
                writer.line("adopt(context)")

    def _write_leave(self) -> None:
        """Write the exit of plain generators into the hop that made the answer, where that is the time."""
        steps = (step for step in self.order.steps if step.edge)
        generators = [step for step in steps if step.call.color.endswith("generator")]
        plain = all(step.call.color == "sync_generator" and _runs_threaded(step) for step in generators)
        if not plain or self.plan.behaviour.dependency_exit != "before_response":
            return
        lifetimes = {step.edge.lifetime for step in generators if step.edge}
        if "function" in lifetimes:
            self.writer.line("leave_sync(early)")
        if "request" in lifetimes and self._is_buffered():
            with self.writer.block("if reply is None or is_buffered(reply):"):
                self.writer.line("leave_sync(late)")

    def _is_buffered(self) -> bool:
        return isinstance(self.plan, RoutePlan) and self.plan.output.kind in ("plain", "model")

    def _results(self, operations: list[_Operation]) -> list[str]:
        """Return the variables that a run leaves to what follows it."""
        called = {op.step for op in operations if op.kind == "call"}
        names: list[str] = []
        for operation in operations:
            if operation.kind == "read" and operation.step not in called:
                assert operation.step is not None  # noqa: S101 -- reads belong to a step
                names.extend(_variable(operation.step, item) for item in operation.inputs)
            elif operation.kind == "output":
                names = [name for name in names if name != "result"]
                names.extend(("reply", "content") if self._has_both() else ("reply",))
            elif operation.kind == "call" and operation.step is not None:
                names.append(operation.step.result)
        return names

    def _has_both(self) -> bool:
        return isinstance(self.plan, RoutePlan) and KINDS[self.plan.output.kind].is_direct(self.plan)

    # --------------------------------------------------------------------------------------------- operations

    def _write(self, operation: _Operation) -> None:
        if operation.write is not None:
            operation.write()
        elif operation.kind == "body":
            self._write_body()
        elif operation.kind == "read":
            assert operation.step is not None  # noqa: S101 -- reads belong to a step
            self._write_read(operation.step, operation.inputs)
        elif operation.step is not None:
            self._write_call(operation.step)

    def _write_read(self, step: Step, inputs: tuple[Input, ...]) -> None:
        writer = self.writer
        late = inputs[0].kind in ("body", "form")
        variables = ", ".join(_variable(step, item) for item in inputs)
        bound = writer.bind(f"inputs_{step.number}{'_body' if late and step.early else ''}", inputs)
        whole = f", whole={writer.bind(f'input_{inputs[0].name}', inputs[0])}" if late and self.whole else ""
        if late and not self.reads_body:
            writer.line(f"[{variables}] = read_again({bound}, Sources(scope), failed, {step.number}{whole})")
            return
        in_form = late and self.body is not None and self.body.kind == "form"
        if in_form and not any(form.is_text(item) for item in inputs):
            # There is no faster reading of a file or a model than the exact one.
            writer.line(f"[{variables}] = read_again({bound}, Sources(scope, data), failed, {step.number})")
            return
        with writer.block("try:"):
            for item in inputs:
                self._write_input(step, item)
        with writer.block("except Invalid:"):
            sources = "Sources(scope)"
            if late:
                if self.straight:
                    writer.line(f"data = {self._load()}")
                sources = "Sources(scope, data)"
            writer.line(f"[{variables}] = read_again({bound}, {sources}, failed, {step.number}{whole})")

    def _write_input(self, step: Step, item: Input) -> None:
        target = _variable(step, item)
        if self.body is not None and self.body.kind == "form" and item.kind in ("body", "form"):
            form.emit(self.writer, item, target)
        elif item.kind == "body":
            if self.whole is not None:
                emit_whole(self.writer, item, target, straight=self.straight, guard=self._is_json())
            else:
                emit_member(self.writer, item, target)
        else:
            kind_of(item).emit(self.writer, item, target)

    def _write_call(self, step: Step) -> None:
        if step.edge is None or not step.failing:
            self._write_plain_call(step)
            return
        numbers = "{" + ", ".join(str(number) for number in sorted(step.failing)) + "}"
        with self.writer.block(f"if not failed or failed.keys().isdisjoint({numbers}):"):
            self._write_plain_call(step)
        with self.writer.block("else:"):
            self.writer.line(f"{step.result} = None")

    def _write_plain_call(self, step: Step) -> None:
        call, edge, writer = step.call, step.edge, self.writer
        function = writer.bind(
            f"call_{getattr(call.function, '__name__', type(call.function).__name__)}", call.function
        )
        arguments = list(self._arguments(step))
        stack = "early" if edge is not None and edge.lifetime == "function" else "late"
        if edge is not None and edge.concurrency is not None:
            limit = writer.bind("concurrency", edge.concurrency)
            mapping = "{" + ", ".join(f"{name!r}: {value}" for name, value in arguments) + "}"
            stack = stack if call.color.endswith("generator") else "[]"
            threaded = call.color in ("sync", "sync_generator")
            lane = self._trips.lane_argument() if threaded else ""
            writer.line(
                f"{step.result} = await "
                + self._attended(
                    f"call_limited({limit}, {call.color!r}, {function}, {mapping}, {stack}{lane})", step
                )
            )
            if threaded:
                self._trips.made([step])
            self._trips.opened_by(step)
            return
        made = f"{function}({', '.join(f'{name}={value}' for name, value in arguments)})"
        if edge is not None and call.color == "sync_generator":
            made = f"enter_sync({stack}, {made}, context)"
        elif edge is not None and call.color == "async_generator":
            made = f"await {self._attended(f'enter_async({stack}, {made})', step)}"
            self._trips.opened_by(step)
        elif call.color == "async":
            made = f"await {self._attended(made, step)}"
        writer.line(f"{step.result} = {made}")

    def _attended(self, made: str, step: Step) -> str:
        """Return how a call is written that is cancelled when its client leaves, if it can wait at all."""
        return f"while_client_waits({made}, receive)" if step in self.waiting else made

    def _arguments(self, step: Step) -> Iterator[tuple[str, str]]:
        for item in step.call.inputs:
            yield item.name, _variable(step, item)
        socket = isinstance(self.plan, SocketPlan)
        for special in step.call.connections:
            if connection.is_foreign(special.kind, socket=socket):
                continue
            if special.kind == "scopes":
                scopes = list(step.edge.scopes) if step.edge is not None else []
                yield special.name, f"SecurityScopes({scopes!r})"
                continue
            line, name = connection.preparation(special.kind, self.plan.behaviour, socket=socket)
            self.writer.want(line)
            yield special.name, name
        for name, inner in step.arguments:
            if name:
                yield name, inner.result

    # ----------------------------------------------------------------------------------------------- the body

    def _is_json(self) -> str:
        assert isinstance(self.plan, RoutePlan)  # noqa: S101 -- sockets have no body
        assert self.whole is not None  # noqa: S101 -- only a whole body is read from its bytes
        strict, behaviour = self.plan.strict_content_type, self.plan.behaviour
        if not behaviour.strict_json:
            return f"is_json(scope, strict={strict})"
        guard = f"is_plain_json(body, scope, strict={strict})"
        if json_reading(self.plan).max_depth is None:
            return guard
        return f"({guard} and is_modest(body, {behaviour.max_json_depth}))"

    def _load(self) -> str:
        assert isinstance(self.plan, RoutePlan)  # noqa: S101 -- sockets have no body
        return f"load_body(body, scope, {self.writer.bind('json_reading', json_reading(self.plan))})"

    def _limit(self) -> int | None:
        assert isinstance(self.plan, RoutePlan)  # noqa: S101 -- sockets have no body
        assert self.body is not None  # noqa: S101 -- asked before
        if self.plan.limits.max_body_size is not None:
            return self.plan.limits.max_body_size
        return self.plan.behaviour.max_json_size

    def _write_body(self) -> None:
        assert isinstance(self.plan, RoutePlan)  # noqa: S101 -- sockets have no body
        assert self.body is not None  # noqa: S101 -- asked before
        writer = self.writer
        shared = bool(self.kinds & {"request", "connection"})
        if shared or self.body.kind == "form":
            writer.want(connection.preparation("request")[0])
        if self.body.kind == "form":
            reading = writer.bind("form_reading", form.form_reading(self.plan))
            writer.line(f"data = await read_form(request, {reading})")
            return
        limits = f"{self._limit()}, {self.plan.behaviour.body_timeout}"
        receive = (
            f"requested_body(request, {limits})" if shared else f"receive_body(scope, receive, {limits})"
        )
        writer.line(f"body = await {receive}")
        if not self.straight:
            writer.line(f"data = {self._load()}")

    def _write_check(self) -> None:
        writer = self.writer
        data = "MISSING"
        if self.body is not None:
            data = self._load() if self.straight else "data"
        order = writer.bind("error_order", self.order.errors)
        with writer.block("if failed:"):
            context = writer.bind("endpoint_context", endpoint_context(self.plan))
            repeated = ", repeated=True" if self.plan.behaviour.repeated_errors else ""
            if isinstance(self.plan, SocketPlan):
                self._write_refusal(f"invalid_socket(failed, {order}, {context}, scope{repeated})")
                return
            self._write_refusal(f"invalid_request(failed, {order}, {data}, {context}, scope{repeated})")

    def _write_refusal(self, error: str) -> None:
        self.writer.line(f"raise {error}")


def _variable(step: Step, item: Input) -> str:
    return f"v{step.number}_{item.name}"


def _may_wait(step: Step) -> bool:
    """Tell whether a call can keep the event loop waiting; one that is limited waits for its slot."""
    if step.edge is not None and step.edge.concurrency is not None:
        return True
    made_only = step.edge is None and step.call.color.endswith("generator")
    return step.call.color.startswith("async") and not made_only and may_wait(step.call.function)


def _runs_threaded(step: Step) -> bool | None:
    """Tell where a call runs: a limited one is the event loop's, which waits for the slot."""
    color = step.call.color
    if step.edge is not None and step.edge.concurrency is not None:
        return False
    if step.edge is None and color.endswith("generator"):
        return None  # a stream: calling it only makes the generator
    if color in ("sync", "sync_generator"):
        return True
    return None if color == "inline" else False


def _end_of_run(operations: list[_Operation], start: int) -> int:
    """Return where the run of threaded operations that begins at `start` ends.

    It is `start` itself when none begins there.
    """
    if operations[start].threaded is not True:
        return start
    end = start + 1
    for position in range(start + 1, len(operations)):
        operation = operations[position]
        if operation.threaded is False:
            break
        if operation.threaded is True or (operation.kind == "output" and end == position):
            end = position + 1
    return end
