"""The exceptions that applications raise and handle."""

import pickle
import subprocess
import sys

import pytest
from pydantic import BaseModel
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import WebSocketException as StarletteWebSocketException

from rapide import exceptions
from rapide.exceptions import (
    DependencyScopeError,
    EndpointContext,
    FastAPIDeprecationWarning,
    FastAPIError,
    HTTPException,
    PydanticV1NotSupportedError,
    RequestValidationError,
    ResponseValidationError,
    ValidationException,
    WebSocketException,
    WebSocketRequestValidationError,
)

MISSING = {"type": "missing", "loc": ("query", "a"), "msg": "Field required", "input": None}
SHORT = {"type": "b"}


def test_http_exception_says_the_status_phrase_when_there_is_no_detail():
    """Without a detail the response says what RFC 9110 calls the status."""
    assert HTTPException(404).detail == "Not Found"
    assert HTTPException(799).detail == ""


def test_http_exception_keeps_any_detail_and_the_headers():
    """The detail may be any value, and the headers stay what they are."""
    error = HTTPException(418, {"tea": ["pot"]}, {"X-Reason": "short and stout"})
    assert error.detail == {"tea": ["pot"]}
    assert error.headers == {"X-Reason": "short and stout"}
    assert repr(HTTPException(404, "x")) == "HTTPException(status_code=404, detail='x')"


def test_http_and_websocket_exceptions_are_caught_as_starlettes():
    """A handler for Starlette's class also handles ours."""
    assert issubclass(HTTPException, StarletteHTTPException)
    assert issubclass(WebSocketException, StarletteWebSocketException)


def test_websocket_exception_has_an_empty_reason_by_default():
    """A close without a reason sends none."""
    assert WebSocketException(1008).reason == ""
    assert WebSocketException(code=1008, reason="no").reason == "no"


@pytest.mark.parametrize(
    ("errors", "text"),
    [
        ([], "0 validation errors:"),
        ([SHORT], "1 validation error:\n  {'type': 'b'}"),
        ([SHORT, SHORT], "2 validation errors:\n  {'type': 'b'}\n  {'type': 'b'}"),
    ],
)
def test_validation_exception_text_counts_and_lists_the_errors(errors, text):
    """The first line counts, and each error has a line of its own."""
    assert str(ValidationException(errors)) == text


FULL: EndpointContext = {"file": "a.py", "line": 3, "function": "read", "path": "GET /x"}


@pytest.mark.parametrize(
    ("context", "place"),
    [
        (None, ""),
        ({}, ""),
        ({"function": "read"}, ""),
        ({"file": "a.py", "line": 3}, ""),
        ({"path": "GET /x"}, "\n\n  Endpoint: GET /x"),
        ({"path": "GET /x", "function": "read"}, "\n\n  Endpoint: GET /x"),
        ({"file": "a.py", "line": 3, "function": "read"}, '\n\n  File "a.py", line 3, in read'),
        (FULL, '\n\n  File "a.py", line 3, in read\n    GET /x'),
    ],
)
@pytest.mark.parametrize(
    "error_class",
    [RequestValidationError, WebSocketRequestValidationError, ResponseValidationError],
)
def test_validation_exception_text_names_the_endpoint_when_it_is_known(error_class, context, place):
    """A whole frame where file, line and function are known, the path alone otherwise."""
    assert str(error_class([SHORT], endpoint_ctx=context)) == "1 validation error:\n  {'type': 'b'}" + place


def test_validation_exception_carries_errors_body_and_context_through_pickle():
    """An exception that crossed a process boundary says the same."""
    error = RequestValidationError([MISSING], body={"a": 1}, endpoint_ctx=FULL)
    copy = pickle.loads(pickle.dumps(error))
    assert copy.errors() == error.errors() == [MISSING]
    assert copy.body == {"a": 1}
    assert (copy.endpoint_function, copy.endpoint_path) == ("read", "GET /x")
    assert (copy.endpoint_file, copy.endpoint_line) == ("a.py", 3)
    assert str(copy) == str(error)


def test_validation_exception_has_empty_context_attributes_without_context():
    """Whoever reads the place need not ask whether there is one."""
    error = ResponseValidationError([MISSING])
    assert error.body is None
    assert error.endpoint_ctx is None
    assert (
        error.endpoint_function is error.endpoint_path is error.endpoint_file is error.endpoint_line is None
    )


def test_framework_errors_share_one_base():
    """One handler catches every mistake that the framework reports."""
    assert issubclass(FastAPIError, RuntimeError)
    assert issubclass(DependencyScopeError, FastAPIError)
    assert issubclass(PydanticV1NotSupportedError, FastAPIError)
    assert issubclass(FastAPIDeprecationWarning, UserWarning)


def test_error_models_are_empty_models_made_once():
    """The two models exist under their names and are the same object at every look."""
    assert issubclass(exceptions.RequestErrorModel, BaseModel)
    assert exceptions.RequestErrorModel is exceptions.RequestErrorModel
    assert exceptions.RequestErrorModel.__name__ == "Request"
    assert exceptions.WebSocketErrorModel.__name__ == "WebSocket"
    assert exceptions.WebSocketErrorModel.model_fields == {}


def test_unknown_name_is_an_attribute_error():
    """The lazy look-up answers like any other module."""
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = exceptions.nothing


def test_importing_the_exceptions_makes_no_model():
    """The error models cost nothing until somebody asks for one."""
    source = "import rapide.exceptions as e; assert 'RequestErrorModel' not in vars(e)"
    subprocess.run([sys.executable, "-c", source], check=True)
