"""Signatures and annotations as `fastapi.dependencies.utils` gives them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ForwardRef, get_args, get_origin

from rapide._analyse.returns import stream_item_type
from rapide._analyse.signature import Unresolved, typed_return, typed_signature
from rapide.fastapi._compat import evaluate_forwardref

__all__ = [
    "get_stream_item_type",
    "get_typed_annotation",
    "get_typed_return_annotation",
    "get_typed_signature",
]


def _reference(annotation: Any) -> Any:
    """Return a forward reference for a name that stands for nothing."""
    if isinstance(annotation, type) and issubclass(annotation, Unresolved):
        return ForwardRef(annotation.name)
    return annotation


def get_typed_signature(call: Callable[..., Any]) -> inspect.Signature:
    """Return the parameters of a callable with text in annotations turned into types."""
    signature = typed_signature(call)
    parameters = [
        item.replace(annotation=_reference(item.annotation)) for item in signature.parameters.values()
    ]
    return signature.replace(parameters=parameters, return_annotation=inspect.Signature.empty)


def get_typed_annotation(annotation: Any, globalns: dict[str, Any]) -> Any:
    """Return the type that an annotation means where `globalns` are the globals."""
    return evaluate_forwardref(annotation, globalns, globalns) if isinstance(annotation, str) else annotation


def get_typed_return_annotation(call: Callable[..., Any]) -> Any:
    """Return the type that a callable says it returns; None where it says nothing."""
    annotation = typed_return(call)
    return None if annotation is inspect.Signature.empty else _reference(annotation)


def get_stream_item_type(annotation: Any) -> Any | None:
    """Return X for `AsyncIterable[X]` and its kin, Any where they do not say; None for everything else."""
    if get_args(annotation):
        return stream_item_type(annotation)
    bare = get_origin(annotation) or annotation
    try:
        return stream_item_type(bare[Any])
    except TypeError:  # no generic type
        return None
