"""`fastapi.staticfiles`."""

from rapide.staticfiles import StaticFiles

__all__ = [
    "StaticFiles",
]
