"""Generated handlers and the interpreter agree on everything that can be seen of them."""

from typing import Annotated, Any, Literal

import anyio
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from oracle_exchange import exchange
from oracle_functions import Built, Log
from oracle_plans import behaviours, plan_of
from oracle_requests import Sent, requests
from oracle_signatures import Case, Function, Parameter, Use, cases

from rapide import Body
from rapide._compile import compile_route
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour
from rapide.errors import DeclarationError
from rapide.routing.request_handler import as_asgi, request_handler


@st.composite
def _examples(draw: Any) -> tuple[Case, list[Sent]]:
    case = draw(cases())
    return case, draw(st.lists(requests(case), min_size=1, max_size=4))


def _check(example: tuple[Case, list[Sent]], behaviour: Behaviour, backend: Any) -> None:
    case, sent = example
    log = Log()
    try:
        plan = plan_of(Built(case, log), behaviour)
    except DeclarationError:
        reject()
    handler = compile_route(plan)
    slow = as_asgi(request_handler(plan), plan)

    async def compare() -> None:
        for request in sent:
            fast = await exchange(handler, request, behaviour, log)
            expected = await exchange(slow, request, behaviour, log)
            assert fast == expected

    anyio.run(compare, backend=backend[0], backend_options=backend[1])


_ASYNCIO = ("asyncio", {"use_uvloop": False})
_UVLOOP = ("asyncio", {"use_uvloop": True})
_TRIO = ("trio", {})


@pytest.mark.parametrize("behaviour", [RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
@given(example=_examples())
@settings(max_examples=200)
def test_handler_and_interpreter_agree_on_generated_routes(
    behaviour: Behaviour, example: tuple[Case, list[Sent]]
) -> None:
    """Status, headers, body, errors, and the order of calls and exits are the same."""
    _check(example, behaviour, _ASYNCIO)


@pytest.mark.parametrize("behaviour", [RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
@pytest.mark.parametrize("leave", ["swallow", "normal"])
def test_handler_and_interpreter_agree_when_a_stream_fails_in_the_middle(
    leave: str, behaviour: Behaviour
) -> None:
    """A dependency that swallows the failure of a response that has begun is no second failure."""
    guard = Function("async_generator", leave=leave)
    case = Case((guard,), Function("async_stream", act="http_error"), [], (Use(0, "u0"),))
    _check((case, [Sent()]), behaviour, _ASYNCIO)


@pytest.mark.parametrize("behaviour", [RAPIDE, FASTAPI], ids=["rapide", "fastapi"])
@pytest.mark.parametrize("scope", ["function", "request"])
def test_handler_and_interpreter_agree_when_it_is_swallowed_that_the_client_left(
    scope: Literal["function", "request"], behaviour: Behaviour
) -> None:
    """Amid its body, before any answer: no dependency is blamed for it."""
    text = Parameter("a", "body", None, Annotated[str, Body()])
    guard = Function("async_generator", leave="swallow")
    case = Case((guard,), Function("async", (text,)), {}, (Use(0, "u0", scope=scope),))
    json = ((b"content-type", b"application/json"),)
    _check((case, [Sent(headers=json, chunks=(b'"x',), leaves=True)]), behaviour, _ASYNCIO)


@given(example=_examples(), behaviour=behaviours())
@settings(max_examples=150)
def test_handler_and_interpreter_agree_whatever_the_behaviour(
    example: tuple[Case, list[Sent]], behaviour: Behaviour
) -> None:
    """Each field of a behaviour means the same to both, and none depends on another."""
    _check(example, behaviour, _ASYNCIO)


@pytest.mark.row("CON-16")
@pytest.mark.parametrize("backend", [_UVLOOP, _TRIO], ids=["uvloop", "trio"])
@given(example=_examples())
@settings(max_examples=60)
def test_handler_and_interpreter_agree_on_every_event_loop(
    backend: Any, example: tuple[Case, list[Sent]]
) -> None:
    """Threads, exits and streams behave alike on uvloop and on trio."""
    _check(example, RAPIDE, backend)
