"""A task of its own for each run of the application, as a server has it.

No cancel scope of the test reaches into such a task, and no scope stays open between entering a client and
leaving it: test frameworks may do the two in different tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from typing import Any

from anyio import CancelScope, Event, get_cancelled_exc_class, move_on_after

__all__ = ["AppTask"]


class AppTask:
    """Runs `function` in the event loop that runs now, with a copy of the context variables that hold now.

    Whatever it raises is kept in `error`; it is None while the task runs, when all went well, and after
    `stop` had to cancel it.
    """

    def __init__(self, function: Callable[[], Awaitable[None]], name: str) -> None:
        self.error: BaseException | None = None
        self._function = function
        self._scope = CancelScope()
        self._ended = Event()
        # Event loops hold their tasks weakly: somebody must keep them.
        self._handle = _spawn(self._run, name)

    async def _run(self) -> None:
        try:
            with self._scope:
                await self._function()
        except BaseException as exc:
            self.error = exc
            if isinstance(exc, get_cancelled_exc_class()):  # the event loop is going down
                raise
        finally:
            self._ended.set()

    @property
    def ended(self) -> bool:
        """Whether it runs no longer."""
        return self._ended.is_set()

    async def stop(self, patience: float | None) -> bool:
        """Wait until it has ended, at most `patience` seconds, then cancel it and wait for its clean-up.

        Not interrupted when the caller is cancelled. Return whether it ended by itself.
        """
        with move_on_after(patience, shield=True):
            await self._ended.wait()
        by_itself = self.ended
        self._scope.cancel()
        with CancelScope(shield=True):
            await self._ended.wait()
        return by_itself


def _spawn(run: Callable[[], Awaitable[None]], name: str) -> Any:
    """Start a task that belongs to the event loop, not to a task group."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        import trio  # noqa: PLC0415 -- only who runs on Trio has it

        return trio.lowlevel.spawn_system_task(run, name=name, context=copy_context())
    return loop.create_task(_as_coroutine(run), name=name)


async def _as_coroutine(run: Callable[[], Awaitable[None]]) -> None:
    await run()
