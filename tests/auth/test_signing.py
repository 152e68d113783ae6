"""Signed values: each name its own key, former secrets still read."""

import secrets
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapide.auth import SignedValues
from rapide.errors import AuthDeclarationError

_OLD, _NEW = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
_DAY = timedelta(days=1)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_what_was_signed_is_read(value: str) -> None:
    """Any text comes back, and what stands in the cookie needs no encoding."""
    values = SignedValues(_NEW)
    signed = values.sign("cart", value)
    assert set(signed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert values.read("cart", signed, max_age=_DAY) == value


@pytest.mark.row("CKE-08")
@pytest.mark.parametrize(
    ("mine", "others"),
    [("cart", "session"), ("a", "ab"), ("ab", "a"), ("a", ""), ("a.b", "a"), ("cart", "Cart")],
)
def test_a_value_of_one_name_is_none_of_another(mine: str, others: str) -> None:
    """Moved from cookie to cookie, a value is refused: every name has its own key."""
    values = SignedValues(_NEW)
    assert values.read(others, values.sign(mine, "value"), max_age=_DAY) is None
    assert values.read(mine, values.sign(mine, "value"), max_age=_DAY) == "value"


@pytest.mark.row("CKE-09")
def test_former_secrets_are_read_and_do_not_sign() -> None:
    """Old values are read until the old secret is left out, and new ones need the new one."""
    before, during, after = SignedValues(_OLD), SignedValues(_NEW, former=[_OLD]), SignedValues(_NEW)
    old, new = before.sign("cart", "value"), during.sign("cart", "value")
    assert during.read("cart", old, max_age=_DAY) == "value"
    assert after.read("cart", old, max_age=_DAY) is None
    assert after.read("cart", new, max_age=_DAY) == "value"
    assert before.read("cart", new, max_age=_DAY) is None


def test_changed_and_old_values_are_none() -> None:
    """Every character counts, and so does the time."""
    values = SignedValues(_NEW)
    signed = values.sign("cart", "value")
    for position, character in enumerate(signed):
        changed = signed[:position] + ("A" if character != "A" else "B") + signed[position + 1 :]
        assert values.read("cart", changed, max_age=_DAY) is None
    for text in ("", ".", "..", "x" * 100_000, signed + "=", signed + "\n", "é" + signed, signed[1:]):
        assert values.read("cart", text, max_age=_DAY) is None
    assert values.read("cart", signed, max_age=timedelta(seconds=-1)) is None


def test_weak_secrets_refuse_to_start() -> None:
    """As those of tokens do."""
    with pytest.raises(AuthDeclarationError, match="RAP502"):
        SignedValues("changeme")
    with pytest.raises(AuthDeclarationError, match="RAP502"):
        SignedValues(_NEW, former=["short"])
