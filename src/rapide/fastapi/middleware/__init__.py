"""`fastapi.middleware`."""

from rapide.middleware import Middleware

__all__ = [
    "Middleware",
]
