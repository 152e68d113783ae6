"""`fastapi.security.oauth2`."""

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED

from rapide._lazy import load_on_demand
from rapide.exceptions import HTTPException
from rapide.param_functions import Form
from rapide.security.base import SecurityBase
from rapide.security.oauth2 import (
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
    SecurityScopes,
)
from rapide.security.utils import get_authorization_scheme_param

if TYPE_CHECKING:
    from rapide.security.schemes import OAuth2 as OAuth2Model
    from rapide.security.schemes import OAuthFlows as OAuthFlowsModel


__all__ = [
    "HTTP_401_UNAUTHORIZED",
    "Form",
    "HTTPConnection",
    "HTTPException",
    "OAuth2",
    "OAuth2AuthorizationCodeBearer",
    "OAuth2Model",
    "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "OAuthFlowsModel",
    "SecurityBase",
    "SecurityScopes",
    "get_authorization_scheme_param",
]

__getattr__ = load_on_demand(
    __name__,
    {
        "OAuth2Model": "rapide.security.schemes:OAuth2",
        "OAuthFlowsModel": "rapide.security.schemes:OAuthFlows",
    },
)
