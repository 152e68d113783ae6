"""What is read by our own code is read once, from left to right; each of these took minutes before."""

import pytest
from catalogue_faces import Face

_NESTED = b"[" * 65
_DIGITS = b"0" * 20


@pytest.mark.row("JSN-05", "JSN-06", "JSN-13")
@pytest.mark.parametrize("head", [_NESTED, _DIGITS], ids=["nested", "digits"])
@pytest.mark.parametrize("end", [b"", b"\\", b'"', b'\\"'], ids=["open", "backslash", "closed", "escaped"])
def test_jsn_05_texts_that_never_end(face: Face, head: bytes, end: bytes):
    """A text of nothing but escaped quotes that is never closed is looked through once."""
    answer = face.post("/any", head + b'"' + b'\\"' * 500_000 + end)
    assert answer.status in (400, 413, 422)
