"""Attributes of requests, as the semantic conventions want them."""

import pytest

from rapide.exceptions import HTTPException
from rapide.telemetry.attributes import Method, connection_attributes, error_type, known_methods, proxy_prefix


def attributes(**scope):
    """Return the attributes of a GET request."""
    whole = {"type": "http", "method": "GET", "path": "/", "scheme": "http", "headers": [], **scope}
    return connection_attributes(whole, Method(whole["method"], known_methods()))


def test_what_a_scope_does_not_say_is_left_out():
    """Servers may leave out the address, the version and the query."""
    assert attributes() == {"url.scheme": "http", "url.path": "/", "http.request.method": "GET"}


def test_a_unix_socket_has_no_port():
    """The address is the path of the socket."""
    found = attributes(server=("/run/app.sock", None))
    assert found["server.address"] == "/run/app.sock"
    assert "server.port" not in found


@pytest.mark.parametrize("host", [b"a b", b"a/b", b"a?b", b"a#b", b"[::1", b":80", b"a:b"])
def test_broken_hosts_are_not_recorded(host):
    """What no client would send names no server; the server's own name does not stand in for it."""
    found = attributes(headers=[(b"host", host)], server=("own", 1))
    assert "server.address" not in found
    assert "server.port" not in found


@pytest.mark.parametrize(
    ("scheme", "port"), [("http", 80), ("https", 443), ("ws", 80), ("wss", 443), ("gopher", None)]
)
def test_the_port_of_the_scheme_is_known(scheme, port):
    """A Host without a port means the scheme's."""
    assert attributes(headers=[(b"host", b"ex.com")], scheme=scheme).get("server.port") == port


@pytest.mark.parametrize(
    ("query", "recorded"),
    [
        (b"%73ig=x&a=1", "%73ig=REDACTED&a=1"),
        (b"sig", "sig=REDACTED"),
        (b"sig=a&&sig=b", "sig=REDACTED&&sig=REDACTED"),
        (b"a=%FF+b&c=\xff", "a=%FF+b&c=\xff"),
    ],
)
def test_redaction_changes_nothing_else(query, recorded):
    """Encoded names are found, and everything else stays as it was sent."""
    assert attributes(query_string=query)["url.query"] == recorded


def test_errors_are_named_as_the_application_imports_them():
    """Builtins by their name alone, the framework's under the name of the face."""
    assert error_type(ValueError(), "rapide") == "ValueError"
    assert error_type(HTTPException(400), "rapide") == "rapide.exceptions.HTTPException"
    assert error_type(HTTPException(400), "fastapi") == "fastapi.exceptions.HTTPException"


@pytest.mark.parametrize(
    ("scope", "prefix"),
    [
        ({}, ""),
        ({"root_path": "/api/"}, "/api"),
        ({"root_path": "/api/sub", "app_root_path": "/api"}, "/api"),
    ],
)
def test_the_prefix_of_a_proxy_is_that_of_the_outermost_application(scope, prefix):
    """Mounts put their own path behind it."""
    assert proxy_prefix(scope) == prefix
