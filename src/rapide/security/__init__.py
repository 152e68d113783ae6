"""Security schemes: dependencies that read credentials from a request and appear in the OpenAPI document.

In: a connection (a request or a WebSocket). Out: the credentials as they were sent, None, or 401 with a
challenge. A scheme verifies nothing: no password, token or key is compared here. It must not know routes or
bodies.
"""

from typing import TYPE_CHECKING

from rapide._lazy import load_on_demand

if TYPE_CHECKING:
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

_HOMES = {
    "APIKeyCookie": "rapide.security.api_key",
    "APIKeyHeader": "rapide.security.api_key",
    "APIKeyQuery": "rapide.security.api_key",
    "HTTPAuthorizationCredentials": "rapide.security.http",
    "HTTPBasic": "rapide.security.http",
    "HTTPBasicCredentials": "rapide.security.http",
    "HTTPBearer": "rapide.security.http",
    "HTTPDigest": "rapide.security.http",
    "OAuth2": "rapide.security.oauth2",
    "OAuth2AuthorizationCodeBearer": "rapide.security.oauth2",
    "OAuth2PasswordBearer": "rapide.security.oauth2",
    "OAuth2PasswordRequestForm": "rapide.security.oauth2",
    "OAuth2PasswordRequestFormStrict": "rapide.security.oauth2",
    "OpenIdConnect": "rapide.security.open_id_connect_url",
    "SecurityScopes": "rapide.security.scopes",
}

# Most applications use one scheme, and each brings models.
__getattr__ = load_on_demand(__name__, _HOMES)
