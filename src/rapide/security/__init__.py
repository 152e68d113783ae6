"""Security schemes: dependencies that read credentials from a request and appear in the OpenAPI document.

In: a connection (a request or a WebSocket). Out: the credentials as they were sent, None, or 401 with a
challenge. A scheme verifies nothing: no password, token or key is compared here. It must not know routes or
bodies.
"""

from rapide.security.api_key import APIKeyCookie, APIKeyHeader, APIKeyQuery
from rapide.security.http import (
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
)
from rapide.security.oauth2 import (
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
)
from rapide.security.open_id_connect_url import OpenIdConnect
from rapide.security.scopes import SecurityScopes

__all__ = [
    "APIKeyCookie",
    "APIKeyHeader",
    "APIKeyQuery",
    "HTTPAuthorizationCredentials",
    "HTTPBasic",
    "HTTPBasicCredentials",
    "HTTPBearer",
    "HTTPDigest",
    "OAuth2",
    "OAuth2AuthorizationCodeBearer",
    "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "OpenIdConnect",
    "SecurityScopes",
]
