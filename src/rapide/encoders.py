"""Turn any value into what `json.dumps` accepts.

Rules for one value, in this order; the first that applies wins:

1. `custom_encoder`, by exact class, then by `isinstance`. Its result is taken as it is.
2. Models, by their own JSON dump. Dataclasses, as dicts of their fields.
3. Enums by value, paths as text, text and numbers and None as they are.
4. Mappings and collections, member by member.
5. `ENCODERS_BY_TYPE`, by exact class, then by `isinstance`.
6. Anything else by its items (`dict(value)`), then by its attributes (`vars(value)`).
"""

import dataclasses
import datetime as dt
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import Path, PurePath
from re import Pattern
from types import GeneratorType
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from pydantic.color import Color  # type: ignore[deprecated]  # its values are still about
from pydantic.networks import AnyUrl, NameEmail
from pydantic.types import SecretBytes, SecretStr
from pydantic_core import PydanticUndefinedType, Url

from rapide.exceptions import PydanticV1NotSupportedError
from rapide.types import IncEx

__all__ = [
    "ENCODERS_BY_TYPE",
    "decimal_encoder",
    "encoders_by_class_tuples",
    "generate_encoders_by_class_tuples",
    "is_pydantic_v1_model_instance",
    "isoformat",
    "jsonable_encoder",
]


def isoformat(o: dt.date | dt.time) -> str:
    """Return a date, time or datetime in ISO 8601."""
    return o.isoformat()


def decimal_encoder(dec_value: Decimal) -> int | float:
    """Return a Decimal as an int where it has no fractional digits, otherwise as a float.

    `Decimal("1.0")` has one such digit and stays a float: a database's `NUMERIC(n, 0)` comes back as an int.
    Infinities and NaN become the floats of that name.
    """
    exponent = dec_value.as_tuple().exponent
    return int(dec_value) if isinstance(exponent, int) and exponent >= 0 else float(dec_value)


def _decode(value: bytes) -> str:
    return value.decode()


def _total_seconds(value: dt.timedelta) -> float:
    return value.total_seconds()


def _enum_value(value: Enum) -> Any:
    return value.value


def _pattern_source(value: Pattern[Any]) -> Any:
    return value.pattern


def _itself(value: Any) -> Any:
    return value


def _nothing(_: Any) -> None:
    return None


# Applications add classes of their own. Those are found by exact class only: subclasses go by
# `encoders_by_class_tuples`, which is made once.
ENCODERS_BY_TYPE: dict[type[Any], Callable[[Any], Any]] = {
    bytes: _decode,
    Color: str,
    dt.date: isoformat,
    dt.datetime: isoformat,
    dt.time: isoformat,
    dt.timedelta: _total_seconds,
    Decimal: decimal_encoder,
    Enum: _enum_value,
    frozenset: list,
    deque: list,
    GeneratorType: list,
    IPv4Address: str,
    IPv4Interface: str,
    IPv4Network: str,
    IPv6Address: str,
    IPv6Interface: str,
    IPv6Network: str,
    NameEmail: str,
    Path: str,
    Pattern: _pattern_source,
    SecretBytes: str,
    SecretStr: str,
    set: list,
    UUID: str,
    Url: str,
    AnyUrl: str,
}


def generate_encoders_by_class_tuples(
    type_encoder_map: dict[Any, Callable[[Any], Any]],
) -> dict[Callable[[Any], Any], tuple[Any, ...]]:
    """Return the registry turned round: each encoder with all classes it is for, ready for `isinstance`."""
    classes_of: dict[Callable[[Any], Any], tuple[Any, ...]] = defaultdict(tuple)
    for class_, encoder in type_encoder_map.items():
        classes_of[encoder] += (class_,)
    return classes_of


encoders_by_class_tuples = generate_encoders_by_class_tuples(ENCODERS_BY_TYPE)


class _Options(NamedTuple):
    """What is the same for a value and everything inside it."""

    by_alias: bool = True
    exclude_unset: bool = False
    exclude_defaults: bool = False
    exclude_none: bool = False
    custom_encoder: dict[Any, Callable[[Any], Any]] | None = None
    sqlalchemy_safe: bool = True


class _Selection(NamedTuple):
    """What to take of one value: Pydantic's `include` and `exclude`, as collections that models accept."""

    include: Any = None
    exclude: Any = None


_EVERYTHING = _Selection()


def jsonable_encoder(  # noqa: PLR0913, PLR0917 -- FastAPI's signature
    obj: Any,
    include: IncEx | None = None,
    exclude: IncEx | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    custom_encoder: dict[Any, Callable[[Any], Any]] | None = None,
    sqlalchemy_safe: bool = True,
) -> Any:
    """Return `obj` as dicts, lists, text, numbers, booleans and None.

    Args:
        obj: Any value.
        include: The fields or keys to take of `obj` itself; all by default.
        exclude: The fields or keys to leave out of `obj` itself.
        by_alias: Name the fields of models by their aliases.
        exclude_unset: Leave out fields of models that nobody set.
        exclude_defaults: Leave out fields of models that equal their default.
        exclude_none: Leave out what is None, in models and in dicts.
        custom_encoder: Encoders of your own, by class. They come before everything else.
        sqlalchemy_safe: Leave out keys that start with `_sa`, where SQLAlchemy keeps the state of an object.

    Raises:
        ValueError: The value has neither items nor attributes; the error holds what both attempts said.
        PydanticV1NotSupportedError: The value is a model of Pydantic version 1.
        UnicodeDecodeError: Bytes that are not UTF-8.
        RecursionError: Data that is nested as deep as Python's stack, or that contains itself.
    """
    options = _Options(
        by_alias, exclude_unset, exclude_defaults, exclude_none, custom_encoder or None, sqlalchemy_safe
    )
    if include is None and exclude is None:
        return _encode(obj, options)
    return _encode(obj, options, _Selection(_as_selection(include), _as_selection(exclude)))


def _as_selection(names: Any) -> Any:
    return names if names is None or isinstance(names, (set, dict)) else set(names)


def _encode(value: Any, options: _Options, selection: _Selection = _EVERYTHING) -> Any:
    if options.custom_encoder is not None:
        encoder = _find_custom_encoder(value, options.custom_encoder)
        if encoder is not None:
            return encoder(value)
    # Most values are of one of these very classes, to which only one rule can apply. Members are encoded from
    # here, so that a level of nesting costs one level of Python's stack.
    class_ = type(value)
    if class_ in _PLAIN:
        return value
    if class_ is dict:
        encoded = {}
        for key, member in _items(value, selection):
            if not _is_left_out(key, member, options):
                name = key if type(key) is str and options.custom_encoder is None else _encode(key, options)
                encoded[name] = _encode(member, options)
        return encoded
    if class_ is list:
        members = []
        for member in value:
            members.append(_encode(member, options, selection))  # noqa: PERF401 -- a comprehension is a frame
        return members
    return _encode_by_rules(value, options, selection)


def _items(mapping: dict[Any, Any], selection: _Selection) -> Iterable[Any]:
    if selection is _EVERYTHING:
        return mapping.items()
    include, exclude = selection
    return [
        (key, value)
        for key, value in mapping.items()
        if (include is None or key in include) and (exclude is None or key not in exclude)
    ]


def _is_left_out(key: Any, value: Any, options: _Options) -> bool:
    if value is None and options.exclude_none:
        return True
    return options.sqlalchemy_safe and isinstance(key, str) and key.startswith("_sa")


def _find_custom_encoder(
    value: Any, encoders: dict[Any, Callable[[Any], Any]]
) -> Callable[[Any], Any] | None:
    if type(value) in encoders:
        return encoders[type(value)]
    return next((encoder for class_, encoder in encoders.items() if isinstance(value, class_)), None)


def _encode_by_rules(value: Any, options: _Options, selection: _Selection) -> Any:
    if isinstance(value, BaseModel):
        return _encode_model(value, options, selection)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _encode(dataclasses.asdict(value), options, selection)
    for classes, convert in _SCALARS:
        if isinstance(value, classes):
            return convert(value)
    for classes, encode in _CONTAINERS:
        if isinstance(value, classes):
            return encode(value, options, selection)
    return _encode_object(value, options, selection)


def _encode_model(model: BaseModel, options: _Options, selection: _Selection) -> Any:
    dumped = model.model_dump(
        mode="json",
        include=selection.include,
        exclude=selection.exclude,
        by_alias=options.by_alias,
        exclude_unset=options.exclude_unset,
        exclude_none=options.exclude_none,
        exclude_defaults=options.exclude_defaults,
    )
    # The dump may hold dicts with keys and values that the options leave out.
    inner = _Options(
        exclude_defaults=options.exclude_defaults,
        exclude_none=options.exclude_none,
        sqlalchemy_safe=options.sqlalchemy_safe,
    )
    return _encode(dumped, inner)


def _encode_mapping(mapping: dict[Any, Any], options: _Options, selection: _Selection) -> Any:
    return {
        _encode(key, options): _encode(value, options)
        for key, value in _items(mapping, selection)
        if not _is_left_out(key, value, options)
    }


def _encode_collection(values: Any, options: _Options, selection: _Selection) -> Any:
    return [_encode(value, options, selection) for value in values]


def _encode_object(value: Any, options: _Options, selection: _Selection) -> Any:
    """Encode a value of a registered class, or anything with items or attributes."""
    encoder = _find_encoder(value)
    if encoder is not None:
        return encoder(value)
    _refuse_pydantic_v1(value)
    return _encode(_members(value), options, selection)


def _find_encoder(value: Any) -> Callable[[Any], Any] | None:
    encoder = ENCODERS_BY_TYPE.get(type(value))
    if encoder is not None:
        return encoder
    for encoder, classes in encoders_by_class_tuples.items():
        if isinstance(value, classes):
            return encoder
    # An optional package: whoever made such a value has imported it.
    colours = sys.modules.get("pydantic_extra_types.color")
    return str if colours is not None and isinstance(value, colours.Color) else None


def _members(value: Any) -> Any:
    try:
        return dict(value)
    except Exception as no_items:  # noqa: BLE001 -- the value's own code may raise anything
        try:
            return vars(value)
        except Exception as no_attributes:
            raise ValueError([no_items, no_attributes]) from no_attributes


def is_pydantic_v1_model_instance(obj: Any) -> bool:
    """Tell whether a value is a model of Pydantic version 1."""
    # Whoever made such a model has imported the module; importing it here would only cost everyone else.
    v1 = sys.modules.get("pydantic.v1")
    return v1 is not None and isinstance(obj, v1.BaseModel)


def _refuse_pydantic_v1(value: Any) -> None:
    if is_pydantic_v1_model_instance(value):
        raise PydanticV1NotSupportedError(
            f"{type(value).__name__} is a model of Pydantic version 1, which is not supported. "
            "Derive it from pydantic.BaseModel instead of pydantic.v1.BaseModel."
        )


_PLAIN = frozenset({str, int, float, bool, type(None)})

# In the order of the rules above: a `class Colour(str, Enum)` is an enum, not text.
_SCALARS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (Enum, _enum_value),
    (PurePath, str),
    ((str, int, float), _itself),
    (PydanticUndefinedType, _nothing),
)
_CONTAINERS: tuple[tuple[Any, Callable[[Any, _Options, _Selection], Any]], ...] = (
    (dict, _encode_mapping),
    ((list, set, frozenset, GeneratorType, tuple, deque), _encode_collection),
)
