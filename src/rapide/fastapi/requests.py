"""`fastapi.requests`."""

from rapide.requests import HTTPConnection, Request

__all__ = [
    "HTTPConnection",
    "Request",
]
