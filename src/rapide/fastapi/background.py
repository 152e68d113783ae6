"""`fastapi.background`."""

from rapide.background import (
    BackgroundTasks,
)

__all__ = [
    "BackgroundTasks",
]
