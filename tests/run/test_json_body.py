"""Bodies that are no JSON, and numbers that no float can hold."""

import json
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from rapide import Body, Form, Rapide
from rapide._run.json_body import holds_long_integer, load_strictly
from rapide.exceptions import RequestValidationError
from rapide.fastapi import FastAPI
from rapide.testclient import TestClient


class Price(BaseModel):
    amount: float


def _mistake(body: bytes) -> dict[str, Any]:
    with pytest.raises(RequestValidationError) as caught:
        load_strictly(body)
    (error,) = caught.value.errors()
    return dict(error)


@pytest.mark.parametrize(
    ("body", "position", "message"),
    [
        (b'{"a": NaN}', 6, "expected value, line 1, column 7"),
        (b'{"a":\n  Infinity}', 8, "expected value, line 2, column 3"),
        ('{"é": NaN}'.encode(), 6, "expected value, line 1, column 7"),
        (b'{"a": 1,,}', 8, "Expecting property name enclosed in double quotes, line 1, column 9"),
        (b'{"a": 1\n"b": 2}', 8, "Expecting ',' delimiter, line 2, column 1"),
        (b"[" * 300 + b"]" * 300, 201, "recursion limit exceeded, line 1, column 202"),
        (b'"\\ud800"', 7, "unexpected end of hex escape, line 1, column 8"),
    ],
)
def test_mistake_is_told_with_reason_and_place(body: bytes, position: int, message: str) -> None:
    """The place counts characters, from 0 in `loc` and from 1 in the words, as editors count."""
    error = _mistake(body)
    assert error["loc"] == ("body", position)
    assert error["msg"] == f"JSON decode error: {message}"


@given(st.text(min_size=1, max_size=30).filter(str.isalnum))
def test_mistake_does_not_show_what_was_sent(text: str) -> None:
    """The message has the parser's words and numbers, and nothing of the body."""
    error = _mistake(b'{"password": \xc2\xa7' + json.dumps(text).encode()[1:-1] + b"\xc2\xa7}")
    assert error["msg"] == "JSON decode error: Expecting value, line 1, column 14"


def _app(face: type[Rapide]) -> TestClient:
    app = face()

    @app.post("/price")
    async def read_price(price: Price) -> float:
        return price.amount

    @app.post("/prices")
    async def read_prices(price: Price, other: Annotated[int, Body()]) -> float:
        return price.amount

    @app.post("/form")
    async def read_form(amount: Annotated[int, Form()]) -> int:
        return amount

    return TestClient(app)


@pytest.mark.parametrize("face", [Rapide, FastAPI])
@pytest.mark.parametrize("sign", ["", "-"])
def test_integer_that_is_too_long_for_a_float_is_refused(face: type[Rapide], sign: str) -> None:
    """It would be infinite when validated from its bytes; both ways of reading say that it is no number."""
    client = _app(face)
    long = f'{{"amount": {sign}{"9" * 400}}}'
    for path, body in (("/price", long), ("/prices", f'{{"price": {long}, "other": 1}}')):
        answer = client.post(path, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 422, path
    largest = client.post("/price", json={"amount": 10**308})
    assert largest.json() == 1e308


@given(st.integers(min_value=0, max_value=1000), st.integers(min_value=300, max_value=320), st.booleans())
def test_long_integers_are_found_wherever_they_stand(offset: int, digits: int, between: bool) -> None:
    """Looking at every 309th byte misses none."""
    body = b" " * offset + b"7" * digits + (b" 12" if between else b"")
    assert holds_long_integer(body) is (digits >= 309)


def test_refused_media_type_is_told_what_is_accepted() -> None:
    """A 415 says in words, too, what the `Accept` header says (RFC 9110, section 15.5.16)."""
    client = _app(Rapide)
    json_answer = client.post("/price", content="x", headers={"content-type": "text/plain"})
    form_answer = client.post("/form", content="x", headers={"content-type": "text/plain"})
    assert (json_answer.status_code, form_answer.status_code) == (415, 415)
    assert "application/json" in json_answer.json()["detail"]
    assert json_answer.headers["accept"] == "application/json"
    assert "multipart/form-data or application/x-www-form-urlencoded" in form_answer.json()["detail"]
