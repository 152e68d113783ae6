"""The markers as functions.

They return what the classes of the same names make, but are typed as returning anything: a marker may then
stand as the default of a parameter of any type.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, Unpack

from pydantic_core import PydanticUndefined

from rapide.declare import depends, params
from rapide.declare.params import BodyOptions, FormOptions, HeaderOptions, ParamOptions

__all__ = ["Body", "Cookie", "Depends", "File", "Form", "Header", "Path", "Query", "Security"]


def Path(default: Any = ..., **options: Unpack[ParamOptions]) -> Any:
    """Declare a path parameter; `ParamOptions` lists the options."""
    return params.Path(default, **options)


def Query(default: Any = PydanticUndefined, **options: Unpack[ParamOptions]) -> Any:
    """Declare a query parameter; `ParamOptions` lists the options."""
    return params.Query(default, **options)


def Header(default: Any = PydanticUndefined, **options: Unpack[HeaderOptions]) -> Any:
    """Declare a header; `HeaderOptions` lists the options."""
    return params.Header(default, **options)


def Cookie(default: Any = PydanticUndefined, **options: Unpack[ParamOptions]) -> Any:
    """Declare a cookie; `ParamOptions` lists the options."""
    return params.Cookie(default, **options)


def Body(default: Any = PydanticUndefined, **options: Unpack[BodyOptions]) -> Any:
    """Declare the body, or a member of it; `BodyOptions` lists the options."""
    return params.Body(default, **options)


def Form(default: Any = PydanticUndefined, **options: Unpack[FormOptions]) -> Any:
    """Declare a field of a form; `FormOptions` lists the options."""
    return params.Form(default, **options)


def File(default: Any = PydanticUndefined, **options: Unpack[FormOptions]) -> Any:
    """Declare an uploaded file; `FormOptions` lists the options."""
    return params.File(default, **options)


def Depends(
    dependency: Callable[..., Any] | None = None,
    *,
    use_cache: bool = True,
    scope: Literal["function", "request"] | None = None,
    max_concurrency: int | None = None,
) -> Any:
    """Declare a dependency; see `rapide.params.Depends`."""
    return depends.Depends(dependency, use_cache=use_cache, scope=scope, max_concurrency=max_concurrency)


def Security(
    dependency: Callable[..., Any] | None = None,
    *,
    scopes: Sequence[str] | None = None,
    use_cache: bool = True,
) -> Any:
    """Declare a dependency that asks for OAuth2 scopes; see `rapide.params.Security`."""
    return depends.Security(dependency, use_cache=use_cache, scopes=scopes)


for _name in ("Path", "Query", "Header", "Cookie", "Body", "Form", "File"):
    _default, _extra = params.SIGNATURES[getattr(params, _name)]
    _without = ("annotation",)
    if _extra and "annotation" in {after for after, _ in _extra.values()}:
        _extra = {name: ("default_factory", value) for name, (_, value) in _extra.items()}
    globals()[_name].__signature__ = params.marker_signature(_default, _extra, without=_without)
