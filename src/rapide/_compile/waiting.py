"""Which functions can wait at all: their code says so."""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import partial
from typing import Any

__all__ = ["may_wait"]

_WAITING = frozenset({"GET_AWAITABLE", "GET_ANEXT"})


def may_wait(function: Callable[..., Any]) -> bool:
    """Tell whether an async function awaits anything; True where there is no code to look at."""
    while isinstance(function, partial):
        function = function.func
    code = getattr(function, "__code__", None)
    if code is None:  # an object with a method __call__
        code = getattr(getattr(function, "__call__", None), "__code__", None)  # noqa: B004 -- it is callable
    return code is None or any(step.opname in _WAITING for step in dis.get_instructions(code))
