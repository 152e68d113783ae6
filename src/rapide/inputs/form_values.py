"""Taking values out of a form: what counts as sent, and what a part becomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, get_args

from rapide._run.forms import FormValues, is_empty_part
from rapide._run.json_body import load_strictly
from rapide._run.sources import MISSING
from rapide.behaviour import Behaviour
from rapide.exceptions import RequestValidationError
from rapide.inputs.base import Errors, plain_validate
from rapide.inputs.scalars import (
    bare_type,
    is_json_text,
    is_scalar,
    is_scalar_sequence,
    is_sequence,
    is_upload,
    is_upload_sequence,
    union_members,
)
from rapide.plan.nodes import Input, Part

__all__ = ["PartError", "as_form_field", "content_keys", "keys_of", "read_field", "take", "wants_bytes"]


class PartError(ValueError):
    """A part of a form does not become what the field is declared as; `error` tells why."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["msg"])
        self.error = error


# ------------------------------------------------------------------------------------------------ the plan


def wants_bytes(annotation: Any) -> bool:
    """Tell whether a file's content is wanted, alone, optional or in a sequence."""
    annotation = bare_type(annotation)
    members = union_members(annotation)
    if members:
        return any(wants_bytes(member) for member in members)
    if is_sequence(annotation):
        return any(wants_bytes(item) for item in get_args(annotation) if item is not ...)
    return annotation is bytes


def _holds_text(annotation: Any) -> bool:
    """Tell whether a text is a value of the type as it is, or of one of its members."""
    members = [member for member in union_members(annotation) if member is not type(None)] or [annotation]
    return any(is_scalar(member) or is_scalar_sequence(member) for member in members)


def _part(annotation: Any, metadata: Sequence[Any], behaviour: Behaviour, *, body: bool) -> Part:
    if wants_bytes(annotation) and (behaviour.json_parts or not body):
        return "bytes"
    if not behaviour.json_parts or is_upload(annotation) or is_upload_sequence(annotation):
        return "as_sent"
    if is_json_text(metadata, annotation):
        return "json_text"
    if _holds_text(annotation):
        return "declared_json" if body else "as_sent"
    return "json"


def as_form_field(item: Input, behaviour: Behaviour) -> Input:
    """Return an input with what its parts become when it is read from a form.

    Types that no text can hold are JSON, which is OpenAPI's default for them too (3.1, section 4.8.15.1). A
    member of the body, JSON elsewhere, may be text here, or JSON where the part says so.
    """
    info = item.field.field_info
    part = _part(info.annotation, info.metadata, behaviour, body=item.kind == "body")
    return replace(item, part=part, repeated=behaviour.repeated_fields)


def content_keys(inputs: Iterable[Input], *parts: Part) -> tuple[str, ...]:
    """Return the names of the files whose content is wanted for parts of these kinds, by default as bytes."""
    fields = [field for item in inputs for field in item.members or (item,)]
    wanted = [field for field in fields if field.part in (parts or ("bytes",))]
    return tuple(sorted({key for field in wanted for key in keys_of(field)}))


def keys_of(item: Input) -> tuple[str, ...]:
    """Return all names under which a value may be sent."""
    return item.choices or (item.key,)


# ------------------------------------------------------------------------------------------------- reading


def take(item: Input, form: FormValues) -> tuple[str, Any]:
    """Return (the name that was used, the value or MISSING).

    An empty text counts as not sent, except in a list; so does a file without name and content. The next name
    is tried then. Raises PartError for a single value that was sent several times, and for broken JSON.
    """
    for key in keys_of(item):
        values = [value for value in form.lists.get(key, ()) if not is_empty_part(value)]
        if not values:
            continue
        if item.sequence:
            return key, _as_sequence(item, [_converted(item, key, value, form) for value in values])
        if len(values) > 1 and item.repeated == "refuse":
            raise PartError(_repeated(key, values))
        if values[-1] != "":
            return key, _converted(item, key, values[-1], form)
    return item.key, MISSING


def _repeated(key: str, values: list[Any]) -> dict[str, Any]:
    message = "The field holds one value and was sent more than once"
    return {"type": "repeated_field", "loc": ("body", key), "msg": message, "input": values}


def _converted(item: Input, key: str, value: Any, form: FormValues) -> Any:
    content = form.contents.get(id(value))
    if item.part in ("bytes", "json_text"):
        return value if content is None else content
    if item.part == "as_sent":
        return value
    if content is not None:
        return _load(content, key)
    if not isinstance(value, str):  # validated as it is, it would be an object with attributes
        raise PartError(_unexpected_file(key))
    return _load(value.encode(), key) if item.part == "json" else value


def _unexpected_file(key: str) -> dict[str, Any]:
    message = "A file was sent where text or a part with the type application/json is expected"
    return {"type": "unexpected_file", "loc": ("body", key), "msg": message, "input": None}


def _as_sequence(item: Input, values: list[Any]) -> list[Any]:
    """Return the items of a list: each part is one, except that a single part may be the whole JSON array."""
    whole = item.part in ("json", "declared_json") and len(values) == 1 and isinstance(values[0], list)
    return values[0] if whole else values


def _load(content: bytes, key: str) -> Any:
    try:
        return load_strictly(content)
    except RequestValidationError as exc:
        error = exc.errors()[0]
        raise PartError({**error, "loc": ("body", key, *error["loc"][1:])}) from exc


def read_field(item: Input, form: FormValues) -> tuple[Any, Errors]:
    """Read a single field from the form."""
    try:
        key, value = take(item, form)
    except PartError as exc:
        return None, [exc.error]
    return plain_validate(item, value, ("body", key))
