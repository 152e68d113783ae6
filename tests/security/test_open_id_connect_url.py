"""OpenID Connect."""

import anyio
import pytest
from pydantic import ValidationError
from starlette.requests import HTTPConnection

from rapide.exceptions import HTTPException
from rapide.security import OpenIdConnect

URL = "https://example.com/.well-known/openid-configuration"


def connection(*headers):
    """Return a connection with these headers."""
    return HTTPConnection({"type": "http", "path": "/", "headers": list(headers), "query_string": b""})


def test_result_is_the_whole_header():
    """What the token looks like is the application's business."""
    header = (b"authorization", b"Bearer abc")
    assert anyio.run(OpenIdConnect(openIdConnectUrl=URL), connection(header)) == "Bearer abc"


def test_absent_header_is_401_or_none():
    """Without `auto_error` the application decides."""
    with pytest.raises(HTTPException) as caught:
        anyio.run(OpenIdConnect(openIdConnectUrl=URL), connection())
    assert (caught.value.status_code, caught.value.headers) == (401, {"WWW-Authenticate": "Bearer"})
    assert anyio.run(OpenIdConnect(openIdConnectUrl=URL, auto_error=False), connection()) is None


def test_model_names_the_discovery_document():
    """Clients find everything else there."""
    scheme = OpenIdConnect(openIdConnectUrl=URL, scheme_name="login", description="d")
    assert scheme.scheme_name == "login"
    assert scheme.model.model_dump(mode="json", by_alias=True) == {
        "type": "openIdConnect",
        "description": "d",
        "openIdConnectUrl": URL,
    }


def test_wrong_declaration_fails_where_it_is_made():
    """The mistake is not left for whoever opens the document."""
    with pytest.raises(ValidationError, match="openIdConnectUrl"):
        OpenIdConnect(openIdConnectUrl=None)
