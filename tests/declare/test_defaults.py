"""Defaults that know that they are defaults."""

import copy
import pickle

import pytest

from rapide.declare.defaults import UNSET, Default, DefaultPlaceholder


@pytest.mark.parametrize("value", [None, False, 0, "", [], True, 1, "x", [0]])
def test_placeholder_is_as_true_as_its_value(value: object) -> None:
    """Code that asks `if option:` sees the value."""
    assert bool(Default(value)) is bool(value)


def test_placeholders_of_equal_values_are_equal() -> None:
    """Equality and hash go by the value."""
    assert Default([1]) == Default([1])
    assert hash(Default("a")) == hash(Default("a"))
    assert Default(1) != Default(2)


def test_placeholder_is_not_equal_to_its_value() -> None:
    """An explicit value that equals the default is still explicit."""
    assert Default(True) != True  # noqa: E712 -- the comparison is what is tested


def test_unset_stands_for_none() -> None:
    """`UNSET` is false, and no explicit None."""
    assert not UNSET
    assert UNSET is not None
    assert UNSET.value is None


def test_placeholder_says_what_it_holds() -> None:
    """Signatures show the value in its wrapping."""
    assert repr(Default(3)) == "Default(3)"


def test_placeholder_survives_copies() -> None:
    """Routers are copied and pickled with their options."""
    placeholder = Default("a")
    assert copy.deepcopy(placeholder) == placeholder
    assert pickle.loads(pickle.dumps(placeholder)) == placeholder
    assert isinstance(placeholder, DefaultPlaceholder)
