"""Handlers that report what they do answer exactly as those that do not."""

from typing import Any

import anyio
import pytest
from hypothesis import given, reject, settings
from oracle_exchange import exchange
from oracle_functions import Built, Log
from oracle_plans import plan_of
from oracle_requests import Sent
from oracle_signatures import Case
from test_agreement import _examples

from rapide._compile import compile_route
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour
from rapide.errors import DeclarationError
from rapide.telemetry.observation import SCOPE_KEY, Observation


class Balanced(Observation):
    """Takes reports, and looks at their order."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.seen: list[str] = []

    def span(self, operation: Any, function: str) -> Any:
        """Return a context that notes when it is entered and left."""
        return _Noted(self, operation)


class _Noted:
    def __init__(self, observation: Balanced, operation: str) -> None:
        self.observation = observation
        self.operation = operation

    def __enter__(self) -> None:
        self.observation.open.append(self.operation)
        self.observation.seen.append(self.operation)

    def __exit__(self, *exc: object) -> None:
        assert self.observation.open.pop() == self.operation


@pytest.mark.parametrize("behaviour", [RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
@given(example=_examples())
@settings(max_examples=120)
def test_observed_handlers_answer_as_all_others(
    behaviour: Behaviour, example: tuple[Case, list[Sent]]
) -> None:
    """Messages, calls and exits are the same, and operations come one after the other."""
    case, sent = example
    log = Log()
    try:
        plan = plan_of(Built(case, log), behaviour)
    except DeclarationError:
        reject()
    plain = compile_route(plan)
    observed = compile_route(plan, observed=True)
    observations: list[Balanced] = []

    async def recorded(scope: Any, receive: Any, send: Any) -> None:
        observations.append(Balanced())
        scope[SCOPE_KEY] = observations[-1]
        await observed(scope, receive, send)

    async def compare() -> None:
        for request in sent:
            expected = await exchange(plain, request, behaviour, log)
            assert await exchange(observed, request, behaviour, log) == expected
            assert await exchange(recorded, request, behaviour, log) == expected

    anyio.run(compare)
    for observation in observations:
        assert observation.open == []
        assert observation.seen == ["dependencies", "endpoint", "serialization"][: len(observation.seen)]
