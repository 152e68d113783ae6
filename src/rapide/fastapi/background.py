"""`fastapi.background`."""

from starlette.background import BackgroundTasks as StarletteBackgroundTasks

from rapide.background import ChainedBackgroundTasks as BackgroundTasks

__all__ = [
    "BackgroundTasks",
    "StarletteBackgroundTasks",
]
