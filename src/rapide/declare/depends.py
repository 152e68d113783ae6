"""The dependency markers, and the `auth` option: who may call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Final, Literal, TypeAlias

from rapide.declare.defaults import DefaultPlaceholder
from rapide.errors import InvalidValueError

__all__ = ["AUTH", "Auth", "Concurrency", "Depends", "Public", "Security", "asks", "is_unset", "public"]


class Concurrency:
    """The identity of one limit: declarations that share this object share its slots."""

    __slots__ = ("__weakref__", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __repr__(self) -> str:
        return f"Concurrency({self.limit})"


@dataclass(frozen=True)
class Depends:
    """Declare that a parameter is the result of calling `dependency`.

    `dependency` is any callable, or None for "the annotation". `use_cache=False` calls it again for every use
    within a request. `scope` is "function" (a generator's clean-up runs before the response is sent) or
    "request" (after it). `max_concurrency` limits how many executions of this very declaration run at once
    per event loop; anything but an int of at least 1 is a ValueError.
    """

    dependency: Callable[..., Any] | None = None
    use_cache: bool = True
    scope: Literal["function", "request"] | None = None
    _: KW_ONLY
    max_concurrency: int | None = None
    # Part of what is compared: `Annotated` keeps one object for equal metadata, and two limits are two.
    _concurrency: Concurrency | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        limit = self.max_concurrency
        if limit is None:
            object.__setattr__(self, "_concurrency", None)
            return
        if type(limit) is not int or limit < 1:
            raise InvalidValueError(
                "RAP209", f"max_concurrency must be a positive integer or None, not {limit!r}"
            )
        if self._concurrency is None or self._concurrency.limit != limit:
            object.__setattr__(self, "_concurrency", Concurrency(limit))

    def __hash__(self) -> int:
        return hash((type(self), self.dependency, self.use_cache, self.scope, self.max_concurrency))


@dataclass(frozen=True)
class Security(Depends):
    """A dependency that also asks for OAuth2 `scopes`."""

    scopes: Sequence[str] | None = None

    def __hash__(self) -> int:
        return hash((super().__hash__(), tuple(self.scopes or ())))


class Public:
    """The mark of what anybody may call."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "public"

    def __reduce__(self) -> str:
        return "public"  # the one object, in copies and in other processes too


public: Final = Public()
"""Give it as `auth` to what anybody may call, inside of something that asks who is calling."""

AUTH = "rapide_auth"
"""The attribute with the `auth` of a route that is not ours."""

Auth: TypeAlias = Depends | Callable[..., Any] | Public
"""A dependency that decides who may call, as it stands in `Depends()` or inside one; or `public`."""


def is_unset(auth: Any) -> bool:
    """Tell whether nothing was said, so that what stands further out decides."""
    return isinstance(auth, DefaultPlaceholder)


def asks(auth: Any) -> bool:
    """Tell whether somebody is asked, which is not so where nothing was said, or `public`."""
    return not isinstance(auth, DefaultPlaceholder | Public)
