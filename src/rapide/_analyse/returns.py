"""What an endpoint gives: return annotation and response options to `Output`."""

from __future__ import annotations

import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
)
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from starlette.responses import Response

from rapide._analyse.signature import color_of, typed_return
from rapide._dataclass import dataclass
from rapide._pydantic import ModelField, TypeFailure
from rapide.declare.defaults import DefaultPlaceholder
from rapide.errors import UnsupportedTypeError
from rapide.exceptions import UnsupportedModelError
from rapide.inputs.scalars import holds_pydantic_v1, is_subclass, union_members
from rapide.plan.nodes import Output
from rapide.sse import EventSourceResponse, ServerSentEvent

__all__ = ["ReturnOptions", "analyse_output", "make_response_field", "response_type", "stream_item_type"]

_STREAMS = frozenset({AsyncIterable, AsyncIterator, AsyncGenerator, Iterable, Iterator, Generator})
_HINT = (
    "Invalid args for response field! Hint: check that {0} is a valid Pydantic field type. "
    "If you are using a return type annotation that is not a valid Pydantic field "
    "(e.g. Union[Response, dict, None]) you can disable generating the response model "
    "from the type annotation with the path operation decorator parameter "
    "response_model=None."
)
_OLD_MODEL = "pydantic.v1 models are no longer supported: derive {0} from pydantic.BaseModel instead"
_READY = (str, int, float, bool, bytes, dict, list, set, tuple, frozenset, type(None))


@dataclass(frozen=True, slots=True)
class ReturnOptions:
    """The options of a route that shape its output."""

    response_model: Any
    response_class: Any
    status_code: int | None
    include: Any = None
    exclude: Any = None
    by_alias: bool = True
    exclude_unset: bool = False
    exclude_defaults: bool = False
    exclude_none: bool = False


def stream_item_type(annotation: Any) -> Any:
    """Return X for `AsyncIterable[X]` and its kin, Any for `typing.AsyncIterable`; None for all else."""
    return (*get_args(annotation), Any)[0] if _is_stream(annotation) and get_origin(annotation) else None


def _is_stream(annotation: Any) -> bool:
    origin = get_origin(annotation) or annotation
    return isinstance(origin, type) and origin in _STREAMS


def _is_ready(annotation: Any) -> bool:
    """Tell whether Pydantic certainly handles the type, so that nothing needs to be built to find out."""
    if annotation is Any:
        return True
    if isinstance(annotation, type) and (
        annotation in _READY or getattr(annotation, "__pydantic_complete__", False)
    ):
        return True
    members = union_members(annotation)
    if members:
        return all(_is_ready(member) for member in members)
    return get_origin(annotation) in (list, dict, set, tuple) and all(
        _is_ready(a) for a in get_args(annotation) if a is not ...
    )


def check_type(
    model_field: ModelField, function: Callable[..., Any] | None, parameter: str | None = None
) -> None:
    """Raise UnsupportedTypeError when Pydantic cannot handle the type of a field, or only Pydantic 1 can."""
    info = model_field.field_info
    annotation = info.annotation
    if holds_pydantic_v1(annotation):
        text = _OLD_MODEL.format(annotation)
        raise UnsupportedModelError("RAP109", text, function=function, parameter=parameter)
    if not info.metadata and info.discriminator is None and _is_ready(annotation):
        return
    try:
        model_field.prepare()
    except TypeFailure as exc:
        text = _HINT.format(annotation)
        raise UnsupportedTypeError("RAP109", text, function=function, parameter=parameter) from exc


def make_response_field(name: str, annotation: Any, function: Callable[..., Any] | None = None) -> ModelField:
    """Return the field that serialises a response. Raises UnsupportedTypeError."""
    model_field = ModelField(FieldInfo(annotation=annotation), name, mode="serialization")
    check_type(model_field, function)
    return model_field


def response_type(endpoint: Callable[..., Any], response_model: Any) -> Any:
    """Return the response model that an endpoint declares: the option, the return annotation, or None.

    What a generator's annotation says of its items is no model of the whole.
    """
    if not isinstance(response_model, DefaultPlaceholder):
        return response_model
    annotation = typed_return(endpoint)
    if annotation is inspect.Signature.empty or annotation is None or annotation is type(None):
        return None
    of_items = color_of(endpoint).endswith("generator") and _is_stream(annotation)
    return None if of_items or is_subclass(annotation, Response) else annotation


def _stream(endpoint: Callable[..., Any], options: ReturnOptions, name: str) -> Output:
    response_class = options.response_class
    explicit = None if isinstance(response_class, DefaultPlaceholder) else response_class
    effective = response_class.value if isinstance(response_class, DefaultPlaceholder) else response_class
    annotation = typed_return(endpoint)
    item_type = stream_item_type(annotation) if annotation is not inspect.Signature.empty else None
    kind: Literal["events", "json_lines", "stream"]
    if is_subclass(effective, EventSourceResponse):
        kind, explicit = "events", effective
    else:
        kind = "json_lines" if explicit is None else "stream"
    item = (
        make_response_field(f"StreamItem_{name}", item_type, endpoint)
        if item_type is not None and kind != "stream" and not is_subclass(item_type, ServerSentEvent)
        else None  # whole events are written as they are, and beside them whatever else comes
    )
    return _output(kind, options, None, item, explicit)


def _output(
    kind: Any,
    options: ReturnOptions,
    model_field: ModelField | None,
    item: ModelField | None,
    response_class: Any,
) -> Output:
    return Output(
        kind,
        model_field,
        item,
        response_class,
        options.status_code,
        options.include,
        options.exclude,
        options.by_alias,
        options.exclude_unset,
        options.exclude_defaults,
        options.exclude_none,
    )


def analyse_output(endpoint: Callable[..., Any], options: ReturnOptions, name: str) -> Output:
    """Return what an endpoint gives. `name` is the route's unique id. Raises UnsupportedTypeError."""
    is_stream = color_of(endpoint).endswith("generator")
    model = response_type(endpoint, options.response_model)
    if is_stream and model is None and isinstance(options.response_model, DefaultPlaceholder):
        return _stream(endpoint, options, name)
    model_field = make_response_field(f"Response_{name}", model, endpoint) if model else None
    explicit = None if isinstance(options.response_class, DefaultPlaceholder) else options.response_class
    if is_stream:
        # A model for the whole says nothing about the items: they stay untyped.
        return replace(_stream(endpoint, options, name), field=model_field, item=None)
    return _output("model" if model_field else "plain", options, model_field, None, explicit)
