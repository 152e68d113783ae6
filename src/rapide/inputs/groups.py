"""Parameter models: a Pydantic model whose fields are each a parameter of one place."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from rapide._pydantic import ModelField, model_fields
from rapide.declare import params
from rapide.inputs.base import TEXT_KINDS, Errors, Parameter, make_field, missing_error, repeated_error
from rapide.inputs.scalars import is_json_text, is_sequence, model_of, union_members
from rapide.plan.nodes import Input, Kind

__all__ = ["collects_extras", "group_members", "make_group", "read_group", "validate_group"]


def _aliases(info: FieldInfo) -> list[str]:
    """Return the aliases of a field that are plain names."""
    alias = info.validation_alias if info.validation_alias is not None else info.alias
    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
    # What a path takes its part from arrives with the extras: one value, or a list of all.
    return [choice for choice in choices if isinstance(choice, str)]


def _member_names(model: type[BaseModel], name: str, info: FieldInfo, marker: FieldInfo) -> tuple[str, ...]:
    """Return the names under which a field of a model may be sent, the first one is the documented one."""
    config = model.model_config
    names = _aliases(info) if config.get("validate_by_alias", True) else []
    has_alias = info.alias is not None or info.validation_alias is not None
    if not has_alias or config.get("populate_by_name") or config.get("validate_by_name"):
        names.append(_own_name(name, info, marker))
    return tuple(names or [name])


def _own_name(name: str, info: FieldInfo, marker: FieldInfo) -> str:
    """Return the name by which a field is sent that goes by its own: for headers with hyphens."""
    if not isinstance(marker, params.Header):
        return name
    convert = getattr(info, "convert_underscores", marker.convert_underscores)
    return name.replace("_", "-") if convert else name


def group_members(model: type[BaseModel], kind: Kind, marker: FieldInfo) -> tuple[Input, ...]:
    """Return the fields of a model as inputs of a place."""
    members = []
    for name, info in model_fields(model).items():
        names = _member_names(model, name, info, marker)
        field_info = copy.copy(info)
        if names[0] != name and not field_info.alias and isinstance(marker, params.Header):
            field_info.alias = names[0]
        sequence = is_sequence(info.annotation) and not is_json_text(tuple(info.metadata), info.annotation)
        members.append(Input(kind, name, ModelField(field_info, name), names[0], names, sequence))
    return tuple(members)


def make_group(parameter: Parameter, kind: Kind, marker: FieldInfo) -> Input:
    """Return the plan node of a parameter model."""
    model = model_of(parameter.type_)
    assert model is not None  # noqa: S101 -- the kinds ask before they call
    model_field = make_field(parameter, marker)
    model_field.text = kind in TEXT_KINDS
    return Input(
        kind,
        parameter.name,
        model_field,
        model_field.alias,
        group=True,
        members=group_members(model, kind, marker),
    )


def _is_optional(item: Input) -> bool:
    return type(None) in union_members(item.field.field_info.annotation)


def _taken(member: Input, received: Mapping[str, list[str]]) -> tuple[str, Any] | None:
    for key in member.choices:
        values = received.get(key.lower() if member.kind == "header" else key)
        if values:
            single = values[0] if member.kind == "header" else values[-1]
            return key, (values if member.sequence else single)
    return None


def _hyphenated_name(member: Input) -> str | None:
    """Return the header that stands for the own name of a field, None when there is none."""
    name, info = member.choices[-1], member.field.field_info
    if member.kind != "header" or name == member.name:
        return None
    return None if info.validation_alias is not None and name in _aliases(info) else name


def _collect(item: Input, received: Mapping[str, list[str]]) -> tuple[dict[str, Any], dict[str, str], bool]:
    """Return what the model gets, renamed keys back to public names, and whether an own name was sent."""
    data: dict[str, Any] = {}
    public: dict[str, str] = {}
    consumed: set[str] = set()
    for member in item.members:
        taken = _taken(member, received)
        hyphenated = _hyphenated_name(member)
        if hyphenated:
            public[member.name] = hyphenated
            consumed.add(member.name.lower())
        if taken is not None:
            key, value = taken
            consumed.add(key.lower() if member.kind == "header" else key)
            # A header with hyphens is not a name that the model knows: it gets the field's own.
            data[member.name if key == hyphenated else key] = value
    own = bool(data)
    for key, values in received.items():
        if key not in consumed:
            data[key] = values[0] if len(values) == 1 else values
    return data, public, own


def collects_extras(model: type[BaseModel]) -> bool:
    """Tell whether a model looks at keys that are not its own, to keep or to refuse them."""
    return model.model_config.get("extra") in ("allow", "forbid")


def validate_group(item: Input, data: Any, *, idle: bool) -> tuple[Any, Errors]:
    """Validate what was collected for a group.

    An optional group falls back to its default when it is `idle`: when nothing was sent that concerns it.
    """
    place = ("body" if item.kind == "form" else item.kind,)
    if idle and _is_optional(item):
        if item.required:
            return None, [missing_error(place)]
        default = item.field.get_default()
        if item.field.field_info.validate_default:
            return item.field.validate(default, loc=place)
        return default, []
    return (item.chooser or item.field).validate(data, loc=place)


def _publish(errors: Errors, public: dict[str, str], model: type[BaseModel] | None) -> Errors:
    if model is not None and model.model_config.get("loc_by_alias", True) is False:
        return errors
    for error in errors:
        loc = error["loc"]
        if len(loc) > 1 and loc[1] in public:
            error["loc"] = (loc[0], public[loc[1]], *loc[2:])
    return errors


def _repeated(item: Input, received: Mapping[str, list[str]]) -> Errors:
    """Return the errors for members of one value that were sent several times."""
    single = [member for member in item.members if not member.sequence]
    keys = [key for member in single for key in (member.choices or (member.key,))]
    return [repeated_error((item.kind, key), received[key]) for key in keys if len(received.get(key, ())) > 1]


def read_group(item: Input, received: Mapping[str, list[str]]) -> tuple[Any, Errors]:
    """Read a whole parameter model from a place."""
    repeated = _repeated(item, received) if item.repeated == "refuse" else []
    if repeated:
        return None, repeated
    data, public, own = _collect(item, received)
    model = model_of(item.field.field_info.annotation)
    idle = not data if model is not None and collects_extras(model) else not own
    value, errors = validate_group(item, data, idle=idle)
    return value, _publish(errors, public, model) if errors else errors
