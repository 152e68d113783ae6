"""`fastapi.middleware.httpsredirect`."""

from rapide.middleware.httpsredirect import HTTPSRedirectMiddleware

__all__ = [
    "HTTPSRedirectMiddleware",
]
