"""`fastapi.logger`."""

from rapide.logger import (
    logger,
)

__all__ = [
    "logger",
]
