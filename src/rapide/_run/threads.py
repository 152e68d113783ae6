"""Running plain functions on threads."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

__all__ = ["adopt", "in_thread", "thread_context"]

T = TypeVar("T")

# Leaving a dependency must not wait behind entering one: clean-up has a lane of its own.
_reserved_lane: RunVar[CapacityLimiter] = RunVar("rapide.reserved_lane")
_RESERVED_THREADS = 8


def _lane(*, reserved: bool) -> CapacityLimiter | None:
    if not reserved:
        return None
    try:
        return _reserved_lane.get()
    except LookupError:
        limiter = CapacityLimiter(_RESERVED_THREADS)
        _reserved_lane.set(limiter)
        return limiter


def thread_context() -> Context:
    """Return the context in which all plain functions of one request run."""
    return copy_context()


def adopt(context: Context) -> None:
    """Take over what plain functions set in context variables, so that the code after them sees it."""
    for variable, value in context.items():
        _set_if_changed(variable, value)


_NOTHING: Any = object()


def _set_if_changed(variable: ContextVar[Any], value: Any) -> None:
    if variable.get(_NOTHING) is not value:
        variable.set(value)


async def in_thread(
    function: Callable[..., T], *args: Any, context: Context | None = None, reserved: bool = False
) -> T:
    """Run `function` on a worker thread and return its result.

    With `context` it runs in that context, so that several hops of one request share it; otherwise in a copy of the current
    one. `reserved` takes the lane that clean-up uses.
    """
    call = partial(function, *args) if args else function
    if context is not None:
        call = partial(context.run, call)
    return await to_thread.run_sync(call, limiter=_lane(reserved=reserved))
