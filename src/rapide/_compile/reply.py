"""Writing what surrounds the steps: leaving dependencies, sending the response, background tasks."""

from __future__ import annotations

from rapide._codegen import Writer
from rapide._compile.order import Order
from rapide._compile.steps import StepWriter
from rapide._run.respond import PRIVATE, STARTED, has_body
from rapide.inputs.connection import preparation
from rapide.outputs import KINDS
from rapide.outputs.base import text_type
from rapide.plan.nodes import ConnectionKind, RoutePlan

__all__ = ["ReplyWriter"]


class ReplyWriter:
    """Writes the frame of a handler."""

    def __init__(self, writer: Writer, plan: RoutePlan, order: Order, kinds: set[ConnectionKind]) -> None:
        self.writer = writer
        self.plan = plan
        self.output = KINDS[plan.output.kind]
        self.direct: bool = self.output.is_direct(plan)
        self.injected = "response" in kinds
        self.background = "background" in kinds
        generators = [
            step.edge for step in order.steps if step.edge and step.call.color.endswith("generator")
        ]
        self.early = any(edge.lifetime == "function" for edge in generators)
        self.late = any(edge.lifetime == "request" for edge in generators)

    def frame(self, steps: StepWriter) -> None:
        """Write the whole body of a handler."""
        writer = self.writer
        if self.injected:
            writer.want(preparation("response", self.plan.behaviour)[0])
        if self.background:
            writer.want(preparation("background", self.plan.behaviour)[0])
        if self.plan.private:
            writer.line(f"scope[{PRIVATE!r}] = True")
        with writer.prepared():
            pass
        if self.plan.body is None or self.plan.body.kind != "form":
            self._write_late(steps)
            return
        writer.line("data = None")
        with writer.block("try:"):
            self._write_late(steps)
        with writer.block("finally:"):
            writer.line("await close_form(data)")

    def _write_late(self, steps: StepWriter) -> None:
        """Write what happens while dependencies with the request's lifetime are open."""
        writer = self.writer
        if not self.late:
            self._write_early(steps)
            self._write_send()
            return
        writer.line("late = []")
        with writer.block("with CancelScope() as guard_late:"):
            with writer.block("try:"):
                self._write_early(steps)
                if self.plan.behaviour.dependency_exit == "before_response":
                    self._write_leave_before()
                self._write_send()
                writer.line("await unwind(late, guard_late)")
            with writer.block("except BaseException as exc:"):
                writer.line(f"await unwind_failed(late, exc, guard_late, responded={STARTED!r} in scope)")

    def _write_leave_before(self) -> None:
        """Write the exit before the first byte: a stream's dependencies stay open until its last."""
        if self.plan.output.kind in ("plain", "model"):
            with self.writer.block("if reply is None or is_buffered(reply):"):
                self.writer.line("await unwind(late, guard_late)")

    def _write_early(self, steps: StepWriter) -> None:
        """Write what happens while dependencies that end with the function are open."""
        writer = self.writer
        if not self.early:
            steps.write(self._write_output)
            return
        # Where dependencies are left without regard to the answer, one that fails then, and is swallowed by
        # another, leaves the answer as it was made.
        keeps_answer = self.plan.behaviour.dependency_exit == "after_response"
        writer.write("early = []", *(["answered = False"] if keeps_answer else []))
        with writer.block("with CancelScope() as guard_early:"):
            with writer.block("try:"):
                steps.write(self._write_output)
                writer.write(
                    *(["answered = True"] if keeps_answer else []), "await unwind(early, guard_early)"
                )
            with writer.block("except BaseException as exc:"):
                responded = ", responded=answered" if keeps_answer else ""
                writer.line(f"await unwind_failed(early, exc, guard_early{responded})")

    def _write_output(self) -> None:
        writer = self.writer
        if self.plan.output.kind not in ("plain", "model"):
            self.output.emit(writer, self.plan, injected=self.injected)
            return
        writer.line("reply = content = None" if self.direct else "reply = None")
        with writer.block("if isinstance(result, Response):"):
            merge = self.injected and self.plan.behaviour.merge_injected_response
            writer.line("reply = merge_into(result, response)" if merge else "reply = result")
        with writer.block("else:"):
            self._write_encoding()

    def _write_encoding(self) -> None:
        self.output.emit(self.writer, self.plan, injected=self.injected)

    def _write_send(self) -> None:
        writer = self.writer
        send = "send_protected" if self.plan.behaviour.strict_responses else "send_reply"
        options = ", background" if self.background else ""
        if self.late and self.plan.behaviour.cancel_on_disconnect:
            options += ", tell=True"  # there is somebody whom it concerns
        send_reply = f"await {send}(reply, scope, receive, send{options})"
        lines = ["keep_private(reply.raw_headers)", send_reply] if self.plan.private else [send_reply]
        if not self.direct:
            writer.write(*lines)
            return
        with writer.block("if reply is not None:"):
            writer.write(*lines)
        with writer.block("else:"):
            self._write_messages(self.plan.output.status_code or 200)
            if self.background:
                writer.line("await background()")

    def _write_messages(self, status: int) -> None:
        writer = self.writer
        strict = self.plan.behaviour.strict_responses
        if self.injected:
            lenient = "" if strict else ", strict=False"
            if self.plan.private:
                writer.line("keep_private(response.raw_headers)")
            writer.line(f"await send_body(scope, send, {status}, content, response{lenient})")
            return
        writer.line(f"scope[{STARTED!r}] = True")
        no_store = ", NO_STORE" if self.plan.private else ""
        if has_body(status):
            text = text_type(self.plan)
            content_type = "JSON_TYPE" if text is None else f'(b"content-type", {text!r})'
            nosniff = ", NOSNIFF" if strict else ""
            if strict and text is not None and text.startswith(b"text/html"):
                nosniff += ", *FOR_PAGES"
            headers = f'[(b"content-length", b"%d" % len(content)), {content_type}{no_store}{nosniff}]'
        else:
            headers = f"[{no_store[2:]}]" if strict else f"[JSON_TYPE{no_store}]"
            writer.line('content = b""')
        writer.line(
            f'await send({{"type": "http.response.start", "status": {status}, "headers": {headers}}})'
        )
        writer.line('await send({"type": "http.response.body", "body": content})')
