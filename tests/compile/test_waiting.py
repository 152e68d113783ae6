"""Functions that can wait, by their code."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from rapide._compile.waiting import may_wait


async def _at_once(a: int = 0) -> int:
    return a


async def _items() -> AsyncIterator[int]:
    yield 1


async def _awaits() -> None:
    await asyncio.sleep(0)


async def _loops() -> list[int]:
    return [item async for item in _items()]


@asynccontextmanager
async def _manager() -> AsyncIterator[None]:
    yield


async def _enters() -> None:
    async with _manager():
        pass


async def _opens() -> AsyncIterator[None]:
    async with _manager():
        yield


class _Object:
    async def __call__(self) -> int:
        return 1

    async def method(self) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize("function", [_at_once, _items, partial(_at_once, a=1), _Object()])
def test_function_without_an_await_cannot_wait(function: Any) -> None:
    """It is over when it was called, and nobody can leave meanwhile."""
    assert may_wait(function) is False


@pytest.mark.parametrize(
    "function",
    [_awaits, _loops, _enters, _opens, partial(partial(_awaits)), _Object().method, asyncio.sleep, print],
)
def test_function_that_awaits_or_has_no_code_may_wait(function: Any) -> None:
    """Whatever it awaits, and however it is written."""
    assert may_wait(function) is True
