"""`fastapi.security.http`."""

from typing import TYPE_CHECKING

from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED

from rapide._lazy import load_on_demand
from rapide.exceptions import HTTPException
from rapide.security.base import SecurityBase
from rapide.security.http import (
    HTTPAuthorizationCredentials,
    HTTPBase,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
)
from rapide.security.utils import get_authorization_scheme_param

if TYPE_CHECKING:
    from rapide.security.schemes import HTTPBase as HTTPBaseModel
    from rapide.security.schemes import HTTPBearer as HTTPBearerModel


__all__ = [
    "HTTP_401_UNAUTHORIZED",
    "BaseModel",
    "HTTPAuthorizationCredentials",
    "HTTPBase",
    "HTTPBaseModel",
    "HTTPBasic",
    "HTTPBasicCredentials",
    "HTTPBearer",
    "HTTPBearerModel",
    "HTTPConnection",
    "HTTPDigest",
    "HTTPException",
    "SecurityBase",
    "get_authorization_scheme_param",
]

__getattr__ = load_on_demand(
    __name__,
    {
        "HTTPBaseModel": "rapide.security.schemes:HTTPBase",
        "HTTPBearerModel": "rapide.security.schemes:HTTPBearer",
    },
)
