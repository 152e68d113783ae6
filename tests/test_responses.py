"""The response classes, and which statuses have a body."""

import json
import sys
import types
import warnings

import pytest
from starlette import responses as starlette_responses

from rapide import responses
from rapide.exceptions import FastAPIDeprecationWarning
from rapide.fastapi import responses as fastapi_responses
from rapide.responses import ORJSONResponse, UJSONResponse, is_body_allowed_for_status_code
from rapide.sse import EventSourceResponse


@pytest.mark.parametrize(
    "name",
    [
        "FileResponse",
        "HTMLResponse",
        "JSONResponse",
        "PlainTextResponse",
        "RedirectResponse",
        "Response",
        "StreamingResponse",
    ],
)
def test_common_classes_are_starlettes(name):
    """Each class is Starlette's of its name with checks; on FastAPI's face it is that very class."""
    assert issubclass(getattr(responses, name), getattr(starlette_responses, name))
    assert issubclass(getattr(responses, name), responses.Response)
    assert getattr(fastapi_responses, name) is getattr(starlette_responses, name)


def test_status_that_is_none_is_refused():
    """A status has three digits, of which the first is 1 to 5."""
    for status in (0, 99, 600, 1000):
        with pytest.raises(ValueError, match="no status"):
            responses.Response(status_code=status)


def test_redirect_local_leads_to_paths_only():
    """What a client has a say in leads nowhere else."""
    assert responses.redirect_local("/a?b=/c").headers["location"] == "/a?b=/c"
    for target in ("//evil.com", "/\\evil.com", "https://evil.com", "javascript:1", ""):
        with pytest.raises(ValueError, match="no path"):
            responses.redirect_local(target)


def test_event_source_response_is_at_hand():
    """All response classes stand in one module."""
    assert responses.EventSourceResponse is EventSourceResponse


@pytest.mark.parametrize("status", [None, "default", "1XX", "2XX", "5XX", 200, "200", 201, 206, 404, 500])
def test_body_is_allowed_for_status(status):
    """Ranges and most statuses may have a body."""
    assert is_body_allowed_for_status_code(status)


@pytest.mark.parametrize("status", [100, 199, 204, "204", 205, 304])
def test_body_is_not_allowed_for_status(status):
    """Informational statuses, 204, 205 and 304 have none."""
    assert not is_body_allowed_for_status_code(status)


def test_text_that_is_no_status_raises():
    """A typing mistake is not taken for a status."""
    with pytest.raises(ValueError, match="2xx"):
        is_body_allowed_for_status_code("2xx")


@pytest.fixture
def libraries(monkeypatch):
    """Stand-ins for the two optional libraries, and a module that has not looked for them yet."""
    orjson = types.ModuleType("orjson")
    orjson.OPT_NON_STR_KEYS, orjson.OPT_SERIALIZE_NUMPY = 4, 16
    orjson.dumps = lambda content, option: f"{content} {option}".encode()
    ujson = types.ModuleType("ujson")
    ujson.dumps = lambda content, ensure_ascii: json.dumps(content, ensure_ascii=ensure_ascii)
    for name, library in (("orjson", orjson), ("ujson", ujson)):
        monkeypatch.setitem(sys.modules, name, library)
        monkeypatch.delitem(vars(responses), name, raising=False)
    yield
    for name in ("orjson", "ujson"):
        vars(responses).pop(name, None)


def test_orjson_response_renders_with_all_kinds_of_keys_and_numpy(libraries):
    """The library is called with both options."""
    with pytest.warns(FastAPIDeprecationWarning, match="ORJSONResponse is deprecated"):
        response = ORJSONResponse("x")
    assert response.body == b"x 20"
    assert response.headers["content-type"] == "application/json"


def test_ujson_response_renders_without_ascii_escapes(libraries):
    """Text goes out in UTF-8."""
    with pytest.warns(FastAPIDeprecationWarning, match="UJSONResponse is deprecated"):
        response = UJSONResponse({"a": "é"}, status_code=201)
    assert (response.status_code, response.body) == (201, '{"a": "é"}'.encode())


@pytest.mark.parametrize(
    ("response_class", "library"), [(ORJSONResponse, "orjson"), (UJSONResponse, "ujson")]
)
def test_response_without_its_library_says_what_to_install(response_class, library, monkeypatch):
    """The missing library is named; the module's attribute is None then."""
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(vars(responses), library, raising=False)
    message = f"{library} must be installed to use {response_class.__name__}"
    with pytest.warns(FastAPIDeprecationWarning), pytest.raises(AssertionError, match=message):
        response_class({})
    assert getattr(responses, library) is None
    vars(responses).pop(library)


def test_library_that_was_taken_away_is_not_looked_for_again(libraries, monkeypatch):
    """A module attribute set to None counts."""
    monkeypatch.setitem(vars(responses), "orjson", None)
    with pytest.warns(FastAPIDeprecationWarning), pytest.raises(AssertionError, match="orjson"):
        ORJSONResponse({})


def test_deprecation_warns_at_the_line_that_constructs(libraries):
    """Naming the class costs no warning, and the warning points at its user."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        ORJSONResponse({})
    assert [(w.category, w.filename) for w in caught] == [(FastAPIDeprecationWarning, __file__)]


def test_unknown_name_is_an_attribute_error():
    """The lazy look-up answers like any other module."""
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = responses.nothing
