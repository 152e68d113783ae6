"""The order of a request's steps: which calls run, once each, before the body is needed and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rapide.plan.nodes import Call, Dependency, Input

__all__ = ["Order", "Step", "order_steps"]


@dataclass(eq=False)
class Step:
    """One call of the graph in a handler.

    `number` names its variables, `early` the inputs that need no body, `late` those that do. `failing` are
    the numbers of all steps whose bad inputs keep this call from running.
    """

    number: int
    call: Call
    edge: Dependency | None
    arguments: list[tuple[str, Step]] = field(default_factory=list)
    late: tuple[Input, ...] = ()
    early: tuple[Input, ...] = ()
    after_body: bool = False
    failing: frozenset[int] = frozenset()

    @property
    def fallible(self) -> bool:
        """Whether reading its own inputs can fail."""
        return bool(self.early or self.late)

    @property
    def result(self) -> str:
        """The variable that holds its result."""
        return f"d{self.number}" if self.edge else "result"


@dataclass(eq=False)
class Order:
    """All steps, the endpoint last, and the order in which their errors are reported."""

    steps: list[Step]
    errors: tuple[int, ...]

    @property
    def endpoint(self) -> Step:
        """The step of the endpoint."""
        return self.steps[-1]


class _Walk:
    def __init__(self, *, repeated_errors: bool) -> None:
        self.steps: list[Step] = []
        self.known: dict[tuple[Any, ...], Step] = {}
        self.errors: list[int] = []
        self.repeated_errors = repeated_errors

    def visit(self, call: Call, edge: Dependency | None) -> Step:
        if edge is not None and edge.use_cache and edge.cache_key in self.known:
            step = self.known[edge.cache_key]
            if self.repeated_errors:
                # The later use is solved like the first before its result is looked up.
                for inner in call.dependencies:
                    self.visit(inner.call, inner)
                self.errors.append(step.number)
            return step
        arguments = [(inner.name or "", self.visit(inner.call, inner)) for inner in call.dependencies]
        step = Step(len(self.steps) + 1, call, edge, arguments, call.inputs_of("body", "form"))
        step.early = tuple(item for item in call.inputs if item not in step.late)
        step.after_body = bool(step.late) or any(inner.after_body for _, inner in arguments)
        below = frozenset().union(*(inner.failing for _, inner in arguments))
        step.failing = below | {step.number} if step.fallible else below
        self.steps.append(step)
        if edge is not None:
            self.known.setdefault(edge.cache_key, step)
        self.errors.append(step.number)
        return step


def order_steps(endpoint: Call, *, repeated_errors: bool) -> Order:
    """Return the steps of a graph: depth first, in the order of declaration, each shared result once.

    What needs no body comes before everything that does, so that a refused client's body is never read.
    """
    walk = _Walk(repeated_errors=repeated_errors)
    walk.visit(endpoint, None)
    early = [step for step in walk.steps[:-1] if not step.after_body]
    late = [step for step in walk.steps[:-1] if step.after_body]
    return Order([*early, *late, walk.steps[-1]], tuple(walk.errors))
