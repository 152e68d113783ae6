"""The behaviour under which routes are being declared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rapide.behaviour import Behaviour

__all__ = ["declared_behaviour", "declaring"]

_current: ContextVar[Behaviour | None] = ContextVar("rapide.declaring", default=None)


@contextmanager
def declaring(behaviour: Behaviour | None) -> Iterator[None]:
    """Declare routes for an application: they are analysed at once as it wants them.

    A context instead of an argument: route classes of users do not know it.
    """
    token = _current.set(behaviour)
    try:
        yield
    finally:
        _current.reset(token)


def declared_behaviour() -> Behaviour | None:
    """Return the behaviour of the application that declares; None for a router."""
    return _current.get()
