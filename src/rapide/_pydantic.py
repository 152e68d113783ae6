"""The one place that touches Pydantic's internals: types to validators, serialisers, facts on schemas."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, ConfigDict, PydanticSchemaGenerationError, PydanticUserError, TypeAdapter
from pydantic.errors import PydanticUndefinedAnnotation
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, SchemaError, SchemaSerializer, SchemaValidator, ValidationError

from rapide._core_schemas import bounded_validator, child_schemas

__all__ = [
    "ModelField",
    "TypeFailure",
    "Undefined",
    "annotated_fields",
    "keeps_instances",
    "merge_field",
    "model_fields",
    "reads_json_alike",
    "remove_default",
    "says",
    "set_default",
    "set_title",
]

Undefined = PydanticUndefined
TypeFailure = (PydanticSchemaGenerationError, PydanticUserError, PydanticUndefinedAnnotation, SchemaError)
Errors = list[dict[str, Any]]


@lru_cache(maxsize=4096)
def _shared_adapter(annotation: Any, _text: str) -> TypeAdapter[Any]:
    """Make the adapter of a bare type, once.

    `int | bool` equals `bool | int`, so the text is part of the key.
    """
    return TypeAdapter(annotation)


class ModelField:
    """A named value with a type and its rules; validates in, serialises out.

    The public shape (names, `validate`, `serialize`) is FastAPI's `ModelField`; the Pydantic objects behind
    it are made when they are first needed and shared where the bare type alone decides. A `bounded` field
    takes no infinite floats and no integers of more than 64 bits, unless its type says that it does; where
    values are `text`, integers are plain digits.
    """

    def __init__(
        self,
        field_info: FieldInfo,
        name: str,
        mode: Literal["validation", "serialization"] = "validation",
        config: ConfigDict | None = None,
    ) -> None:
        self.field_info = field_info
        self.name = name
        self.mode = mode
        self.config = config
        self.bounded = False
        self.text = False

    @property
    def alias(self) -> str:
        """The public name: the alias if there is one."""
        return self.field_info.alias or self.name

    @property
    def validation_alias(self) -> str | None:
        """The input name, where it is plain text."""
        alias = self.field_info.validation_alias
        return alias if isinstance(alias, str) and alias else None

    @property
    def serialization_alias(self) -> str | None:
        """The output name."""
        return self.field_info.serialization_alias or None

    @property
    def default(self) -> Any:
        """The default; made anew where a factory is declared."""
        return self.get_default()

    @property
    def required(self) -> bool:
        """Whether a value must be sent."""
        return self.field_info.is_required()

    @property
    def type_(self) -> Any:
        """The annotation."""
        return self.field_info.annotation

    @cached_property
    def _type_adapter(self) -> TypeAdapter[Any]:
        """The full adapter: type, rules, metadata and default; JSON schemas come from it."""
        info = self.field_info
        kind: type[Any] = type(info)
        if kind is FieldInfo and (info.alias or info.validation_alias or info.serialization_alias):
            # Names are ours to look up; Pydantic warns of a plain Field's aliases outside a model.
            info = copy.copy(info)
            info.alias = info.validation_alias = info.serialization_alias = None
        annotation: Any = Annotated[info.annotation, info]
        return TypeAdapter(annotation, config=self.config)

    @cached_property
    def _plain(self) -> TypeAdapter[Any]:
        """The adapter for values, shared between equal bare types."""
        info = self.field_info
        bare = not info.metadata and not info.validate_default and self.config is None
        if not bare or info.discriminator is not None or says(info, "strict", "union_mode", "fail_fast"):
            return self._type_adapter
        try:
            annotation: Any = info.annotation
            return _shared_adapter(annotation, repr(annotation))
        except TypeError:  # an unhashable annotation, such as Annotated with a list inside
            return self._type_adapter

    @property
    def validator(self) -> SchemaValidator:
        """Pydantic's compiled validator."""
        return bounded_validator(self._plain, text=self.text) if self.bounded else self._plain.validator  # type: ignore[return-value]  # a validator in all but name

    @property
    def serializer(self) -> SchemaSerializer:
        """Pydantic's compiled serialiser."""
        return self._plain.serializer

    @property
    def core_schema(self) -> Any:
        """The schema that validator and serialiser were compiled from."""
        return self._plain.core_schema

    def prepare(self) -> None:
        """Build what is not built yet. Raises one of `TypeFailure` for a type that Pydantic cannot handle."""
        _ = self.validator

    def get_default(self) -> Any:
        """Return a copy of the default, or what the factory makes; `Undefined` when required."""
        if self.field_info.is_required():
            return Undefined
        return self.field_info.get_default(call_default_factory=True, validated_data={})

    def validate(
        self, value: Any, values: Any = None, *, loc: tuple[int | str, ...] = ()
    ) -> tuple[Any, Errors]:
        """Return (validated value, no errors) or (None, errors with `loc` in front)."""
        try:
            return self.validator.validate_python(value, from_attributes=True), []
        except ValidationError as exc:
            return None, located_errors(exc, loc)

    def serialize(
        self,
        value: Any,
        *,
        mode: Literal["json", "python"] = "json",
        include: Any = None,
        exclude: Any = None,
        by_alias: bool = True,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> Any:
        """Return `value` as plain data."""
        return self.serializer.to_python(
            value,
            mode=mode,
            include=include,
            exclude=exclude,
            by_alias=by_alias,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
        )

    def serialize_json(
        self,
        value: Any,
        *,
        include: Any = None,
        exclude: Any = None,
        by_alias: bool = True,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> bytes:
        """Return `value` as JSON text in UTF-8."""
        return self.serializer.to_json(
            value,
            include=include,
            exclude=exclude,
            by_alias=by_alias,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
        )

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in ("field_info", "name", "mode", "config"))
        return f"ModelField({', '.join(shown)})"


def located_errors(exc: ValidationError, loc: tuple[int | str, ...]) -> Errors:
    """Return Pydantic's errors without documentation links, each `loc` under `loc`."""
    errors: Errors = exc.errors(include_url=False)  # type: ignore[assignment]  # lists of TypedDict
    if loc:
        for error in errors:
            error["loc"] = (*loc, *error["loc"])
    return errors


# -------------------------------------------------------------------------------------------- merging markers


def merge_field(marker: FieldInfo, annotation: Any, metadata: tuple[Any, ...]) -> FieldInfo:
    """Return a copy of `marker` that holds all rules of `Annotated[annotation, *metadata]`.

    Pydantic's own `Field(...)` objects come first, so that what the marker says explicitly wins.
    """
    ordered = [item for item in metadata if isinstance(item, FieldInfo) and item is not marker]
    others = [item for item in metadata if not isinstance(item, FieldInfo)]
    merged = FieldInfo.from_annotation(Annotated[(annotation, *ordered, *others, marker)])  # type: ignore[arg-type]  # a type made at run time
    result = copy.copy(marker)
    for slot in FieldInfo.__slots__:
        if hasattr(merged, slot):
            setattr(result, slot, getattr(merged, slot))
    if not merged.is_required() or marker.is_required():
        return result
    result.default = marker.default
    result.default_factory = marker.default_factory
    return result


def set_default(info: FieldInfo, default: Any) -> None:
    """Give a field a default, as an explicit one."""
    info.default = default
    info.default_factory = None
    info._attributes_set["default"] = default


def remove_default(info: FieldInfo) -> None:
    """Make a field required."""
    info.default = PydanticUndefined
    info.default_factory = None
    info._attributes_set.pop("default", None)


def set_title(info: FieldInfo, title: str) -> None:
    """Give a field a title, as an explicit one."""
    info.title = info._attributes_set["title"] = title


def says(info: FieldInfo, *names: str) -> bool:
    """Tell whether somebody set one of these attributes of a field explicitly."""
    return not info._attributes_set.keys().isdisjoint(names)


# -------------------------------------------------------------------------------------------- facts on models


def model_fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a model, rebuilt first if names were unresolved."""
    if not model.__pydantic_complete__:
        model.model_rebuild(raise_errors=False)
    return model.model_fields


def annotated_fields(model: type[BaseModel]) -> list[ModelField]:
    """Return the fields of a model as `ModelField`s, with the model's configuration."""
    return [ModelField(info, name, config=None) for name, info in model_fields(model).items()]


# Schemas whose JSON input means what the same input means once it is Python data. Decimal is none of them:
# the number 1.0 is Decimal("1") from JSON and Decimal("1.0") from the float.
_ALIKE = frozenset(
    {
        "any", "none", "bool", "int", "float", "str", "bytes", "date", "time", "datetime",
        "timedelta", "uuid", "enum", "literal", "list", "tuple", "set", "frozenset", "dict", "nullable",
        "default", "model", "model-fields", "model-field", "typed-dict", "typed-dict-field", "dataclass",
        "dataclass-args", "dataclass-field", "tagged-union", "union", "definitions", "definition-ref",
        "function-before", "function-after", "function-wrap", "function-plain", "url", "multi-host-url",
        "chain", "missing-sentinel",
    }
)  # fmt: skip
# Inside an undiscriminated union the mode decides which member fits best; only these do not depend on it.
_ALIKE_IN_UNION = frozenset(
    {
        "any", "none", "bool", "int", "float", "str", "list", "dict", "nullable", "default", "model",
        "model-fields", "model-field", "typed-dict", "typed-dict-field", "union", "tagged-union",
        "definitions", "definition-ref",
    }
)  # fmt: skip


def _config_differs(schema: dict[str, Any]) -> bool:
    config = schema.get("config") or {}
    return bool(
        config.get("strict")
        or config.get("val_json_bytes", "utf8") != "utf8"
        or config.get("allow_inf_nan") is False
        or config.get("from_attributes")
    )


def reads_json_alike(schema: Any, *, in_union: bool = False) -> bool:
    """Tell whether JSON text validated directly gives what parsing it first and validating then gives."""
    if not isinstance(schema, dict):
        return True
    kind = schema.get("type")
    if (
        kind not in (_ALIKE_IN_UNION if in_union else _ALIKE)
        or schema.get("strict")
        or _config_differs(schema)
    ):
        return False
    if str(kind).startswith("function-") and schema["function"].get("type") == "with-info":
        return False  # the function is told the mode of the validation
    if kind == "literal" and not all(
        isinstance(item, str | int | bool | None) for item in schema["expected"]
    ):
        return False
    inside = in_union or kind == "union"
    return all(reads_json_alike(child, in_union=inside) for child in child_schemas(schema))


def keeps_instances(annotation: Any) -> bool:
    """Tell whether validating an exact instance of `annotation` is sure to return that very instance.

    It is for plain models: no validator around the whole model, instances not revalidated.
    """
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return False
    schema: Any = cast("Any", annotation.__pydantic_core_schema__)
    if isinstance(schema, dict) and schema.get("type") == "definitions":
        schema = schema["schema"]
    if not isinstance(schema, dict) or schema.get("type") != "model":
        return False
    config = schema.get("config") or {}
    return config.get("revalidate_instances", "never") == "never" and not schema.get("revalidate_instances")


Validate = Callable[[Any], Any]
