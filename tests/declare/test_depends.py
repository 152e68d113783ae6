"""The dependency markers: values that are never changed after they are made."""

import dataclasses
import pickle
from typing import Annotated, get_args

import pytest

from rapide.declare.depends import Concurrency, Depends, Security
from rapide.errors import InvalidValueError


def _function() -> None: ...


def test_depends_has_its_defaults() -> None:
    """Nothing needs to be said for a cached dependency of the request."""
    depends = Depends(_function)
    assert depends.use_cache is True
    assert depends.scope is None
    assert depends.max_concurrency is None
    assert Depends().dependency is None


def test_equal_declarations_are_equal() -> None:
    """Two declarations of the same are the same, and can be keys."""
    assert Depends(_function) == Depends(_function)
    assert hash(Depends(_function)) == hash(Depends(_function))
    assert Depends(_function) != Depends(_function, use_cache=False)
    assert Security(_function, scopes=["a"]) == Security(_function, scopes=["a"])
    assert Security(_function, scopes=["a"]) != Security(_function, scopes=["b"])


def test_declarations_are_frozen() -> None:
    """A declaration is shared by routes; nobody changes it for the others."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Depends(_function).use_cache = False  # type: ignore[misc]


def test_security_is_a_dependency() -> None:
    """Whoever looks for dependencies finds security too."""
    assert isinstance(Security(_function), Depends)
    assert Security(_function).scopes is None


@pytest.mark.parametrize("limit", [0, -1, 1.0, True, "1"])
def test_limit_must_be_a_positive_integer(limit: object) -> None:
    """A limit that lets nobody in, or is no number, is refused where it is written."""
    with pytest.raises(InvalidValueError, match="max_concurrency must be a positive integer or None"):
        Depends(_function, max_concurrency=limit)  # type: ignore[arg-type]


def test_each_declaration_has_its_own_slots() -> None:
    """The limit belongs to the declaration: another one of the same number is another limit."""
    first, second = Depends(_function, max_concurrency=2), Depends(_function, max_concurrency=2)
    assert isinstance(first._concurrency, Concurrency)
    assert first._concurrency is not second._concurrency
    assert first != second
    assert get_args(Annotated[int, first])[1] is first
    assert get_args(Annotated[int, second])[1] is second


def test_copies_of_a_declaration_share_its_slots() -> None:
    """`dataclasses.replace` keeps the limit, unless it changes the number."""
    depends = Depends(_function, max_concurrency=2)
    assert dataclasses.replace(depends, use_cache=False)._concurrency is depends._concurrency
    changed = dataclasses.replace(depends, max_concurrency=3)
    assert changed._concurrency is not depends._concurrency
    assert changed._concurrency is not None
    assert changed._concurrency.limit == 3
    assert dataclasses.replace(depends, max_concurrency=None)._concurrency is None


def test_limit_is_shown_as_a_number() -> None:
    """The text of a declaration says what was written."""
    assert "max_concurrency=2" in repr(Depends(_function, max_concurrency=2))
    assert "_concurrency=" not in repr(Depends(_function)).replace("max_concurrency=", "")
    assert repr(Concurrency(2)) == "Concurrency(2)"


def test_declaration_can_be_pickled() -> None:
    """Applications are sent to worker processes."""
    loaded = pickle.loads(pickle.dumps(Depends(_function, max_concurrency=1)))
    assert (loaded.dependency, loaded.max_concurrency) == (_function, 1)
    assert pickle.loads(pickle.dumps(Depends(_function))) == Depends(_function)
