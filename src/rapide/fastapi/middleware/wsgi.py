"""`fastapi.middleware.wsgi`."""

from rapide.middleware.wsgi import WSGIMiddleware

__all__ = [
    "WSGIMiddleware",
]
