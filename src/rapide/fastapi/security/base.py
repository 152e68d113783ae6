"""`fastapi.security.base`."""

from rapide.security.base import (
    Scheme,
    SecurityBase,
    is_text,
    reads_strictly,
)

__all__ = [
    "Scheme",
    "SecurityBase",
    "is_text",
    "reads_strictly",
]
