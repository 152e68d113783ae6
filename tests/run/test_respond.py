"""What results become on the wire."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapide._run.respond import encode_exact

_texts = st.text(st.characters())  # halves of surrogate pairs too
_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=8,
)


def _refuse(constant: str) -> Any:
    raise AssertionError(f"{constant} is no JSON")


@given(_data)
def test_every_value_becomes_json(value: Any) -> None:
    """Whatever an endpoint returns, clients get UTF-8 and what RFC 8259 knows."""
    json.loads(encode_exact(value).decode("utf-8"), parse_constant=_refuse)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"price": Decimal("1.10")}, b'{"price":"1.10"}'),
        ([float("nan"), float("inf")], b"[null,null]"),
        ("a\ud800b", '"a\ufffdb"'.encode()),
        ({"\udc00": [1, "é"]}, '{"\ufffd":[1,"é"]}'.encode()),
        ([b"text", b"\x80"], b'["text","gA=="]'),
        ("\U0001f600", '"\U0001f600"'.encode()),
    ],
)
def test_hard_values_have_one_way_of_writing(value: Any, written: bytes) -> None:
    """Decimals are text, NaN is null, bytes are text or Base64, half a surrogate pair is U+FFFD."""
    assert encode_exact(value) == written
