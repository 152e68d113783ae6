"""No request makes the framework itself fail: whatever is sent, the answer is 2xx or 4xx."""

from dataclasses import replace
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_exchange import exchange
from oracle_functions import Built, Log
from oracle_plans import behaviours, plan_of
from oracle_requests import Sent, requests
from oracle_signatures import Case, Function, cases

from rapide._compile import compile_route
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour
from rapide.errors import DeclarationError


def _harmless(function: Function) -> Function:
    """Return the function without anything that could fail in the user's code."""
    color = "async" if function.color.endswith("stream") else function.color
    return replace(function, color=color, act="return", leave="normal")


@st.composite
def _examples(draw: Any) -> tuple[Case, list[Sent]]:
    case = draw(cases())
    options = {name: value for name, value in case.options if not name.startswith("response")}
    harmless = replace(
        case,
        nodes=tuple(map(_harmless, case.nodes)),
        endpoint=_harmless(case.endpoint),
        options=(*options.items(), ("response_model", None)),
    )
    return harmless, draw(st.lists(requests(harmless), min_size=1, max_size=5))


def _check(example: tuple[Case, list[Sent]], behaviour: Behaviour) -> None:
    case, sent = example
    log = Log()
    try:
        handler = compile_route(plan_of(Built(case, log), behaviour))
    except DeclarationError:
        return  # a mistake in the declaration is found before any request

    async def send_all() -> None:
        for request in sent:
            answer = await exchange(handler, request, behaviour, log)
            assert answer.raised is None
            assert 200 <= answer.messages[0]["status"] < 500
            assert answer.messages[-1]["type"] == "http.response.body"

    anyio.run(send_all)


@pytest.mark.parametrize("behaviour", [RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
@given(example=_examples())
@settings(max_examples=200)
def test_no_request_is_answered_with_a_server_error(
    behaviour: Behaviour, example: tuple[Case, list[Sent]]
) -> None:
    """Where the user's code does not fail, nothing does."""
    _check(example, behaviour)


@given(example=_examples(), behaviour=behaviours())
@settings(max_examples=200)
def test_no_mixture_of_behaviours_lets_a_request_fail(
    example: tuple[Case, list[Sent]], behaviour: Behaviour
) -> None:
    """Each field of a behaviour is safe by itself."""
    _check(example, behaviour)
