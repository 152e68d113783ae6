"""One parameter of a signature: taken apart, checked for contradictions, given to the kind that claims it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

from rapide._analyse.signature import Unresolved
from rapide._pydantic import Undefined
from rapide.behaviour import Behaviour
from rapide.declare.depends import Depends
from rapide.declare.params import Body, Param
from rapide.errors import DefaultsError, MarkerError, UnresolvedAnnotationError
from rapide.inputs.base import Parameter

__all__ = ["take_apart"]


def _split(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    if isinstance(annotation, TypeAliasType):
        value: Any = annotation.__value__
        if not isinstance(value, str):  # which nobody could resolve without the module of the alias
            annotation = value
    if get_origin(annotation) is Annotated:
        type_, *metadata = get_args(annotation)
        return type_, tuple(metadata)
    return annotation, ()


def _check_marker(marker: FieldInfo, default: Any, framework: str, where: dict[str, Any]) -> None:
    """Refuse a default inside `Annotated`, and a second marker behind the equals sign."""
    name = where["parameter"]
    if isinstance(marker, Param | Body) and marker.default is not Undefined and marker.default is not ...:
        raise MarkerError(
            "RAP101",
            f"`{type(marker).__name__}` default value cannot be set in `Annotated` for {name!r}. "
            "Set the default value with `=` instead.",
            **where,
        )
    if isinstance(default, Depends):
        raise MarkerError(
            "RAP102",
            f"Cannot specify a {framework} annotation in `Annotated` and `Depends` as a default value "
            f"together for {name!r}",
            **where,
        )
    if isinstance(default, FieldInfo):
        raise MarkerError(
            "RAP102",
            f"Cannot specify {framework} annotations in `Annotated` and default value together for {name!r}",
            **where,
        )


def _check_defaults(infos: Sequence[Any], default: Any, where: dict[str, Any]) -> None:
    """Refuse a default behind the equals sign beside a factory, which one of them would hide."""
    if default is Undefined or default is ...:
        return
    if any(isinstance(info, FieldInfo) and info.default_factory is not None for info in infos):
        name = where["parameter"]
        raise DefaultsError("RAP118", f"cannot specify both default and default_factory: {name!r}", **where)


def _default_marker(default: Any, where: dict[str, Any]) -> FieldInfo | None:
    if not isinstance(default, FieldInfo):
        return None
    if not isinstance(default, Param | Body):
        raise MarkerError(
            "RAP107",
            f"non-body parameters must be in path, query, header or cookie: {where['parameter']}",
            **where,
        )
    return default


def _is_unresolved(annotation: Any) -> type[Unresolved] | None:
    if isinstance(annotation, type) and issubclass(annotation, Unresolved):
        return annotation
    return next((found for item in get_args(annotation) if (found := _is_unresolved(item))), None)


def _lenient(type_: Any, function: Callable[..., Any], name: str, behaviour: Behaviour) -> Any:
    """Return the type, `Any` for an unresolved one where that is allowed."""
    unresolved = _is_unresolved(type_)
    if unresolved is None:
        return type_
    if behaviour.missing_names == "ignore":
        return Any
    raise UnresolvedAnnotationError(
        "RAP110",
        f"The name {unresolved.name!r} in the annotation of {name!r} of "
        f"{function.__module__}.{getattr(function, '__qualname__', function)} is not defined",
        function=function,
        parameter=name,
    )


def take_apart(
    parameter: inspect.Parameter,
    function: Callable[..., Any],
    path_names: Mapping[str, bool],
    behaviour: Behaviour,
    methods: frozenset[str],
) -> Parameter:
    """Return what a parameter says: type, metadata, the deciding marker or dependency, and its default.

    Raises MarkerError when markers contradict each other, UnresolvedAnnotationError for a name that stands
    for nothing.
    """
    where: dict[str, Any] = {"function": function, "parameter": parameter.name}
    annotation = Any if parameter.annotation is parameter.empty else parameter.annotation
    type_, metadata = _split(annotation)
    default = Undefined if parameter.default is parameter.empty else parameter.default
    infos = [item for item in metadata if isinstance(item, FieldInfo | Depends)]
    markers = [item for item in infos if isinstance(item, Param | Body | Depends)]
    decisive = markers[-1] if markers else None
    marker: FieldInfo | None = None
    depends: Depends | None = None
    if isinstance(decisive, Depends):
        depends = decisive
        if isinstance(default, Depends):
            raise MarkerError(
                "RAP102",
                f"Cannot specify `Depends` in `Annotated` and default value together for {parameter.name!r}",
                **where,
            )
    elif isinstance(decisive, FieldInfo):
        marker = decisive
        _check_marker(marker, default, behaviour.title, where)
    elif isinstance(default, Depends):
        depends, default = default, Undefined
    else:
        marker = _default_marker(default, where)
        default = Undefined if marker is not None else default
    _check_defaults(infos, default, where)
    if depends is None or depends.dependency is None:
        type_ = _lenient(type_, function, parameter.name, behaviour)
    kept = tuple(item for item in metadata if not isinstance(item, Depends))
    return Parameter(
        parameter.name,
        annotation,
        type_,
        kept,
        marker,
        depends,
        default,
        function,
        path_names,
        behaviour,
        methods,
    )
