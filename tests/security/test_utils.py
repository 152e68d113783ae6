"""The `Authorization` header in its two parts."""

import pytest

from rapide.security.utils import get_authorization_scheme_param


@pytest.mark.parametrize(
    ("header", "parts"),
    [
        (None, ("", "")),
        ("", ("", "")),
        ("Bearer", ("Bearer", "")),
        ("Bearer ", ("Bearer", "")),
        ("Bearer abc", ("Bearer", "abc")),
        ("Bearer  abc\t", ("Bearer", "abc")),
        ("Digest a=b, c=d", ("Digest", "a=b, c=d")),
        (" Bearer abc", ("", "Bearer abc")),
        ("Bearer\tabc", ("Bearer\tabc", "")),
    ],
)
def test_header_is_split_at_its_first_space(header, parts):
    """Whitespace around the parameter is dropped, and what is absent is empty."""
    assert get_authorization_scheme_param(header) == parts
