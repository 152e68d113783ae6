"""When a client asks for a page."""

import pytest

from rapide.frontends.accept import asks_for_page


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        (["text/html"], True),
        ([" Text/HTML ;charset=utf-8"], True),
        (["application/xhtml+xml"], True),
        (["application/json", "text/html"], True),
        (["text/html;q=1e-9"], True),
        (["text/html; Q = 0"], False),
        (["text/html;q=-0"], False),
        (["text/html;q=0;q=1"], False),
        (["text/html;q=nan"], True),
        (["text/html;q="], True),
        (["text/html;quality=0"], True),
        (["text/*"], False),
        (["*/*"], False),
        (["text/htmlx"], False),
        (["xtext/html"], False),
        ([""], False),
        ([], False),
    ],
)
def test_page_is_asked_for_by_name(accept, page):
    """A page type must be named and not refused."""
    assert asks_for_page(accept) is page
