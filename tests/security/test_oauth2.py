"""OAuth 2.0: its schemes, and the form of its password grant."""

import copy
import inspect
import pickle
from types import SimpleNamespace

import anyio
import pytest
from pydantic import ValidationError
from starlette.requests import HTTPConnection

from rapide.declare.params import Form
from rapide.exceptions import HTTPException
from rapide.security import (
    APIKeyHeader,
    HTTPBasic,
    HTTPBearer,
    HTTPDigest,
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OAuth2PasswordRequestForm,
    OAuth2PasswordRequestFormStrict,
    OpenIdConnect,
)
from rapide.security.schemes import OAuthFlows

LENIENT = SimpleNamespace(behaviour=SimpleNamespace(strict_credentials=False))
BEARERS = [
    (OAuth2PasswordBearer, {"tokenUrl": "token"}),
    (OAuth2AuthorizationCodeBearer, {"authorizationUrl": "authorize", "tokenUrl": "token"}),
]


def read(scheme, header, app=None):
    """Return what the scheme makes of this `Authorization` header."""
    headers = [] if header is None else [(b"authorization", header.encode("latin-1"))]
    scope = {"type": "websocket", "path": "/", "headers": headers, "query_string": b"", "app": app}
    return anyio.run(scheme, HTTPConnection(scope))


def refuse(scheme, header, app=None):
    """Assert that the scheme refuses this header with the challenge of bearer tokens."""
    with pytest.raises(HTTPException) as caught:
        read(scheme, header, app)
    assert (caught.value.status_code, caught.value.detail) == (401, "Not authenticated")
    assert caught.value.headers == {"WWW-Authenticate": "Bearer"}


@pytest.mark.parametrize(("scheme_class", "arguments"), BEARERS)
def test_bearer_token_is_given_without_its_scheme(scheme_class, arguments):
    """The scheme is compared without regard to case, and whitespace is dropped."""
    assert read(scheme_class(**arguments), "bearer  abc ") == "abc"


@pytest.mark.parametrize("header", [None, "", "Basic abc", "Bearer", "Bearer ", "Bearer \t", "abc"])
@pytest.mark.parametrize(("scheme_class", "arguments"), BEARERS)
def test_header_without_a_token_is_401_or_none(scheme_class, arguments, header):
    """Row AUT-01: nothing after `Bearer` is no token."""
    refuse(scheme_class(**arguments), header)
    assert read(scheme_class(**arguments, auto_error=False), header) is None


@pytest.mark.parametrize(("scheme_class", "arguments"), BEARERS)
def test_nothing_after_bearer_is_an_empty_token_with_fastapis_behaviour(scheme_class, arguments):
    """FastAPI lets the application refuse it."""
    assert read(scheme_class(**arguments), "Bearer", LENIENT) == ""
    refuse(scheme_class(**arguments), "Basic abc", LENIENT)


def test_plain_oauth2_gives_the_whole_header():
    """Which scheme it is, is the application's business."""
    assert read(OAuth2(), "Anything at all") == "Anything at all"
    refuse(OAuth2(), None)
    refuse(OAuth2(), "")
    assert read(OAuth2(auto_error=False), None) is None


@pytest.mark.parametrize(
    ("scheme", "flows"),
    [
        (OAuth2(), {}),
        (OAuth2(flows={"password": {"tokenUrl": "t"}}), {"password": {"scopes": {}, "tokenUrl": "t"}}),
        (OAuth2(flows=OAuthFlows()), {}),
        (OAuth2PasswordBearer("t"), {"password": {"scopes": {}, "tokenUrl": "t"}}),
        (
            OAuth2PasswordBearer("t", scopes={"a": "b"}, refreshUrl="r"),
            {"password": {"refreshUrl": "r", "scopes": {"a": "b"}, "tokenUrl": "t"}},
        ),
        (
            OAuth2AuthorizationCodeBearer("a", "t", "r", scopes={"x": "y"}),
            {
                "authorizationCode": {
                    "refreshUrl": "r",
                    "scopes": {"x": "y"},
                    "authorizationUrl": "a",
                    "tokenUrl": "t",
                }
            },
        ),
    ],
)
def test_model_describes_the_flows(scheme, flows):
    """The document shows what was declared."""
    document = scheme.model.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert document == {"type": "oauth2", "flows": flows}
    assert scheme.scheme_name == type(scheme).__name__


def test_model_is_made_once_and_can_be_assigned():
    """Every look gives the same object, which may be another's."""
    scheme = OAuth2PasswordBearer("t")
    assert scheme.model is scheme.model
    other = OAuth2(flows={"implicit": {"authorizationUrl": "a"}}).model
    scheme.model = other
    assert scheme.model is other


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda scheme: pickle.loads(pickle.dumps(scheme))]
)
def test_copy_of_a_scheme_describes_the_same(clone):
    """Applications copy routers, and worker processes receive them."""
    for scheme in (
        OAuth2PasswordBearer("t", scopes={"a": "b"}),
        OAuth2(flows={"password": {"tokenUrl": "t"}}),
    ):
        assert clone(scheme).model == scheme.model


def test_unknown_attribute_is_an_attribute_error():
    """Only the model is made on demand."""
    with pytest.raises(AttributeError, match="'OAuth2' object has no attribute 'modell'"):
        _ = OAuth2().modell


@pytest.mark.parametrize(
    "declare",
    [
        lambda: OAuth2PasswordBearer(None),
        lambda: OAuth2PasswordBearer("t", scopes=["a"]),
        lambda: OAuth2PasswordBearer("t", scopes={"a": 1}),
        lambda: OAuth2PasswordBearer("t", refreshUrl=1),
        lambda: OAuth2PasswordBearer("t", description=1),
        lambda: OAuth2AuthorizationCodeBearer("a", None),
        lambda: OAuth2(flows={"password": {}}),
        lambda: OAuth2(flows="password"),
    ],
)
def test_wrong_declaration_fails_where_it_is_made(declare):
    """The mistake is not left for whoever opens the document."""
    with pytest.raises(ValidationError):
        declare()


def test_scopes_are_those_of_the_declaration():
    """A dict that changes afterwards changes nothing."""
    scopes = {"a": "b"}
    scheme = OAuth2PasswordBearer("t", scopes=scopes)
    scopes["c"] = "d"
    assert scheme.model.flows.password.scopes == {"a": "b"}


@pytest.mark.parametrize(
    "scheme",
    [
        OAuth2(),
        OAuth2PasswordBearer("t", scopes={"a": "b"}),
        OAuth2AuthorizationCodeBearer("a", "t"),
        HTTPBasic(),
        HTTPBearer(bearerFormat="JWT"),
        HTTPDigest(),
        OpenIdConnect(openIdConnectUrl="u"),
        APIKeyHeader(name="k"),
    ],
    ids=lambda scheme: type(scheme).__name__,
)
def test_declaring_a_scheme_makes_no_model(scheme):
    """Until somebody asks for the document, its models cost nothing."""
    assert "model" not in vars(scheme)
    assert scheme.model is vars(scheme)["model"]


def test_signature_shows_empty_flows_as_the_default():
    """Tools see the class's own signature, and those of subclasses and instances undisturbed."""
    assert inspect.signature(OAuth2).parameters["flows"].default == OAuthFlows()
    assert list(inspect.signature(OAuth2).parameters) == ["flows", "scheme_name", "description", "auto_error"]
    assert next(iter(inspect.signature(OAuth2PasswordBearer).parameters)) == "tokenUrl"
    assert list(inspect.signature(OAuth2()).parameters) == ["request"]


def form_marker(function, name):
    """Return the marker of a parameter."""
    (marker,) = inspect.signature(function).parameters[name].annotation.__metadata__
    assert isinstance(marker, Form)
    return marker


@pytest.mark.parametrize("form_class", [OAuth2PasswordRequestForm, OAuth2PasswordRequestFormStrict])
def test_password_form_reads_form_fields(form_class):
    """Every parameter is a form field, and `grant_type` has one value."""
    names = ["grant_type", "username", "password", "scope", "client_id", "client_secret"]
    assert list(inspect.signature(form_class).parameters) == names
    for name in names:
        form_marker(form_class, name)
    (rule,) = form_marker(form_class, "grant_type").metadata
    assert rule.pattern == "^password$"


def test_password_form_hides_passwords_in_document_readers():
    """The lenient form says so; the strict one shows plain text, as FastAPI's does."""
    hidden = {"format": "password"}
    for name in ("password", "client_secret"):
        assert form_marker(OAuth2PasswordRequestForm, name).json_schema_extra == hidden
        assert form_marker(OAuth2PasswordRequestFormStrict, name).json_schema_extra is None


def test_password_form_needs_no_grant_type_unless_it_is_strict():
    """The RFC wants one, many clients send none."""
    assert OAuth2PasswordRequestForm(username="u", password="p").grant_type is None
    assert (
        inspect.signature(OAuth2PasswordRequestFormStrict).parameters["grant_type"].default is inspect._empty
    )


def test_password_form_splits_the_scopes():
    """Any amount of whitespace separates."""
    form = OAuth2PasswordRequestForm(
        username="u", password="p", scope=" a  b ", client_id="c", client_secret="s"
    )
    assert vars(form) == {
        "grant_type": None,
        "username": "u",
        "password": "p",
        "scopes": ["a", "b"],
        "client_id": "c",
        "client_secret": "s",
    }
    assert OAuth2PasswordRequestFormStrict("password", "u", "p").scopes == []
