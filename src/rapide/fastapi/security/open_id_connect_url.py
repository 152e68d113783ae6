"""`fastapi.security.open_id_connect_url`."""

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED

from rapide._lazy import load_on_demand
from rapide.security.base import SecurityBase
from rapide.security.open_id_connect_url import OpenIdConnect

if TYPE_CHECKING:
    from rapide.security.schemes import OpenIdConnect as OpenIdConnectModel


__all__ = [
    "HTTP_401_UNAUTHORIZED",
    "HTTPConnection",
    "HTTPException",
    "OpenIdConnect",
    "OpenIdConnectModel",
    "SecurityBase",
]

__getattr__ = load_on_demand(
    __name__,
    {
        "OpenIdConnectModel": "rapide.security.schemes:OpenIdConnect",
    },
)
