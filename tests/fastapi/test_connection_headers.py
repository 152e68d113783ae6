"""Headers about the connection that applications of FastAPI send, and what no server should send."""

import pytest

from rapide.fastapi import FastAPI
from rapide.fastapi.responses import PlainTextResponse, StreamingResponse
from rapide.fastapi.testclient import TestClient


def _answer(response):
    app = FastAPI()

    @app.get("/", response_class=PlainTextResponse)
    def read():
        return response

    return TestClient(app, raise_server_exceptions=False).get("/")


@pytest.mark.parametrize("value", ["keep-alive", "close"])
def test_a_stream_may_speak_of_its_connection(value):
    """As libraries for server-sent events do."""
    answer = _answer(StreamingResponse(iter(["a", "b"]), headers={"Connection": value}))
    assert (answer.status_code, answer.text) == (200, "ab")
    assert answer.headers["connection"] == value


def test_a_stream_may_say_that_it_comes_in_chunks():
    """As one does that is passed on with the headers of its origin."""
    answer = _answer(StreamingResponse(iter(["a", "b"]), headers={"Transfer-Encoding": "chunked"}))
    assert (answer.status_code, answer.text) == (200, "ab")


@pytest.mark.parametrize(
    "headers",
    [
        {"connection": "upgrade"},
        {"upgrade": "h2c"},
        {"transfer-encoding": "gzip"},
        {"transfer-encoding": "chunked", "content-length": "2"},
    ],
)
def test_a_stream_does_not_frame_itself_otherwise(headers):
    """It is a 500 before its first byte."""
    assert _answer(StreamingResponse(iter(["a", "b"]), headers=headers)).status_code == 500


def test_a_text_of_known_length_does_not_come_in_chunks():
    """Its length is there."""
    assert _answer(PlainTextResponse("a", headers={"transfer-encoding": "chunked"})).status_code == 500
