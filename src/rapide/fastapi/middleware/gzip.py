"""`fastapi.middleware.gzip`."""

from rapide.middleware.gzip import GZipMiddleware

__all__ = [
    "GZipMiddleware",
]
