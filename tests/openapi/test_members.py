"""Objects whose members are made one by one."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rapide.openapi.members import Members, collected, encoded

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def _as_members(value: Any, levels: int) -> Any:
    if levels and isinstance(value, dict):
        return Members((name, _as_members(member, levels - 1)) for name, member in value.items())
    return value


@given(value=_JSON, levels=st.integers(0, 3))
def test_both_ways_lead_to_the_same_document(value: Any, levels: int) -> None:
    """Collected or written, and however deep the members go, it is the value."""
    assert collected(_as_members(value, levels)) == value
    assert json.loads("".join(encoded(_as_members(value, levels)))) == value
    assert json.loads("".join(encoded(value, levels))) == value


def test_members_are_made_when_they_are_asked_for() -> None:
    """Whoever writes has written the first before the second is made."""
    made = []

    def members() -> Iterator[tuple[str, Any]]:
        for number in range(3):
            made.append(number)
            yield str(number), {}

    pieces = encoded(Members(members()))
    assert (next(pieces), next(pieces)) == ('{"0":', "{}")
    assert made == [0]


def test_names_that_are_no_text_are_written_as_json_writes_them() -> None:
    """A document of somebody's own may have statuses for names."""
    assert json.loads("".join(encoded({"responses": {200: {}}}, 3))) == {"responses": {"200": {}}}
