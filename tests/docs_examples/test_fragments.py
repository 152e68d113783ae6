"""What is made from the code says what the code says today."""

import pytest
from fragments import FRAGMENTS, MISTAKES, NOT_SHOWN, path_of
from loading import RECORD_AGAIN

from rapide.errors import CODES


@pytest.mark.parametrize("name", FRAGMENTS)
def test_fragment_is_current(name: str) -> None:
    """The table or list on the page is the one that the code gives."""
    assert path_of(name).read_text("utf-8") == FRAGMENTS[name](), RECORD_AGAIN


def test_every_code_has_an_example_that_is_told_it() -> None:
    """A new code needs a file that makes the mistake; making the fragment checks what the file is told."""
    assert {path.stem for path in MISTAKES.glob("RAP*.py")} == CODES.keys() - NOT_SHOWN
