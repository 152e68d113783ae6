"""Work that starts when the response has been sent."""

from starlette.background import BackgroundTasks as StarletteBackgroundTasks

__all__ = ["BackgroundTasks"]


class BackgroundTasks(StarletteBackgroundTasks):
    """The tasks of one request. Declare a parameter of this type to receive them.

    `add_task(func, *args, **kwargs)` adds a call. The calls run one after the other once the response has
    been sent, `def` functions in a worker thread. A call that raises ends the row: the rest does not run.
    """
