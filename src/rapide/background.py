"""Work that starts when the response has been sent."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar
from typing import Any

from starlette.background import BackgroundTasks as StarletteBackgroundTasks

__all__ = ["BackgroundTasks"]

_Surroundings = Callable[[Callable[..., Any]], AbstractContextManager[Any]]

# Makes, for the function of a task, what the task runs in. Telemetry sets it where it records a request.
task_surroundings: ContextVar[_Surroundings | None] = ContextVar("rapide.task_surroundings", default=None)


class BackgroundTasks(StarletteBackgroundTasks):
    """The tasks of one request. Declare a parameter of this type to receive them.

    `add_task(func, *args, **kwargs)` adds a call. The calls run one after the other once the response has
    been sent, `def` functions in a worker thread. A call that raises ends the row: the rest does not run.
    """

    async def __call__(self) -> None:
        """Run the tasks."""
        surroundings = task_surroundings.get()
        for task in self.tasks:
            if surroundings is None:
                await task()
                continue
            with surroundings(task.func):
                await task()
