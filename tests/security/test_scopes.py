"""The OAuth2 scopes that a dependency is used with."""

import pytest

from rapide.security import SecurityScopes


@pytest.mark.parametrize(
    ("given", "scopes", "text"),
    [
        (None, [], ""),
        ([], [], ""),
        (["a"], ["a"], "a"),
        (["b", "a"], ["b", "a"], "b a"),
        (("a",), ("a",), "a"),
    ],
)
def test_scopes_are_kept_in_order_and_joined_by_spaces(given, scopes, text):
    """The joined text is what challenges and tokens hold."""
    asked = SecurityScopes(given)
    assert (asked.scopes, asked.scope_str) == (scopes, text)
