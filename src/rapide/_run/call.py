"""Calls with a limit on how many run at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from anyio import Semaphore
from anyio.lowlevel import RunVar

from rapide._lanes import WORK, Lane
from rapide._run.stack import Stack, enter_async, enter_sync
from rapide._run.threads import in_thread, thread_context

__all__ = ["call_limited", "slot_of"]


class Concurrency(Protocol):
    """A limit; declarations that share the object share its slots."""

    limit: int


_semaphores: RunVar[WeakKeyDictionary[Concurrency, Semaphore]] = RunVar("rapide.concurrency")


def slot_of(concurrency: Concurrency) -> Semaphore:
    """Return the semaphore of a declaration in the running event loop."""
    try:
        known = _semaphores.get()
    except LookupError:
        known = WeakKeyDictionary()
        _semaphores.set(known)
    semaphore = known.get(concurrency)
    if semaphore is None:
        known[concurrency] = semaphore = Semaphore(concurrency.limit)
    return semaphore


async def call_limited(
    concurrency: Concurrency,
    color: str,
    function: Callable[..., Any],
    arguments: dict[str, Any],
    stack: Stack,
    lane: Lane = WORK,
) -> Any:
    """Call a dependency when a slot is free; waiting costs no thread.

    A generator keeps its slot until it is left.
    """
    semaphore = slot_of(concurrency)
    await semaphore.acquire()
    if color.endswith("generator"):
        stack.append(semaphore.release)
        if color == "async_generator":
            return await enter_async(stack, function(**arguments))
        context = thread_context()
        return await in_thread(
            lambda: enter_sync(stack, function(**arguments), context), context=context, lane=lane
        )
    try:
        if color == "async":
            return await function(**arguments)
        if color == "inline":
            return function(**arguments)
        return await in_thread(lambda: function(**arguments), lane=lane)
    finally:
        semaphore.release()
