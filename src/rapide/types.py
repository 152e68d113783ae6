"""Type aliases that applications and plug-ins share with the framework."""

import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Annotated, Any, TypeVar, Union

from pydantic import BaseModel, Field

__all__ = ["DecoratedCallable", "DependencyCacheKey", "IncEx", "ModelNameMap", "TextWithoutNul", "UnionType"]

# A decorator that gives back the very callable it was put on.
DecoratedCallable = TypeVar("DecoratedCallable", bound=Callable[..., Any])

# The class of `int | str`; `typing.Union[int, str]` has a class of its own before Python 3.14.
UnionType = types.UnionType

# The component name of each model and enum in one OpenAPI document.
ModelNameMap = dict[type[BaseModel] | type[Enum], str]

# Which results of a dependency are the same within a request: the callable, its OAuth2 scopes, its lifetime.
DependencyCacheKey = tuple[Callable[..., Any] | None, tuple[str, ...], str]

# What Pydantic's `include` and `exclude` take: names or indexes, at any depth. It is a `Union` because `|`
# does not take a forward reference.
IncEx = set[int] | set[str] | Mapping[int, Union["IncEx", bool]] | Mapping[str, Union["IncEx", bool]]

# Text without U+0000, which JSON allows and PostgreSQL, C and many file formats do not.
TextWithoutNul = Annotated[str, Field(pattern=r"^[^\x00]*$")]
