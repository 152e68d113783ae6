"""Reading signatures: what to call, how it runs, and what its annotations mean."""

from __future__ import annotations

import ast
import builtins
import inspect
import operator
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from types import FunctionType, SimpleNamespace
from typing import Annotated, Any, ForwardRef, TypeGuard, get_args, get_origin, get_type_hints

from rapide.plan.nodes import Color

__all__ = [
    "Unresolved",
    "color_of",
    "resolve_annotation",
    "signature_marks",
    "typed_return",
    "typed_signature",
    "unwrap",
]


class Unresolved:
    """Stands for a name in an annotation that means nothing where the function was defined."""

    name = "?"


def unwrap(function: Any) -> Any:
    """Return the function behind partials and `functools.wraps`."""
    while True:
        if isinstance(function, partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = inspect.unwrap(function)
        else:
            return function


# What a function is, as its code says; in the order in which it matters.
_FLAGS: tuple[tuple[int, Color], ...] = (
    (inspect.CO_ASYNC_GENERATOR, "async_generator"),
    (inspect.CO_GENERATOR, "sync_generator"),
    (inspect.CO_COROUTINE, "async"),
)


def _is_plain(function: Any) -> TypeGuard[FunctionType]:
    """Tell whether a function is one that nobody has wrapped or marked: what it says of itself is true."""
    return type(function) is FunctionType and not function.__dict__


def _own_color(function: Any) -> Color | None:
    if inspect.isasyncgenfunction(function):
        return "async_generator"
    if inspect.isgeneratorfunction(function):
        return "sync_generator"
    if inspect.iscoroutinefunction(function):
        return "async"
    return None


def color_of(function: Callable[..., Any], *, inline_classes: bool = False) -> Color:
    """Return how a callable runs, looking through partials, wrappers and `__call__`.

    Classes are constructed in place when `inline_classes` says so, otherwise like any plain function.
    """
    if _is_plain(function):
        flags = function.__code__.co_flags
        for flag, marked in _FLAGS:
            if flags & flag:
                return marked
        return "sync"
    inner = unwrap(function)
    if inspect.isclass(inner):
        return "inline" if inline_classes else "sync"
    for candidate in (function, inner):
        color = _own_color(candidate)
        if color is not None:
            return color
    method = getattr(inner, "__call__", None)  # noqa: B004 -- the method itself is wanted
    if not inspect.isroutine(inner) and method is not None:
        return _own_color(method) or _own_color(unwrap(method)) or "sync"
    return "sync"


def _namespace(function: Any) -> Mapping[str, Any]:
    """Return the globals in which the annotations of a callable were written."""
    if _is_plain(function):
        return function.__globals__
    inner = unwrap(function)
    if inspect.isclass(inner):
        module = sys.modules.get(inner.__module__)
        known = {**vars(module), inner.__name__: inner} if module else {}
        written_in = getattr(inner.__init__, "__globals__", None)
        if written_in is None or hasattr(inner, "__signature__") or (module and written_in is vars(module)):
            return known
        return {**known, **written_in}  # the constructor is inherited from a class of another module
    if not inspect.isroutine(inner):
        inner = unwrap(type(inner).__call__)
    inner = getattr(inner, "__func__", inner)
    return getattr(inner, "__globals__", {})


class _Lenient(dict[str, Any]):
    """A namespace in which unknown names become `Unresolved` classes instead of errors."""

    def __init__(self, known: Mapping[str, Any]) -> None:
        super().__init__()
        self._known = known
        self.unknown: list[str] = []

    def __missing__(self, name: str) -> Any:
        if name in self._known or hasattr(builtins, name):
            raise KeyError(name)
        self.unknown.append(name)
        return _stand_in(name)


def _evaluate_leniently(text: str, namespace: Mapping[str, Any]) -> Any:
    lenient = _Lenient(namespace)
    try:
        resolved = eval(text, dict(namespace), lenient)  # noqa: S307 -- the application's own annotation
    except Exception:  # noqa: BLE001 -- whatever the annotation does with a name that is not there
        return _stand_in(lenient.unknown[0] if lenient.unknown else text)
    lost = _names_in_calls(text) & set(lenient.unknown)
    return _stand_in(min(lost)) if lost else resolved


def _stand_in(name: str) -> type[Unresolved]:
    return type("Unresolved", (Unresolved,), {"name": name})


def _names_in_calls(text: str) -> set[str]:
    """Return the names that an annotation calls, or gives to a call, where a stand-in would pass for them."""
    calls = (node for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Call))
    return {node.id for call in calls for node in ast.walk(call) if isinstance(node, ast.Name)}


def resolve_annotation(annotation: Any, namespace: Mapping[str, Any]) -> Any:
    """Return the annotation with text turned into types; unknown names become subclasses of `Unresolved`."""
    if isinstance(annotation, ForwardRef):
        annotation = annotation.__forward_arg__
    if annotation is None or annotation == "None":
        return None
    if not isinstance(annotation, str) and not _holds_text(annotation):
        return annotation
    holder = SimpleNamespace(__annotations__={"it": annotation})
    try:
        return get_type_hints(holder, dict(namespace), {}, include_extras=True)["it"]
    except Exception:  # noqa: BLE001 -- unknown names, and whatever else the text may do
        if not isinstance(annotation, str):
            return annotation
        return _evaluate_leniently(annotation, namespace)


def _holds_text(annotation: Any) -> bool:
    if isinstance(annotation, str | ForwardRef):
        return True
    if isinstance(annotation, type):
        return False
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        arguments = arguments[:1]
    return any(_holds_text(argument) for argument in arguments if not isinstance(argument, list))


def _raw_signature(function: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except NameError:  # Python 3.14 evaluates annotations when asked, and may not find a name
        from annotationlib import Format  # type: ignore[import-not-found]  # noqa: PLC0415 -- new in Python 3.14

        return inspect.signature(function, annotation_format=Format.FORWARDREF)  # type: ignore[call-arg]  # new in Python 3.14


def signature_marks(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the objects that a signature is read from. Others in their place: somebody has rewritten it."""
    try:
        annotations = getattr(function, "__annotations__", None) or {}
    except NameError:  # Python 3.14 evaluates them now, and may not find a name
        annotations = {}
    marks = (getattr(function, name, None) for name in ("__signature__", "__defaults__", "__kwdefaults__"))
    return (*marks, *annotations, *annotations.values())


def typed_signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature with resolved annotations."""
    signature = _raw_signature(function)
    namespace = _namespace(function)
    written = signature.parameters.values()
    parameters = [_resolved_parameter(parameter, namespace) for parameter in written]
    if all(map(operator.is_, parameters, written)):
        return signature
    return signature.replace(parameters=parameters)


def _resolved_parameter(parameter: inspect.Parameter, namespace: Mapping[str, Any]) -> inspect.Parameter:
    annotation = _resolved(parameter.annotation, namespace)
    return parameter if annotation is parameter.annotation else parameter.replace(annotation=annotation)


def _resolved(annotation: Any, namespace: Mapping[str, Any]) -> Any:
    return annotation if annotation is inspect.Parameter.empty else resolve_annotation(annotation, namespace)


def typed_return(function: Callable[..., Any]) -> Any:
    """Return the resolved return annotation; `inspect.Signature.empty` where there is none."""
    annotation = _written_return(function)
    if annotation is inspect.Signature.empty:
        return annotation
    return resolve_annotation(annotation, _namespace(function))


def _written_return(function: Callable[..., Any]) -> Any:
    if _is_plain(function):
        with suppress(NameError):  # Python 3.14 evaluates them now, and may not find a name
            return function.__annotations__.get("return", inspect.Signature.empty)
    return _raw_signature(function).return_annotation
