"""`fastapi.security.api_key`."""

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED

from rapide._lazy import load_on_demand
from rapide.security.api_key import APIKeyBase, APIKeyCookie, APIKeyHeader, APIKeyQuery
from rapide.security.base import SecurityBase

if TYPE_CHECKING:
    from rapide.security.schemes import APIKey, APIKeyIn


__all__ = [
    "HTTP_401_UNAUTHORIZED",
    "APIKey",
    "APIKeyBase",
    "APIKeyCookie",
    "APIKeyHeader",
    "APIKeyIn",
    "APIKeyQuery",
    "HTTPConnection",
    "HTTPException",
    "SecurityBase",
]

__getattr__ = load_on_demand(
    __name__,
    {
        "APIKey": "rapide.security.schemes",
        "APIKeyIn": "rapide.security.schemes",
    },
)
