"""API keys in the query, a header or a cookie."""

import anyio
import pytest
from pydantic import ValidationError
from starlette.requests import HTTPConnection

from rapide.exceptions import HTTPException
from rapide.security import APIKeyCookie, APIKeyHeader, APIKeyQuery
from rapide.security.api_key import APIKeyBase
from rapide.security.schemes import APIKey, APIKeyIn


def connection(place, value, kind="http"):
    """Return a connection that sends `value` (raw text, None for nothing) in that place."""
    scope = {"type": kind, "path": "/", "headers": [], "query_string": b""}
    if value is not None and place is APIKeyQuery:
        scope["query_string"] = value.encode()
    elif value is not None:
        name = b"key" if place is APIKeyHeader else b"cookie"
        scope["headers"] = [(name, value.encode())]
    return HTTPConnection(scope)


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize(
    ("scheme_class", "sent", "key"),
    [
        (APIKeyQuery, "key=a", "a"),
        (APIKeyQuery, "key=a&key=b", "b"),
        (APIKeyQuery, "key=%20", " "),
        (APIKeyHeader, "a", "a"),
        (APIKeyCookie, "key=a", "a"),
        (APIKeyCookie, "other=1; key=a", "a"),
    ],
)
def test_key_is_read_from_its_place(scheme_class, sent, key, kind):
    """Requests and WebSockets carry keys alike."""
    assert anyio.run(scheme_class(name="key"), connection(scheme_class, sent, kind)) == key


@pytest.mark.parametrize(
    ("scheme_class", "sent"),
    [
        (APIKeyQuery, None),
        (APIKeyQuery, "key="),
        (APIKeyQuery, "Key=a"),
        (APIKeyHeader, None),
        (APIKeyHeader, ""),
        (APIKeyCookie, None),
        (APIKeyCookie, "key="),
    ],
)
def test_absent_or_empty_key_is_401_with_a_challenge_or_none(scheme_class, sent):
    """Without `auto_error` the application decides."""
    with pytest.raises(HTTPException) as caught:
        anyio.run(scheme_class(name="key"), connection(scheme_class, sent))
    assert (caught.value.status_code, caught.value.detail) == (401, "Not authenticated")
    assert caught.value.headers == {"WWW-Authenticate": "APIKey"}
    assert anyio.run(scheme_class(name="key", auto_error=False), connection(scheme_class, sent)) is None


@pytest.mark.parametrize(
    ("scheme_class", "place"), [(APIKeyQuery, "query"), (APIKeyHeader, "header"), (APIKeyCookie, "cookie")]
)
def test_model_names_place_and_parameter(scheme_class, place):
    """The document says where the key belongs."""
    model = scheme_class(name="key", description="d").model
    assert model.model_dump(mode="json", by_alias=True) == {
        "type": "apiKey",
        "description": "d",
        "in": place,
        "name": "key",
    }


def test_scheme_name_is_the_class_unless_given():
    """A subclass documents itself under its own name."""

    class MyKey(APIKeyHeader):
        pass

    assert MyKey(name="key").scheme_name == "MyKey"
    assert MyKey(name="key", scheme_name="other").scheme_name == "other"


@pytest.mark.parametrize("arguments", [{"name": None}, {"name": 1}, {"name": "key", "description": 1}])
def test_wrong_declaration_fails_where_it_is_made(arguments):
    """The mistake is not left for whoever opens the document."""
    with pytest.raises(ValidationError, match="valid string"):
        APIKeyHeader(**arguments)


def test_assigned_model_decides_which_name_is_read():
    """A subclass may make its model itself, without the base class's constructor."""

    class OwnModel(APIKeyHeader):
        def __init__(self):
            self.model = APIKey(**{"in": APIKeyIn.header}, name="key")
            self.scheme_name = "own"
            self.auto_error = True

    assert anyio.run(OwnModel(), connection(APIKeyHeader, "a")) == "a"


def test_error_can_be_replaced():
    """The hook decides what an absent key is answered with."""

    class Forbidding(APIKeyHeader):
        def make_not_authenticated_error(self):
            return HTTPException(403, "no key")

    with pytest.raises(HTTPException) as caught:
        anyio.run(Forbidding(name="key"), connection(APIKeyHeader, None))
    assert caught.value.status_code == 403


def test_base_class_takes_its_place_as_an_argument():
    """A place may be given as OpenAPI's enum or as text."""
    for location in (APIKeyIn.cookie, "cookie"):
        scheme = APIKeyBase(location, "key", None, None, False)
        assert scheme.model.in_ is APIKeyIn.cookie
        assert scheme.check_api_key("") is None
