"""The parameter markers: where a value comes from, and which rules it must obey.

Each is a Pydantic `FieldInfo`, so that constraints and metadata mean what they mean in Pydantic. The options
stand in one table; the signatures that editors and `inspect` show are made from it.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Literal, NotRequired, TypedDict, Unpack

from pydantic import AliasChoices, AliasPath
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from rapide.declare.defaults import UNSET
from rapide.errors import FastAPIDeprecationWarning, MarkerError

__all__ = ["Body", "Cookie", "File", "Form", "Header", "Param", "ParamOptions", "ParamTypes", "Path", "Query"]


class ParamTypes(Enum):
    """The places of parameters, as OpenAPI spells them."""

    query = "query"
    header = "header"
    path = "path"
    cookie = "cookie"


class ParamOptions(TypedDict, total=False):
    """The options that every marker takes, by keyword."""

    default_factory: Callable[[], Any] | None
    """A callable without arguments that makes the default."""
    annotation: Any
    """The type, where no parameter annotation gives it (marker classes only)."""
    alias: str | None
    """The public name; for text also the name in output, unless `serialization_alias` says otherwise."""
    alias_priority: int | None
    """Pydantic's alias priority."""
    validation_alias: str | AliasPath | AliasChoices | None
    """The public name on input; falls back to `alias`."""
    serialization_alias: str | None
    """The public name on output."""
    title: str | None
    """Title in the schema."""
    description: str | None
    """Description in the schema and in OpenAPI."""
    gt: float | None
    """Greater than."""
    ge: float | None
    """Greater than or equal."""
    lt: float | None
    """Less than."""
    le: float | None
    """Less than or equal."""
    min_length: int | None
    """Least length of text, bytes or a collection."""
    max_length: int | None
    """Greatest length of text, bytes or a collection."""
    pattern: Any
    """A regular expression, as text or compiled."""
    regex: str | None
    """Deprecated spelling of `pattern`."""
    discriminator: Any
    """The field that tells the members of a union apart: its name or a Pydantic `Discriminator`."""
    strict: bool | None
    """Pydantic's strict mode for this value."""
    validate_default: bool | None
    """Validate defaults too; they are trusted otherwise."""
    union_mode: Literal["smart", "left_to_right"] | None
    """How the member of a union is chosen."""
    fail_fast: bool | None
    """Stop at the first bad item of a collection."""
    multiple_of: float | None
    """A multiple of this."""
    allow_inf_nan: bool | None
    """Allow infinities and NaN."""
    max_digits: int | None
    """Most digits of a Decimal."""
    decimal_places: int | None
    """Most decimal places of a Decimal."""
    examples: list[Any] | None
    """Examples inside the schema."""
    example: Any
    """Deprecated: one example beside the schema."""
    openapi_examples: dict[str, Any] | None
    """Named OpenAPI examples beside the schema."""
    deprecated: Any
    """Mark the parameter as deprecated in OpenAPI."""
    include_in_schema: bool
    """False keeps the parameter out of OpenAPI."""
    json_schema_extra: Any
    """A dict merged into the schema, or a callable that changes it."""


class HeaderOptions(ParamOptions):
    """The options of `Header`."""

    convert_underscores: NotRequired[bool]
    """Turn underscores of the Python name into hyphens, when no alias is given."""


class BodyOptions(ParamOptions):
    """The options of `Body`."""

    embed: NotRequired[bool | None]
    """Expect the value inside an object, under the parameter's name."""
    media_type: NotRequired[str]
    """The documented media type."""


class FormOptions(ParamOptions):
    """The options of `Form` and `File`."""

    media_type: NotRequired[str]
    """The documented media type."""


# Every option with its default, in the order in which signatures show them. UNSET is not passed on to
# Pydantic.
_DEFAULTS: dict[str, Any] = {
    "default_factory": UNSET,
    "annotation": None,
    "alias": UNSET,
    "alias_priority": UNSET,
    "validation_alias": UNSET,
    "serialization_alias": UNSET,
    "title": UNSET,
    "description": UNSET,
    "gt": None,
    "ge": None,
    "lt": None,
    "le": None,
    "min_length": None,
    "max_length": None,
    "pattern": None,
    "regex": None,
    "discriminator": UNSET,
    "strict": UNSET,
    "validate_default": UNSET,
    "union_mode": UNSET,
    "fail_fast": UNSET,
    "multiple_of": UNSET,
    "allow_inf_nan": UNSET,
    "max_digits": UNSET,
    "decimal_places": UNSET,
    "examples": UNSET,
    "example": UNSET,
    "openapi_examples": None,
    "deprecated": UNSET,
    "include_in_schema": True,
    "json_schema_extra": UNSET,
}
_OURS = frozenset({"regex", "example", "openapi_examples", "include_in_schema", "annotation"})
# Bounds whose None means "not given"; for the others None is an explicit value.
_NONE_IS_UNSET = frozenset({"gt", "ge", "lt", "le", "min_length", "max_length", "pattern"})


def marker_signature(
    default: Any,
    extra: dict[str, tuple[str, Any]] | None = None,
    *,
    without: Sequence[str] = (),
    bound: bool = True,
) -> inspect.Signature:
    """Return the signature of a marker: `default`, then every option by keyword.

    `extra` maps an option to (the option it stands behind, its default).
    """
    parameters = [] if bound else [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    parameters.append(inspect.Parameter("default", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default))
    behind: dict[str, list[tuple[str, Any]]] = {}
    for name, (after, value) in (extra or {}).items():
        behind.setdefault(after, []).append((name, value))
    for name, value in _DEFAULTS.items():
        if name not in without:
            parameters.append(inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value))
        for added, added_value in behind.get(name, ()):
            parameters.append(inspect.Parameter(added, inspect.Parameter.KEYWORD_ONLY, default=added_value))
    return inspect.Signature(parameters)


def _pydantic_arguments(options: dict[str, Any]) -> dict[str, Any]:
    """Return what of `options` is Pydantic's, with the fall-backs between aliases resolved."""
    given = {
        name: value
        for name, value in options.items()
        if value is not UNSET and name not in _OURS and not (value is None and name in _NONE_IS_UNSET)
    }
    alias = given.get("alias")
    if alias is not None:
        given.setdefault("validation_alias", alias)
        if isinstance(alias, str):
            given.setdefault("serialization_alias", alias)
    if given.get("default_factory", UNSET) is None:
        del given["default_factory"]
    if options.get("regex") is not None:
        _warn("`regex` has been deprecated, please use `pattern` instead")
        given.setdefault("pattern", options["regex"])
    return given


def _warn(message: str) -> None:
    """Warn at the line that the user wrote: the first one outside this package."""
    level = 1
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").startswith("rapide."):
        level += 1
        frame = frame.f_back
    warnings.warn(message, FastAPIDeprecationWarning, stacklevel=level)


# FieldInfo is final for type checkers; FastAPI's API needs subclasses of it.
_FieldInfo: Any = FieldInfo


class _Marker(_FieldInfo):  # type: ignore[misc]  # FieldInfo is final for type checkers only
    """What all markers share."""

    example: Any
    include_in_schema: bool
    openapi_examples: dict[str, Any] | None

    def __init__(self, default: Any, options: dict[str, Any]) -> None:
        unknown = options.keys() - self._options()
        if unknown:
            name = type(self).__name__
            raise TypeError(f"{name}() got an unexpected keyword argument {min(unknown)!r}")
        options = {**_DEFAULTS, **options}
        if options["example"] is not UNSET:
            _warn("`example` has been deprecated, please use `examples` instead")
        self.example = options["example"]
        self.include_in_schema = options["include_in_schema"]
        self.openapi_examples = options["openapi_examples"]
        arguments = _pydantic_arguments(options)
        if default is not ... and default is not PydanticUndefined:
            arguments["default"] = default
        super().__init__(annotation=options["annotation"], **arguments)

    @classmethod
    def _options(cls) -> frozenset[str]:
        return frozenset(_DEFAULTS)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.default})"


def _base_options(options: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in names}


class Param(_Marker):
    """A parameter outside the body. Used directly it is a query parameter."""

    in_: ParamTypes

    def __init__(self, default: Any = PydanticUndefined, **options: Unpack[ParamOptions]) -> None:
        super().__init__(default, dict(options))


class Path(Param):
    """A parameter in the path. It is always required."""

    in_ = ParamTypes.path

    def __init__(self, default: Any = ..., **options: Unpack[ParamOptions]) -> None:
        if default is not ...:
            raise MarkerError("RAP103", "Path parameters cannot have a default value")
        super().__init__(default, **options)


class Query(Param):
    """A parameter in the query string."""

    in_ = ParamTypes.query


class Header(Param):
    """A header. Names are compared without regard to case (RFC 9110, section 5.1)."""

    in_ = ParamTypes.header

    def __init__(self, default: Any = PydanticUndefined, **options: Unpack[HeaderOptions]) -> None:
        self.convert_underscores = options.get("convert_underscores", True)
        super().__init__(default, **_base_options(dict(options), ("convert_underscores",)))


class Cookie(Param):
    """A cookie (RFC 6265)."""

    in_ = ParamTypes.cookie


class Body(_Marker):
    """The body, or one member of it."""

    def __init__(self, default: Any = PydanticUndefined, **options: Unpack[BodyOptions]) -> None:
        self.embed = options.get("embed")
        self.media_type = options.get("media_type", "application/json")
        super().__init__(default, _base_options(dict(options), ("embed", "media_type")))


class Form(Body):
    """A field of a form."""

    def __init__(self, default: Any = PydanticUndefined, **options: Unpack[FormOptions]) -> None:
        body_options: BodyOptions = {
            "embed": None,
            "media_type": "application/x-www-form-urlencoded",
            **options,
        }
        Body.__init__(self, default, **body_options)


class File(Form):
    """An uploaded file."""

    def __init__(self, default: Any = PydanticUndefined, **options: Unpack[FormOptions]) -> None:
        file_options: FormOptions = {"media_type": "multipart/form-data", **options}
        Form.__init__(self, default, **file_options)


def _sign(cls: type[_Marker], default: Any, extra: dict[str, tuple[str, Any]] | None = None) -> None:
    cls.__signature__ = marker_signature(default, extra)


SIGNATURES: dict[type[_Marker], tuple[Any, dict[str, tuple[str, Any]]]] = {
    Param: (PydanticUndefined, {}),
    Path: (..., {}),
    Query: (PydanticUndefined, {}),
    Header: (PydanticUndefined, {"convert_underscores": ("serialization_alias", True)}),
    Cookie: (PydanticUndefined, {}),
    Body: (
        PydanticUndefined,
        {"embed": ("annotation", None), "media_type": ("annotation", "application/json")},
    ),
    Form: (PydanticUndefined, {"media_type": ("annotation", "application/x-www-form-urlencoded")}),
    File: (PydanticUndefined, {"media_type": ("annotation", "multipart/form-data")}),
}
for _cls, (_default, _extra) in SIGNATURES.items():
    _sign(_cls, _default, _extra)
