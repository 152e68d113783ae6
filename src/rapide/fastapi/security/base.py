"""`fastapi.security.base`."""

from typing import TYPE_CHECKING

from rapide._lazy import load_on_demand
from rapide.security.base import SecurityBase

if TYPE_CHECKING:
    from rapide.security.schemes import SecurityBase as SecurityBaseModel


__all__ = [
    "SecurityBase",
    "SecurityBaseModel",
]

__getattr__ = load_on_demand(
    __name__,
    {
        "SecurityBaseModel": "rapide.security.schemes:SecurityBase",
    },
)
