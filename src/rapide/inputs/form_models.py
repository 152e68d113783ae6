"""Models as forms: each field of a model is a field of the form, and of a union of models one fits.

The branches of a union look at the same form in their own way: what is a list in one may be a single text in
another. So each gets what was sent, as texts and lists of texts, and takes its own fields from it before it
validates them.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, Tag
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from typing_extensions import TypeAliasType

from rapide._pydantic import ModelField
from rapide._run.forms import FormValues
from rapide._run.sources import MISSING
from rapide.behaviour import Behaviour
from rapide.inputs.base import Errors, Parameter, make_field
from rapide.inputs.form_values import PartError, as_form_field, keys_of, take
from rapide.inputs.groups import collects_extras, group_members, validate_group
from rapide.inputs.scalars import model_of, models_of, union_members
from rapide.plan.nodes import Input

__all__ = ["is_form_model", "make_form_model", "read_form_model"]


def is_form_model(parameter: Parameter) -> bool:
    """Tell whether a parameter takes the form as a whole: a model or a union of models, possibly optional."""
    if parameter.json_text:
        return False
    return model_of(parameter.type_) is not None or bool(models_of(parameter.type_))


# ------------------------------------------------------------------------------------------------ the plan


def _members(model: type[BaseModel], marker: FieldInfo, behaviour: Behaviour) -> tuple[Input, ...]:
    return tuple(as_form_field(member, behaviour) for member in group_members(model, "form", marker))


def _branch(model: type[BaseModel], marker: FieldInfo, behaviour: Behaviour) -> Input:
    name = model.__name__
    field = ModelField(FieldInfo(annotation=model), name)
    return Input("form", name, field, name, group=True, members=_members(model, marker, behaviour))


def _reading(member: Any, branch: Input) -> Any:
    """Return a member of a union that takes its own fields from the form; errors name it as before."""
    type_, *metadata = get_args(member) if get_origin(member) is Annotated else (member,)
    tags = [item for item in metadata if isinstance(item, Tag)] or [Tag(branch.name)]
    others = [item for item in metadata if not isinstance(item, Tag)]
    # The tag has to be the outermost: what wraps it would hide it.
    return Annotated[(type_, *others, BeforeValidator(partial(_branch_data, branch)), *tags)]


def _chooser(field: ModelField, branches: tuple[Input, ...]) -> ModelField:
    """Return the field that finds the branch of a union."""
    info = copy.copy(field.field_info)
    annotation: Any = info.annotation
    if isinstance(annotation, TypeAliasType):
        annotation = annotation.__value__
    metadata = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    rest = iter(branches)
    members = [
        member if member is type(None) else _reading(member, next(rest))
        for member in union_members(annotation)
    ]
    union: Any = Union[tuple(members)]  # noqa: UP007 -- the members are known only here
    whole: Any = Annotated[(union, *metadata)] if metadata else union
    info.annotation = whole
    chooser = ModelField(info, field.name)
    chooser.bounded = field.bounded
    return chooser


def make_form_model(parameter: Parameter, marker: FieldInfo) -> Input:
    """Return the plan node of a parameter that takes the form as a whole."""
    field, behaviour = make_field(parameter, marker), parameter.behaviour
    model = model_of(parameter.type_)
    if model is not None:
        members = _members(model, marker, behaviour)
        return Input("form", parameter.name, field, field.alias, group=True, members=members)
    branches = tuple(_branch(model, marker, behaviour) for model in models_of(parameter.type_))
    return Input(
        "form",
        parameter.name,
        field,
        field.alias,
        group=True,
        members=tuple(member for branch in branches for member in branch.members),
        branches=branches,
        chooser=_chooser(field, branches),
    )


# ------------------------------------------------------------------------------------------------- reading


class _Sent(dict[str, Any]):
    """What was sent, a text or a list of texts by name; and the contents of files that somebody wants."""

    contents: Mapping[int, bytes]


def _as_sent(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _sent(form: FormValues) -> _Sent:
    sent = _Sent((key, _as_sent(values)) for key, values in form.lists.items())
    sent.contents = form.contents
    return sent


def _collect(members: tuple[Input, ...], form: FormValues) -> tuple[dict[str, Any], Errors]:
    """Return what a model gets, its own fields by the name that was used and all other keys; and errors."""
    data: dict[str, Any] = {}
    known: set[str] = set()
    errors: Errors = []
    for member in members:
        keys = keys_of(member)
        try:
            key, value = take(member, form)
        except PartError as exc:
            errors.append(exc.error)
            key, value = member.key, MISSING
        if value is MISSING:
            known.update(keys)
            continue
        # Names after the one that was used are strangers.
        known.update(keys[: keys.index(key) + 1])
        data[key] = value
    data.update((key, _as_sent(values)) for key, values in form.lists.items() if key not in known)
    return data, errors


def _branch_data(branch: Input, sent: Any) -> Any:
    """Return what the model of one branch gets. What a validator of the user put in place of it stays."""
    if not isinstance(sent, dict):
        return sent
    lists = {key: value if isinstance(value, list) else [value] for key, value in sent.items()}
    data, errors = _collect(branch.members, FormValues(lists, getattr(sent, "contents", {})))
    if errors:
        raise PydanticCustomError("form_part", "A part of the form is not as declared", {"errors": errors})
    return data


def _is_idle(item: Input, form: FormValues) -> bool:
    """Tell whether nothing was sent that concerns a model."""
    models = models_of(item.field.field_info.annotation) or (model_of(item.field.field_info.annotation),)
    if any(model is not None and collects_extras(model) for model in models):
        return not form.lists
    return not any(key in form.lists for member in item.members for key in keys_of(member))


def read_form_model(item: Input, form: FormValues) -> tuple[Any, Errors]:
    """Read a model, or that of several that fits, from the form."""
    if item.branches:
        value, errors = validate_group(item, _sent(form), idle=_is_idle(item, form))
        return value, [each for error in errors for each in _branch_errors(error)]
    data, broken = _collect(item.members, form)
    value, errors = validate_group(item, data, idle=_is_idle(item, form))
    if not broken:
        return value, errors
    places = [error["loc"][:2] for error in broken]
    return None, [*broken, *(error for error in errors if error["loc"][:2] not in places)]


def _branch_errors(error: dict[str, Any]) -> Errors:
    """Return the errors that one of a union stands for."""
    if error["type"] == "form_part":
        return [{**each, "loc": (*error["loc"], *each["loc"][1:])} for each in error["ctx"]["errors"]]
    if isinstance(error["input"], _Sent):
        error["input"] = dict(error["input"])
    return [error]
