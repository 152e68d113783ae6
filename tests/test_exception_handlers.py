"""The answers that FastAPI gives to exceptions."""

import anyio
import pytest
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request

from rapide.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from rapide.exceptions import HTTPException, RequestValidationError, WebSocketRequestValidationError

REQUEST = Request({"type": "http", "method": "GET", "path": "/", "headers": []})


@pytest.mark.parametrize(
    ("error", "status", "body"),
    [
        (HTTPException(404), 404, b'{"detail":"Not Found"}'),
        (HTTPException(418, {"tea": "é"}), 418, '{"detail":{"tea":"é"}}'.encode()),
        (StarletteHTTPException(401, "who?"), 401, b'{"detail":"who?"}'),
    ],
)
def test_http_exception_becomes_status_and_detail(error, status, body):
    """Starlette's exceptions and ours are answered alike."""
    response = anyio.run(http_exception_handler, REQUEST, error)
    assert (response.status_code, response.body) == (status, body)
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [204, 205, 304])
def test_http_exception_has_no_body_where_the_status_forbids_one(status):
    """Headers are sent, a body and its type are not."""
    response = anyio.run(http_exception_handler, REQUEST, HTTPException(status, "x", {"x-a": "b"}))
    assert (response.status_code, response.body, response.headers["x-a"]) == (status, b"", "b")
    assert "content-type" not in response.headers


def test_http_exception_headers_are_sent():
    """A challenge reaches the client."""
    error = HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    response = anyio.run(http_exception_handler, REQUEST, error)
    assert response.headers["www-authenticate"] == "Bearer"


def answer(*errors):
    """Return the response to these validation errors."""
    return anyio.run(request_validation_exception_handler, REQUEST, RequestValidationError(list(errors)))


def test_validation_error_is_a_422_with_encoded_errors():
    """Tuples, bytes and exceptions inside the errors become JSON."""
    response = answer({"type": "t", "loc": ("body", 1), "input": b"x", "ctx": {"error": ValueError("no")}})
    assert response.status_code == 422
    assert response.body == b'{"detail":[{"type":"t","loc":["body",1],"input":"x","ctx":{"error":{}}}]}'


def _nested(depth):
    value = None
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value", [float("nan"), "\ud800", b"\xff", _nested(100_000)], ids=["NaN", "surrogate", "bytes", "nesting"]
)
def test_validation_error_leaves_out_a_value_that_json_cannot_hold(value):
    """What the client sent never turns the 422 into a 500."""
    try:
        response = answer({"type": "t", "loc": ("body", "a"), "msg": "m", "input": value})
    finally:
        while isinstance(value, list) and value:  # freed level by level, as deep values need
            value = value.pop()
    assert response.status_code == 422
    assert response.body == b'{"detail":[{"type":"t","loc":["body","a"],"msg":"m"}]}'


def test_validation_error_escapes_a_name_that_utf8_cannot_hold():
    """Even a key of the client's that is half a surrogate pair can be named."""
    response = answer({"type": "extra_forbidden", "loc": ("body", "\ud800"), "msg": "m", "input": 1})
    assert response.status_code == 422
    assert response.body == b'{"detail":[{"type":"extra_forbidden","loc":["body","\\ud800"],"msg":"m"}]}'


class Socket:
    """Notes how it was closed."""

    async def close(self, code, reason):
        self.closed = (code, reason)


def close(*errors):
    """Return code and reason of the close that answers these errors."""
    socket = Socket()
    error = WebSocketRequestValidationError(list(errors))
    anyio.run(websocket_request_validation_exception_handler, socket, error)
    return socket.closed


def test_websocket_is_closed_with_1008_and_place_and_message():
    """The reason is text that a close frame can hold, without the submitted value."""
    error = {"type": "t", "loc": ("query", "a"), "msg": "Field required", "input": "secret"}
    assert close(error, {**error, "loc": ("cookie", 0)}) == (
        1008,
        "query.a: Field required; cookie.0: Field required",
    )


@pytest.mark.parametrize("text", ["x" * 200, "é" * 200, "a" + "é" * 200, "\ud800" * 200])
def test_websocket_close_reason_fits_a_control_frame(text):
    """At most 123 bytes of valid UTF-8, cut between characters."""
    _, reason = close({"type": "t", "loc": ("query",), "msg": text})
    assert 121 <= len(reason.encode()) <= 123
    assert reason.startswith("query: ")
