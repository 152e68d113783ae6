"""Permissions: scopes, roles and policies as dependencies, for `auth=` and for `Depends()`.

A policy is a plain function that takes what it decides about, by dependencies, and returns whether it may
be::

    def may_read(user: CurrentUser, order: RequestedOrder) -> bool:
        return user.is_staff or order.customer_id == user.id

    @app.get("/orders/{order_id}", auth=may_read)

`requires` asks for scopes and roles; `all_of` and `any_of` put policies together.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, get_type_hints

from rapide._analyse.access import answer_type, answers_of, challenges_of, check_auth, refuse_stranger
from rapide._analyse.graph import Place, analyse_call
from rapide.behaviour import RAPIDE
from rapide.declare.depends import Depends, Security
from rapide.errors import AccessError
from rapide.exceptions import HTTPException
from rapide.plan.nodes import Call, walk_calls
from rapide.security.base import SecurityBase

__all__ = ["all_of", "any_of", "requires"]

Guard = Depends | Callable[..., Any]


def requires(caller: Guard, *, scopes: str | Sequence[str] = (), roles: str | Sequence[str] = ()) -> Security:
    """Return a dependency that lets pass who has all of `scopes` and one of `roles`; it gives the caller.

    `caller` is the dependency that says who is calling. What it returns has `scopes` and `roles`, lists of
    texts or one text with spaces (`scope` and `role` do, too). The scopes also reach the `SecurityScopes`
    of the dependencies below, and OpenAPI. Who is unknown gets 401, who lacks something gets 403 (RFC 6750,
    section 3.1).

    Raises:
        AccessError: what `caller` returns is known not to have scopes or roles, or no permission is named.
    """
    wanted, one_of = _texts(scopes), _texts(roles)
    if not wanted and not one_of:
        raise AccessError(
            "RAP604", "requires() was given neither scopes nor roles", function=_function_of(caller)
        )
    requirement = _Requirement(caller, wanted, one_of)
    return Security(requirement, scopes=wanted)


def all_of(*guards: Guard) -> Depends:
    """Return a dependency that lets pass whom all `guards` let pass; its result is that of the first.

    Each is what `auth=` takes. They run in this order; None is answered with 401, False with 403.
    """
    return Depends(_All(guards))


def any_of(*guards: Guard) -> Depends:
    """Return a dependency that lets pass whom one of `guards` does; its result is that of the first such.

    All of them run. Where none lets pass, the answer is 403 if one knew who is calling (it returned False),
    and 401 with the challenges of all schemes if none did.

    Raises:
        AccessError: one of them answers by raising, so that the others could not be asked.
    """
    alternatives = _Any(guards)
    for guard in guards:
        _check_answers(guard)
    return Depends(alternatives)


def _texts(given: str | Iterable[str]) -> tuple[str, ...]:
    return tuple(given.split()) if isinstance(given, str) else tuple(given)


def _function_of(guard: Guard) -> Any:
    return guard.dependency if isinstance(guard, Depends) else guard


def _as_depends(guard: Guard) -> Depends:
    return guard if isinstance(guard, Depends) else Depends(guard)


class _OfOthers(ABC):
    """A dependency made of others: each is a parameter of it."""

    @abstractmethod
    async def __call__(self, **answers: Any) -> object:
        """Return the answer that counts, or refuse."""

    def __init__(self, guards: Sequence[Guard]) -> None:
        if not guards:
            raise AccessError("RAP601", "There is nothing to ask: name at least one dependency")
        self._guards = guards
        parameters = [
            inspect.Parameter(f"answer_{number}", inspect.Parameter.KEYWORD_ONLY, default=_as_depends(guard))
            for number, guard in enumerate(guards, 1)
        ]
        self.__signature__ = inspect.Signature(parameters, return_annotation=object)
        names = [getattr(_function_of(guard), "__name__", repr(guard)) for guard in guards]
        self.__name__ = self.__qualname__ = (
            f"{type(self).__name__.lstrip('_').lower()}_of({', '.join(names)})"
        )
        for guard in guards:
            answers_of(_function_of(guard))  # reports what does not say what it returns

    @cached_property
    def _call(self) -> Call:
        return analyse_call(self, Place((), frozenset(), RAPIDE))


class _All(_OfOthers):
    async def __call__(self, **answers: Any) -> object:
        for guard, answer in zip(self._guards, answers.values(), strict=True):
            anonymous, refused = answers_of(_function_of(guard))
            if anonymous and answer is None:
                raise refuse_stranger(self._call)
            if refused and answer is False:
                raise HTTPException(403)
        return next(iter(answers.values()))


class _Any(_OfOthers):
    async def __call__(self, **answers: Any) -> object:
        known = False
        for answer in answers.values():
            if answer is False:
                known = True
            elif answer is not None:
                return answer
        raise HTTPException(403) if known else refuse_stranger(self._call)


def _check_answers(guard: Guard) -> None:
    function = _function_of(guard)
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    if answers_of(function) == (False, False):
        raise AccessError(
            "RAP605", f"{name} never returns None or False: it answers by raising", function=function
        )
    for call in walk_calls(analyse_call(function, Place((), frozenset(), RAPIDE))):
        scheme: Any = call.function
        if isinstance(scheme, SecurityBase) and getattr(scheme, "auto_error", True):
            raise AccessError(
                "RAP605",
                f"{scheme.scheme_name}, on which {name} depends, refuses by itself",
                function=function,
            )


class _Requirement:
    """Refuses callers without these scopes and roles."""

    def __init__(self, caller: Guard, scopes: tuple[str, ...], roles: tuple[str, ...]) -> None:
        self._function = _function_of(caller)
        self._scopes = frozenset(scopes)
        self._roles = frozenset(roles)
        check_auth(self._function)
        returned = answer_type(self._function)
        for wanted, name in ((scopes, "scopes"), (roles, "roles")):
            if wanted:
                _check_attribute(returned, name, self._function)
        parameter = inspect.Parameter("caller", inspect.Parameter.KEYWORD_ONLY, default=_as_depends(caller))
        self.__signature__ = inspect.Signature([parameter], return_annotation=object)
        wanted_names = " ".join((*scopes, *roles))
        self.__name__ = self.__qualname__ = (
            f"{getattr(self._function, '__name__', 'caller')} with {wanted_names}"
        )

    @cached_property
    def _call(self) -> Call:
        return analyse_call(self._function, Place((), frozenset(), RAPIDE))

    async def __call__(self, caller: Any) -> object:
        if caller is None or caller is False:
            raise refuse_stranger(self._call)
        if self._scopes and not self._scopes <= _held(caller, "scopes"):
            raise HTTPException(403, headers=self._insufficient_scope())
        if self._roles and self._roles.isdisjoint(_held(caller, "roles")):
            raise HTTPException(403)
        return caller

    def _insufficient_scope(self) -> dict[str, str] | None:
        if not any(challenge.startswith("Bearer") for challenge in challenges_of(self._call)):
            return None
        scopes = " ".join(sorted(self._scopes))
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scopes}"'}


def _held(caller: Any, name: str) -> frozenset[str]:
    """Return the scopes or roles of a caller.

    Raises AttributeError where it has none: nobody is let in by that.
    """
    for attribute in (name, name.removesuffix("s")):
        held = getattr(caller, attribute, None)
        if held is not None:
            return frozenset(_texts(held))
    if hasattr(caller, name) or hasattr(caller, name.removesuffix("s")):
        return frozenset()
    raise AttributeError(f"{type(caller).__name__} has no {name}, which requires() asks for")


def _check_attribute(returned: Any, name: str, function: Any) -> None:
    """Report a class without scopes or roles now; what is no class is looked at when somebody calls."""
    if not inspect.isclass(returned) or returned in {Any, object}:
        return
    names = (name, name.removesuffix("s"))
    known = {*dir(returned), *get_type_hints(returned), *getattr(returned, "model_fields", ())}
    if known.isdisjoint(names):
        raise AccessError("RAP604", f"A {returned.__qualname__} has no {name}", function=function)
