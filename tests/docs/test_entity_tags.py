"""Tests of `rapide.docs.entity_tags`."""

import pytest
from starlette.requests import Request

from rapide.docs.entity_tags import is_unchanged, make_entity_tag

_TAG = '"0123"'


def _request(*values: str) -> Request:
    headers = [(b"if-none-match", value.encode()) for value in values]
    return Request({"type": "http", "method": "GET", "headers": headers})


def test_entity_tags_are_equal_when_the_bytes_are() -> None:
    """A tag is strong, quoted, and depends on nothing but the bytes."""
    tag = make_entity_tag(b"x")
    assert tag == make_entity_tag(b"x")
    assert tag != make_entity_tag(b"y")
    assert tag[0] == tag[-1] == '"'
    assert len(tag) == 34


@pytest.mark.parametrize(
    "values",
    [('"0123"',), ('W/"0123"',), ('"a", "0123"',), ('"a","0123"',), ('"a"', '"0123"'), ("*",), (" * ",)],
)
def test_representation_is_unchanged_when_the_client_names_its_tag(values: tuple[str, ...]) -> None:
    """The tag may be weak, one of several, on several lines, or any tag at all."""
    assert is_unchanged(_request(*values), _TAG)


@pytest.mark.parametrize(
    "values", [(), ("",), ('"01234"',), ('"012"',), ("0123",), ('"a", *',), ('"a 0123"',)]
)
def test_representation_is_new_when_the_client_does_not_name_its_tag(values: tuple[str, ...]) -> None:
    """No header, other tags, and a tag without quotes are no match."""
    assert not is_unchanged(_request(*values), _TAG)
