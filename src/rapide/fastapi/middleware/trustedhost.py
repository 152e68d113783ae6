"""`fastapi.middleware.trustedhost`."""

from rapide.middleware.trustedhost import TrustedHostMiddleware

__all__ = [
    "TrustedHostMiddleware",
]
