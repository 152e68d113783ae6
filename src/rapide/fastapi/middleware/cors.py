"""`fastapi.middleware.cors`."""

from rapide.middleware.cors import CORSMiddleware

__all__ = [
    "CORSMiddleware",
]
