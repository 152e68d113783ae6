"""Fields of forms, uploaded files, and form models."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any, get_args

from starlette.datastructures import UploadFile

from rapide._run.forms import FormValues, is_empty_part
from rapide._run.sources import MISSING, Sources
from rapide.declare import params
from rapide.errors import DeclarationError
from rapide.inputs.base import Errors, Parameter, make_field, make_input, plain_validate
from rapide.inputs.groups import make_group, validate_group
from rapide.inputs.scalars import bare_type, is_sequence, is_upload, is_upload_sequence, model_of, union_members
from rapide.plan.nodes import Input

__all__ = ["NOT_INSTALLED", "WRONG_PACKAGE", "claim", "multipart_problem", "read", "wants_bytes"]


NOT_INSTALLED = (
    'Form data requires "python-multipart" to be installed. \n'
    'You can install "python-multipart" with: \n\npip install python-multipart\n'
)
WRONG_PACKAGE = (
    'Form data requires "python-multipart" to be installed. It seems you installed "multipart" instead. \n'
    'You can remove "multipart" with: \n\npip uninstall multipart\n\n'
    'And then install "python-multipart" with: \n\npip install python-multipart\n'
)


def _imports(name: str) -> bool:
    try:
        import_module(name)
    except ImportError:
        return False
    return True


def multipart_problem() -> str | None:
    """Return what is wrong with the form parser, None when there is one.

    Old releases of python-multipart are imported as `multipart`, the name of another project too; only theirs has a module
    of that name inside.
    """
    if _imports("python_multipart") or _imports("multipart.multipart"):
        return None
    return WRONG_PACKAGE if _imports("multipart") else NOT_INSTALLED


def _require_multipart(parameter: Parameter) -> None:
    problem = multipart_problem()
    if problem is None:
        return
    logging.getLogger(parameter.behaviour.logger).error(problem)
    raise DeclarationError("RAP114", problem, function=parameter.function, parameter=parameter.name)


def claim(parameter: Parameter) -> Input | None:
    """Claim what is marked `Form` or `File`, and uploads without a marker."""
    marker = parameter.marker
    if marker is None and (is_upload(parameter.type_) or is_upload_sequence(parameter.type_)):
        marker = params.File()
    if not isinstance(marker, params.Form):
        return None
    _require_multipart(parameter)
    if model_of(parameter.type_) and not parameter.json_text and not isinstance(marker, params.File):
        group = make_group(parameter, "form", marker)
        return group
    return make_input(parameter, "form", make_field(parameter, marker))


def wants_bytes(annotation: Any) -> bool:
    """Tell whether a file's content is wanted, alone, optional or in a sequence."""
    annotation = bare_type(annotation)
    members = union_members(annotation)
    if members:
        return any(wants_bytes(member) for member in members)
    if is_sequence(annotation):
        return any(wants_bytes(item) for item in get_args(annotation) if item is not ...)
    return annotation is bytes


def _content(item: Input, value: Any, form: FormValues) -> Any:
    if isinstance(value, UploadFile) and wants_bytes(item.field.field_info.annotation):
        return form.contents.get(id(value), value)
    return value


def _take(item: Input, form: FormValues) -> tuple[str, Any]:
    """Return (the name that was used, the value or MISSING); an empty field counts as not sent."""
    for key in item.choices or (item.key,):
        values = form.lists.get(key)
        if not values:
            continue
        if item.sequence:
            kept = [_content(item, value, form) for value in values if not is_empty_part(value)]
            if kept:
                return key, kept
            continue
        value = values[-1]
        if not is_empty_part(value) and value != "":
            return key, _content(item, value, form)
    return item.key, MISSING


def _read_model(item: Input, form: FormValues) -> tuple[Any, Errors]:
    data: dict[str, Any] = {}
    known: set[str] = set()
    for member in item.members:
        known.update(key for key in member.choices[:1])
        key, value = _take(member, form)
        if value is not MISSING:
            known.add(key)
            data[key] = value
    own = bool(data) or any(key in form.lists for member in item.members for key in member.choices)
    for key, values in form.lists.items():
        if key not in known:
            data[key] = values[0] if len(values) == 1 else values
    value, errors = validate_group(item, data, own=own)
    for error in errors:
        error["loc"] = ("body", *error["loc"][1:])
    return value, errors


def read(item: Input, sources: Sources) -> tuple[Any, Errors]:
    """Read the value, or the whole model, from the form."""
    form = sources.body if isinstance(sources.body, FormValues) else FormValues({}, {})
    if item.group:
        return _read_model(item, form)
    key, value = _take(item, form)
    return plain_validate(item, value, ("body", key))


