"""The `auth` option to the edge of a dependency, which runs before all others and whose answer counts.

What it returns is an answer where its return annotation says so: `bool` is a decision, a type or None is
who calls, and `-> None` raises by itself. One without an annotation is refused: whether its None lets
everybody in or nobody must not be guessed.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from dataclasses import replace
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from rapide._analyse.graph import Place, run_only
from rapide._analyse.signature import typed_return
from rapide.declare.depends import Depends
from rapide.errors import AccessError
from rapide.exceptions import HTTPException
from rapide.plan.nodes import Call, Dependency, walk_calls
from rapide.security.base import SecurityBase

__all__ = [
    "analyse_auth",
    "answer_type",
    "answers_of",
    "challenges_of",
    "check_auth",
    "refuse_stranger",
]

_YIELDS = (AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator)


def analyse_auth(auth: Any, place: Place) -> Dependency:
    """Return the edge of an `auth` option that asks somebody. Raises AccessError for a wrong one."""
    check_auth(auth)
    depends = auth if isinstance(auth, Depends) else Depends(auth)
    function: Any = depends.dependency
    edge = run_only(depends, place)
    if edge.call.needs_body:
        name = edge.call.qualified_name
        raise AccessError("RAP602", f"{name}, which decides who may call, reads the body", function=function)
    anonymous, refused = answers_of(function)
    if not (anonymous or refused):
        return edge
    decision = Call(_Decision(edge.call), "inline", dependencies=(replace(edge, name="answer"),))
    # An edge with a key of its own: the answer below it is shared with whoever depends on the same function.
    return Dependency(None, decision, scopes=edge.scopes, cache_key=(decision.function, (), ""))


def check_auth(auth: Any) -> None:
    """Check an `auth` option that asks somebody, wherever it comes to hold. Raises AccessError."""
    function = auth.dependency if isinstance(auth, Depends) else auth
    if not callable(function):
        raise AccessError("RAP601", f"`auth` must be a dependency or `public`, not {auth!r}")
    answers_of(function)


def answers_of(function: Any) -> tuple[bool, bool]:
    """Return whether the answer of a callable may be None for "nobody", and False for "may not"."""
    annotation = answer_type(function)
    if annotation is None or annotation is type(None):
        return False, False
    kinds = _alternatives(annotation)
    unknown = Any in kinds or object in kinds
    return unknown or type(None) in kinds, unknown or bool in kinds


def answer_type(function: Any) -> Any:
    """Return the type of an answer: a class itself, what a generator yields, what others return.

    Raises AccessError where it says nothing.
    """
    if inspect.isclass(function):
        return function
    annotation = typed_return(function)
    if annotation is inspect.Signature.empty:
        name = getattr(function, "__qualname__", None) or type(function).__qualname__
        raise AccessError(
            "RAP603", f"{name}, which decides who may call, does not say what it returns", function=function
        )
    if annotation in _YIELDS:
        return Any
    return (get_args(annotation) or (Any,))[0] if get_origin(annotation) in _YIELDS else annotation


def _alternatives(annotation: Any) -> list[Any]:
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [kind for argument in get_args(annotation) for kind in _alternatives(argument)]
    return [type(None) if annotation is None else annotation]


class _Decision:
    """Refuses where an answer is None or False."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self.__name__ = self.__qualname__ = getattr(call.function, "__name__", "decision")

    def __call__(self, answer: Any) -> Any:
        """Return the answer. Raises HTTPException: 401 for None, with the challenges, and 403 for False."""
        if answer is None:
            raise refuse_stranger(self._call)
        if answer is False:
            raise HTTPException(403)
        return answer


def refuse_stranger(call: Call) -> HTTPException:
    """Return the refusal of somebody of whom a graph knows nothing: 401 with the challenges of its schemes.

    A 401 has to name a way to say who one is (RFC 9110, section 15.5.2); where no scheme reads any it is a
    403.
    """
    challenges = challenges_of(call)
    if not challenges:
        return HTTPException(403)
    return HTTPException(401, "Not authenticated", {"WWW-Authenticate": ", ".join(challenges)})


def challenges_of(call: Call) -> list[str]:
    """Return the challenges of the schemes in a graph, each once."""
    found: dict[str, None] = {}
    for inner in walk_calls(call):
        scheme: Any = inner.function
        make = getattr(scheme, "make_authenticate_headers", None)
        if make is not None and isinstance(scheme, SecurityBase):
            found.update(dict.fromkeys(make().values()))
    return list(found)
