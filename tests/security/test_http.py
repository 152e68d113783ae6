"""The schemes of the `Authorization` header."""

from base64 import b64encode
from types import SimpleNamespace

import anyio
import pytest
from pydantic import ValidationError
from starlette.requests import HTTPConnection

from rapide.exceptions import HTTPException
from rapide.security import (
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    HTTPDigest,
)
from rapide.security.http import HTTPBase

LENIENT = SimpleNamespace(behaviour=SimpleNamespace(strict_credentials=False))


def read(scheme, header, app=None):
    """Return what the scheme makes of this `Authorization` header."""
    headers = [] if header is None else [(b"authorization", header.encode("latin-1"))]
    scope = {"type": "http", "path": "/", "headers": headers, "query_string": b""}
    if app is not None:
        scope["app"] = app
    return anyio.run(scheme, HTTPConnection(scope))


def refuse(scheme, header, app=None):
    """Return the challenge with which the scheme refuses this header."""
    with pytest.raises(HTTPException) as caught:
        read(scheme, header, app)
    assert (caught.value.status_code, caught.value.detail) == (401, "Not authenticated")
    return caught.value.headers["WWW-Authenticate"]


def basic(text, encoding="utf-8"):
    """Return a Basic header for `text`."""
    return "Basic " + b64encode(text.encode(encoding)).decode()


@pytest.mark.parametrize(
    ("scheme", "header", "parts"),
    [
        (HTTPBase(scheme="other"), "Any thing at all", ("Any", "thing at all")),
        (HTTPBearer(), "Bearer abc", ("Bearer", "abc")),
        (HTTPBearer(), "bEARER  abc ", ("bEARER", "abc")),
        (HTTPDigest(), 'Digest username="u", uri="/"', ("Digest", 'username="u", uri="/"')),
    ],
)
def test_header_is_split_into_scheme_and_credentials(scheme, header, parts):
    """The scheme is compared without regard to case and given as it was sent."""
    assert read(scheme, header) == HTTPAuthorizationCredentials(scheme=parts[0], credentials=parts[1])


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", " Bearer abc", "abc"])
@pytest.mark.parametrize(
    ("scheme_class", "arguments", "challenge"),
    [
        (HTTPBase, {"scheme": "my-scheme"}, "My-Scheme"),
        (HTTPBearer, {}, "Bearer"),
        (HTTPDigest, {}, "Digest"),
    ],
)
def test_header_without_credentials_is_401_with_a_challenge_or_none(
    scheme_class, arguments, challenge, header
):
    """Without `auto_error` the application decides."""
    assert refuse(scheme_class(**arguments), header) == challenge
    assert read(scheme_class(**arguments, auto_error=False), header) is None


@pytest.mark.parametrize("scheme_class", [HTTPBasic, HTTPBearer, HTTPDigest])
def test_credentials_of_another_scheme_are_no_credentials(scheme_class):
    """Each scheme takes its own and nothing else."""
    refuse(scheme_class(), "Other abc")
    assert read(scheme_class(auto_error=False), "Other abc") is None


@pytest.mark.parametrize(
    ("text", "username", "password"),
    [
        ("u:p", "u", "p"),
        ("u:p:q", "u", "p:q"),
        (":", "", ""),
        ("u:", "u", ""),
        ("Zoë:пароль€", "Zoë", "пароль€"),
    ],
)
def test_basic_credentials_are_user_name_and_password_in_utf8(text, username, password):
    """Row AUT-02: UTF-8 works (RFC 7617), and only the first colon separates."""
    assert read(HTTPBasic(), basic(text)) == HTTPBasicCredentials(username=username, password=password)


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic dTp",
        "Basic dTpw====",
        "Basic dT pw",
        "Basic dTpw\xe9",
        basic("nocolon"),
        basic("ü:é", "latin-1"),
        basic("u:p\n"),
        basic("u\0:p"),
    ],
)
@pytest.mark.parametrize("auto_error", [True, False])
def test_malformed_basic_credentials_are_401_even_without_auto_error(header, auto_error):
    """Row AUT-02: bad base64, other encodings, no colon, control characters."""
    assert refuse(HTTPBasic(auto_error=auto_error), header) == "Basic"


@pytest.mark.parametrize(
    ("header", "password"),
    [("Basic dT pw", "p"), ("Basic dTpw====", "p"), (basic("u:p\n"), "p\n")],
)
def test_basic_credentials_are_read_leniently_with_fastapis_behaviour(header, password):
    """Characters outside the alphabet are skipped, as FastAPI does."""
    assert read(HTTPBasic(), header, LENIENT) == HTTPBasicCredentials(username="u", password=password)


@pytest.mark.parametrize("header", [basic("ü:é"), "Basic dTp", basic("nocolon")])
def test_basic_credentials_are_ascii_with_fastapis_behaviour(header):
    """Code that compares them as text never meets what `compare_digest` refuses."""
    assert refuse(HTTPBasic(), header, LENIENT) == "Basic"


@pytest.mark.parametrize(
    ("realm", "challenge"),
    [
        (None, "Basic"),
        ("", "Basic"),
        ("shop", 'Basic realm="shop"'),
        ('a "b" \\ c', 'Basic realm="a \\"b\\" \\\\ c"'),
    ],
)
def test_basic_challenge_quotes_its_realm(realm, challenge):
    """Row AUT-03: a realm cannot end its own quotes."""
    assert refuse(HTTPBasic(realm=realm), None) == challenge


@pytest.mark.parametrize(
    ("scheme", "document"),
    [
        (HTTPBase(scheme="x", description="d"), {"type": "http", "description": "d", "scheme": "x"}),
        (HTTPBasic(realm="r"), {"type": "http", "scheme": "basic"}),
        (HTTPBearer(bearerFormat="JWT"), {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        (HTTPDigest(), {"type": "http", "scheme": "digest"}),
    ],
)
def test_model_describes_the_scheme(scheme, document):
    """The document shows what was declared."""
    assert scheme.model.model_dump(mode="json", by_alias=True, exclude_none=True) == document
    assert scheme.scheme_name == type(scheme).__name__


@pytest.mark.parametrize(
    ("scheme_class", "arguments"),
    [(HTTPBase, {"scheme": None}), (HTTPBearer, {"bearerFormat": 1}), (HTTPDigest, {"description": 1})],
)
def test_wrong_declaration_fails_where_it_is_made(scheme_class, arguments):
    """The mistake is not left for whoever opens the document."""
    with pytest.raises(ValidationError, match="valid string"):
        scheme_class(**arguments)


def test_challenge_can_be_replaced():
    """The hook decides what a client is asked for."""

    class Negotiating(HTTPBearer):
        def make_authenticate_headers(self):
            return {"WWW-Authenticate": 'Bearer realm="api"'}

    assert refuse(Negotiating(), None) == 'Bearer realm="api"'


def test_challenge_follows_an_assigned_model():
    """Whoever replaces the model replaces the name in the challenge."""
    scheme = HTTPBase(scheme="x")
    scheme.model = HTTPBase(scheme="replaced").model
    assert refuse(scheme, None) == "Replaced"
