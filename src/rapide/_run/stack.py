"""Leaving `yield` dependencies: the innermost first, each told how what it encloses has ended.

A stack is a list of entered generators and of callables to run. Entries leave the list before they are
closed, so that an exit that fails hands over to the entries further out, exactly as nested `with` statements
do.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextvars import Context
from typing import Any

from anyio import CancelScope

from rapide._lanes import CLEAN_UP
from rapide._run.threads import in_thread
from rapide.errors import FastAPIError
from rapide.exceptions import Disconnected

__all__ = ["SWALLOWED", "Stack", "enter_async", "enter_sync", "leave_sync", "unwind", "unwind_failed"]

# An entered async generator, an entered generator with the context it runs in, or a callable to run.
Entry = AsyncGenerator[Any, None] | tuple[Generator[Any, None, None], Context] | Callable[[], None]
Stack = list[Any]

SWALLOWED = (
    "Response not awaited. There's a high chance that the application code is raising an exception "
    "and a dependency with yield has a block with a bare except, or a block with except Exception, "
    "and is not raising the exception again. "
    "Raise it again with a plain `raise`, or raise another one in its place."
)


async def enter_async(stack: Stack, generator: AsyncGenerator[Any, None]) -> Any:
    """Run an async generator to its `yield` and remember to leave it."""
    try:
        value = await anext(generator)
    except StopAsyncIteration:
        raise RuntimeError("generator didn't yield") from None
    stack.append(generator)
    return value


def enter_sync(stack: Stack, generator: Generator[Any, None, None], context: Context) -> Any:
    """Run a generator to its `yield` and remember to leave it, in the same context."""
    try:
        value = next(generator)
    except StopIteration:
        raise RuntimeError("generator didn't yield") from None
    stack.append((generator, context))
    return value


def _leave_sync(generator: Generator[Any, None, None]) -> None:
    try:
        next(generator)
    except StopIteration:
        return
    generator.close()
    raise RuntimeError("generator didn't stop")


async def _leave_async(generator: AsyncGenerator[Any, None]) -> None:
    try:
        await anext(generator)
    except StopAsyncIteration:
        return
    await generator.aclose()
    raise RuntimeError("generator didn't stop")


def leave_sync(stack: Stack) -> None:
    """Leave generators on the thread at hand, the last entered first; for stacks of nothing else."""
    while stack:
        generator, _ = stack.pop()
        _leave_sync(generator)


def _throw_sync(generator: Generator[Any, None, None], exc: BaseException) -> bool:
    """Throw into a generator; True when it swallowed the exception."""
    try:
        generator.throw(exc)
    except StopIteration as stop:
        return stop is not exc
    finally:
        del exc  # see `unwind_failed`
    generator.close()
    raise RuntimeError("generator didn't stop after throw()")


async def _throw_async(generator: AsyncGenerator[Any, None], exc: BaseException) -> bool:
    try:
        await generator.athrow(exc)
    except StopAsyncIteration as stop:
        return stop is not exc
    finally:
        del exc  # see `unwind_failed`
    await generator.aclose()
    raise RuntimeError("generator didn't stop after athrow()")


async def _leave(entry: Entry) -> None:
    if isinstance(entry, tuple):
        generator, context = entry
        await in_thread(_leave_sync, generator, context=context, lane=CLEAN_UP)
    elif callable(entry):
        entry()
    else:
        await _leave_async(entry)


async def _throw(entry: Entry, exc: BaseException) -> bool:
    try:
        if isinstance(entry, tuple):
            generator, context = entry
            return await in_thread(_throw_sync, generator, exc, context=context, lane=CLEAN_UP)
        if callable(entry):
            entry()
            return False
        return await _throw_async(entry, exc)
    finally:
        del exc  # see `unwind_failed`


async def unwind(stack: Stack, guard: CancelScope) -> None:
    """Leave everything, the last entered first; shielded from cancellation.

    `guard` is a scope that was entered before the first generator: it, and no scope made now, can be the
    shield, because generators may leave scopes of their own. An exit that raises leaves the entries further
    out on the stack, for `unwind_failed`.
    """
    if stack:
        guard.shield = True
        while stack:
            await _leave(stack.pop())
        guard.shield = False


async def unwind_failed(
    stack: Stack, exc: BaseException, guard: CancelScope, *, responded: bool = False
) -> None:
    """Throw `exc` into everything that was entered, the last first, and raise what comes out in the end.

    A generator may raise something else in its place. One that swallows the exception ends it; since there is
    no response then, that is a FastAPIError, unless `responded` says that the client has its answer.
    """
    current: BaseException | None = exc
    guard.shield = True
    while stack:
        entry = stack.pop()
        try:
            if current is None:
                await _leave(entry)
            elif await _throw(entry, current):
                current = None
        except BaseException as raised:  # noqa: BLE001 -- handed to the entries further out, raised at the end
            current = raised
    try:
        if current is not None:
            raise current
        if not responded:
            if isinstance(exc, Disconnected):  # it may be swallowed: nobody waits for an answer
                raise exc
            raise FastAPIError(SWALLOWED) from exc
    finally:
        # What is raised holds this frame: were it to hold what is raised, only a collection could free both,
        # and all that the request holds.
        del current, exc
