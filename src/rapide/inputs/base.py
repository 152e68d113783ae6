"""What all kinds share: the parameter as the analyser sees it, and reading a value by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices
from pydantic.fields import FieldInfo

from rapide._dataclass import dataclass
from rapide._pydantic import ModelField, Undefined, merge_field, remove_default, set_default
from rapide._run.sources import MISSING, Sources
from rapide.inputs.scalars import is_json_text, is_sequence
from rapide.plan.nodes import Input

if TYPE_CHECKING:
    from rapide.behaviour import Behaviour
    from rapide.declare.depends import Depends
    from rapide.plan.nodes import Kind

__all__ = [
    "TEXT_KINDS",
    "Errors",
    "Parameter",
    "lookup",
    "make_field",
    "make_input",
    "missing_error",
    "plain_validate",
    "read_value",
    "repeated_error",
]

Errors = list[dict[str, Any]]

# The places whose values are text. A part of a form may be JSON.
TEXT_KINDS = frozenset({"path", "query", "header", "cookie"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a signature, taken apart but not yet classified.

    `type_` is the annotation without `Annotated`, `metadata` what stood in it. `marker` is the deciding
    marker (None when there is none), `path_names` are the names of the path, with whether a convertor makes
    something else of their text. `depends` is the dependency marker, `default` what stands behind "="
    (`Undefined` for nothing).
    """

    name: str
    annotation: Any
    type_: Any
    metadata: tuple[Any, ...]
    marker: FieldInfo | None
    depends: Depends | None
    default: Any
    function: Callable[..., Any]
    path_names: Mapping[str, bool]
    behaviour: Behaviour
    methods: frozenset[str] = field(default=frozenset())

    @property
    def json_text(self) -> bool:
        """Whether the value is JSON text inside one value."""
        return is_json_text(self.metadata, self.type_)


def make_field(parameter: Parameter, marker: FieldInfo, *, required: bool = False) -> ModelField:
    """Return the field of a parameter under `marker`, with all constraints of its annotation."""
    info = merge_field(marker, parameter.type_, parameter.metadata)
    if (
        parameter.default is not Undefined
        and parameter.default is not ...
        and not isinstance(parameter.default, FieldInfo)
    ):
        set_default(info, parameter.default)
    if required:
        remove_default(info)
    made = ModelField(info, parameter.name)
    made.bounded = parameter.behaviour.bounded_numbers
    return made


def _text_choices(alias: Any) -> tuple[str, ...]:
    if isinstance(alias, AliasChoices) and all(isinstance(choice, str) for choice in alias.choices):
        return tuple(str(choice) for choice in alias.choices)
    return ()


def make_input(parameter: Parameter, kind: Kind, model_field: ModelField) -> Input:
    """Return the plan node of a single value."""
    model_field.text = kind in TEXT_KINDS
    choices = _text_choices(model_field.field_info.validation_alias)
    key = choices[0] if choices else (model_field.validation_alias or model_field.alias)
    sequence = is_sequence(parameter.type_) and not parameter.json_text
    return Input(kind, parameter.name, model_field, key, choices, sequence)


def missing_error(loc: tuple[int | str, ...], value: Any = None) -> dict[str, Any]:
    """Return the error for a value that was not sent."""
    return {"type": "missing", "loc": loc, "msg": "Field required", "input": value}


def repeated_error(loc: tuple[int | str, ...], values: list[Any]) -> dict[str, Any]:
    """Return the error for several values where one is wanted."""
    message = "One value is expected, and several were sent"
    return {"type": "repeated_value", "loc": loc, "msg": message, "input": values}


def lookup(item: Input, received: Mapping[str, list[str]]) -> tuple[str, Any]:
    """Return (the name that was used, its value or MISSING): all values for a sequence, else the last."""
    for key in item.choices or (item.key,):
        values = received.get(key.lower() if item.kind == "header" else key)
        if values:
            if item.sequence:
                return key, values
            return key, values[0 if item.kind == "header" else -1]
    return item.key, MISSING


def plain_validate(item: Input, value: Any, loc: tuple[int | str, ...]) -> tuple[Any, Errors]:
    """Validate `value`, or give the default when it is MISSING; (value, errors)."""
    if value is not MISSING:
        return item.field.validate(value, loc=loc)
    if item.field.required:
        return None, [missing_error(loc)]
    default = item.field.get_default()
    if item.field.field_info.validate_default:
        return item.field.validate(default, loc=loc)
    return default, []


def read_value(item: Input, received: Mapping[str, list[str]]) -> tuple[Any, Errors]:
    """Read a single value of a place whose values come by name."""
    key, value = lookup(item, received)
    if item.repeated == "refuse" and not item.sequence and len(received.get(key, ())) > 1:
        return None, [repeated_error((item.kind, key), received[key])]
    return plain_validate(item, value, (item.kind, key))


Claim = Callable[[Parameter], "Input | None"]
Read = Callable[[Input, Sources], "tuple[Any, Errors]"]
