"""Taking values out of a form: what counts as sent, and what a part becomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, get_args

from starlette.datastructures import UploadFile

from rapide._run.forms import FormValues, is_empty_part
from rapide._run.sources import MISSING
from rapide.inputs.scalars import bare_type, is_sequence, union_members
from rapide.plan.nodes import Input, Part

__all__ = ["content_keys", "form_part", "keys_of", "take", "wants_bytes"]


def wants_bytes(annotation: Any) -> bool:
    """Tell whether a file's content is wanted, alone, optional or in a sequence."""
    annotation = bare_type(annotation)
    members = union_members(annotation)
    if members:
        return any(wants_bytes(member) for member in members)
    if is_sequence(annotation):
        return any(wants_bytes(item) for item in get_args(annotation) if item is not ...)
    return annotation is bytes


def form_part(annotation: Any) -> Part:
    """Return what a part of a form becomes for a field of this type."""
    return "bytes" if wants_bytes(annotation) else "as_sent"


def content_keys(inputs: Iterable[Input]) -> tuple[str, ...]:
    """Return the names of the files whose content somebody wants as bytes."""
    fields = [field for item in inputs for field in item.members or (item,)]
    wanted = [field for field in fields if field.part == "bytes"]
    return tuple(sorted({key for field in wanted for key in keys_of(field)}))


def keys_of(item: Input) -> tuple[str, ...]:
    """Return all names under which a value may be sent."""
    return item.choices or (item.key,)


def _converted(item: Input, value: Any, form: FormValues) -> Any:
    if item.part == "bytes" and isinstance(value, UploadFile):
        return form.contents.get(id(value), value)
    return value


def take(item: Input, form: FormValues) -> tuple[str, Any]:
    """Return (the name that was used, the value or MISSING).

    An empty text counts as not sent, except in a list; so does a file without name and content. The next name
    is tried then.
    """
    for key in keys_of(item):
        values = [value for value in form.lists.get(key, ()) if not is_empty_part(value)]
        if not values:
            continue
        if item.sequence:
            return key, [_converted(item, value, form) for value in values]
        if values[-1] != "":
            return key, _converted(item, values[-1], form)
    return item.key, MISSING
