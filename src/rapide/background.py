"""Work that starts when the response has been sent."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from starlette.background import BackgroundTask
from starlette.background import BackgroundTasks as StarletteBackgroundTasks

__all__ = ["BackgroundTasks", "ChainedBackgroundTasks"]

_logger = logging.getLogger("rapide")

# What stands between the loop and a task: nothing that explains why it failed.
_MACHINERY = frozenset({"rapide", "starlette", "anyio", "asyncio"})

_Surroundings = Callable[[Callable[..., Any]], AbstractContextManager[Any]]

# Makes, for the function of a task, what the task runs in. Telemetry sets it where it records a request.
task_surroundings: ContextVar[_Surroundings | None] = ContextVar("rapide.task_surroundings", default=None)


class BackgroundTasks(StarletteBackgroundTasks):
    """The tasks of one request. Declare a parameter of this type to receive them.

    `add_task(func, *args, **kwargs)` adds a call. The calls run one after the other once the response has
    been sent, `def` functions in a worker thread. A call that raises is logged as an error of the logger
    "rapide", and the others run: each is a piece of work of its own.
    """

    async def __call__(self) -> None:
        """Run the tasks."""
        surroundings = task_surroundings.get()
        for task in self.tasks:
            try:
                await _run(task, surroundings)
            except Exception as exc:  # noqa: BLE001 -- whatever a task raises concerns no other
                self._failed(task, exc)

    def _failed(self, task: BackgroundTask, exc: Exception) -> None:
        """Log what a task raised, from its own code on."""
        name = getattr(task.func, "__qualname__", None) or repr(task.func)
        traceback = _from_task(exc.__traceback__)
        _logger.error("The background task %s failed", name, exc_info=(type(exc), exc, traceback))
        # The exception keeps no frames: it and the frame that holds it would keep each other.
        exc.__traceback__ = None


class ChainedBackgroundTasks(BackgroundTasks):
    """The tasks of one request, of which one that raises ends the row: the rest does not run."""

    def _failed(self, task: BackgroundTask, exc: Exception) -> None:
        raise exc


async def _run(task: BackgroundTask, surroundings: _Surroundings | None) -> None:
    if surroundings is None:
        await task()
        return
    with surroundings(task.func):
        await task()


def _from_task(traceback: TracebackType | None) -> TracebackType | None:
    """Return a traceback without the frames that lead to the task's own code, if any of it is there."""
    own = traceback
    while own is not None and own.tb_frame.f_globals.get("__name__", "").partition(".")[0] in _MACHINERY:
        own = own.tb_next
    return own or traceback
