"""`fastapi.openapi.constants`."""

from rapide.openapi.constants import METHODS_WITH_BODY, REF_PREFIX, REF_TEMPLATE

__all__ = [
    "METHODS_WITH_BODY",
    "REF_PREFIX",
    "REF_TEMPLATE",
]
