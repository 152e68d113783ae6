"""Every row of the catalogue about logins, tokens, cookies, sessions and forged requests has a test."""

import functools
import re
from pathlib import Path

_TESTS = Path(__file__).parents[1]
# How many rows of each letter there are: those of ranks 1 and 2, and AUT-12, which is promised beyond them.
_ROWS = {"AUT": 13, "JWT": 9, "CKE": 9, "SES": 3, "CSR": 3}
_MARKER = re.compile(r"^@pytest\.mark\.row\((?P<rows>[^)]*)\)$", re.MULTILINE)


@functools.cache
def _marked() -> frozenset[str]:
    """The rows that tests are marked with."""
    files = [
        path
        for folder in ("auth", "routing", "security_catalogue")
        for path in (_TESTS / folder).rglob("*.py")
    ]
    texts = [path.read_text(encoding="utf-8") for path in [*files, _TESTS / "test_errors.py"]]
    marks = [mark["rows"] for text in texts for mark in _MARKER.finditer(text)]
    return frozenset(row for mark in marks for row in re.findall(r'"([A-Z]{3}-\d\d)"', mark))


def test_every_row_has_a_test():
    """A row without a test is a promise that nobody checks."""
    rows = {f"{name}-{number:02}" for name, count in _ROWS.items() for number in range(1, count + 1)}
    assert sorted(rows - _marked()) == []


def test_no_row_is_made_up():
    """A misspelt row would not be missed."""
    assert {row for row in _marked() if row[:3] in _ROWS and int(row[4:]) > _ROWS[row[:3]]} == set()
