"""The targets of `scripts/fuzz` run, and fail where they should."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

_ROOT = str(Path(__file__).parent.parent)
if _ROOT not in sys.path:
    sys.path.append(_ROOT)

from fuzz import targets  # noqa: E402 -- found through the line above

_SEEDS = [
    b"",
    b'{"a": [1, "x", null]}',
    b"a=1&b=%20;c&=&&a",
    b'a="x\\073"; b; =c',
    b"/a\nhost:example.com\nx_a:1",
    b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--B--\r\n',
    b"x-a: 1",
    b"//evil.com",
]


@pytest.mark.parametrize("name", targets.TARGETS)
def test_target_takes_all_seeds(name):
    """No seed makes a target fail."""
    for seed in _SEEDS:
        targets.TARGETS[name](seed)


@pytest.mark.parametrize("name", targets.TARGETS)
def test_target_takes_any_bytes(name):
    """Bytes that are made up make no target fail."""

    @given(st.binary(max_size=200))
    def check(data):
        targets.TARGETS[name](data)

    check()


def test_target_fails_when_a_reader_does(monkeypatch):
    """A reader that makes something up is found."""
    monkeypatch.setattr(targets, "query_of", lambda scope: {"made": "up"})
    with pytest.raises(AssertionError):
        targets.TARGETS["query"](b"a=1")
