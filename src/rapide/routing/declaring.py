"""The behaviour under which routes are being declared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from rapide.behaviour import Behaviour

__all__ = ["declared_behaviour", "declaring", "is_declared_whole"]

_current: ContextVar[Behaviour | None] = ContextVar("rapide.declaring", default=None)
_whole: ContextVar[bool] = ContextVar("rapide.declaring_whole", default=False)


@contextmanager
def declaring(behaviour: Behaviour | None, *, whole: bool) -> Iterator[None]:
    """Declare routes for an application: they are analysed at once as it wants them.

    `whole` says that paths are: nothing can come in front of them. A context instead of arguments: route
    classes of users do not know them.
    """
    token, whole_token = _current.set(behaviour), _whole.set(whole)
    try:
        yield
    finally:
        _current.reset(token)
        _whole.reset(whole_token)


def declared_behaviour() -> Behaviour | None:
    """Return the behaviour of the application that declares; None for a router."""
    return _current.get()


def is_declared_whole() -> bool:
    """Tell whether the path that is being declared is whole: it is an application's own."""
    return _whole.get()
