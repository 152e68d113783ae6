"""Fields of forms, uploaded files, and models that take the form as a whole."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from rapide._codegen import Writer
from rapide._run.forms import FormReading, FormValues
from rapide._run.sources import Sources
from rapide.declare import params
from rapide.errors import DeclarationError
from rapide.inputs.base import Errors, Parameter, make_field, make_input
from rapide.inputs.form_models import is_form_model, make_form_model, read_form_model
from rapide.inputs.form_values import as_form_field, content_keys, read_field, wants_bytes
from rapide.inputs.scalars import is_upload, is_upload_sequence
from rapide.inputs.single import default_expression
from rapide.plan.nodes import Input, RoutePlan

__all__ = [
    "NOT_INSTALLED",
    "WRONG_PACKAGE",
    "claim",
    "content_keys",
    "emit",
    "form_reading",
    "is_text",
    "json_keys",
    "multipart_problem",
    "read",
    "wants_bytes",
]

NOT_INSTALLED = (
    'Form data requires "python-multipart" to be installed. \n'
    'You can install "python-multipart" with: \n\npip install python-multipart\n'
)
WRONG_PACKAGE = (
    'Form data requires "python-multipart" to be installed. It seems you installed "multipart" instead. \n'
    'You can remove "multipart" with: \n\npip uninstall multipart\n\n'
    'And then install "python-multipart" with: \n\npip install python-multipart\n'
)


def _imported(name: str) -> Any:
    """Return a module, None where it cannot be imported."""
    try:
        return import_module(name)
    except ImportError:
        return None


def _is_current(version: Any) -> bool:
    """Tell whether a release is one of those that are imported under python-multipart's own name."""
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", str(version))
    return numbers is not None and tuple(map(int, numbers.groups())) > (0, 0, 12)


def multipart_problem() -> str | None:
    """Return what is wrong with the form parser, None when there is one.

    Old releases of python-multipart are imported as `multipart`, the name of another project too; only theirs
    can parse the options of a header.
    """
    if _is_current(getattr(_imported("python_multipart"), "__version__", None)):
        return None
    with warnings.catch_warnings():  # releases between have both names, and warn of the old one
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        if not hasattr(_imported("multipart"), "__version__"):
            return NOT_INSTALLED
        parses = hasattr(_imported("multipart.multipart"), "parse_options_header")
    return None if parses else WRONG_PACKAGE


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
    if is_form_model(parameter):
        return make_form_model(parameter, marker)
    return as_form_field(make_input(parameter, "form", make_field(parameter, marker)), parameter.behaviour)


def json_keys(inputs: Iterable[Input]) -> tuple[str, ...]:
    """Return the names of files that may be JSON."""
    return content_keys(inputs, "json", "declared_json", "json_text")


def form_reading(plan: RoutePlan) -> FormReading:
    """Return how the form of a route is read."""
    assert plan.body is not None  # noqa: S101 -- asked for forms only
    behaviour, inputs, limit = plan.behaviour, plan.body.inputs, plan.limits.max_body_size
    return FormReading(
        plan.limits.form,
        behaviour.max_form_size if limit is None else limit,
        behaviour.max_json_size,
        behaviour.body_timeout,
        content_keys(inputs, "bytes"),
        json_keys(inputs),
        behaviour.strict_forms,
        behaviour.unsupported_media_type,
    )


def read(item: Input, sources: Sources) -> tuple[Any, Errors]:
    """Read the value, or the whole model, from the form."""
    form = sources.body if isinstance(sources.body, FormValues) else FormValues({}, {})
    if item.group:
        return read_form_model(item, form)
    return read_field(item, form)


def is_text(item: Input) -> bool:
    """Tell whether an input is a text of its own field, which a handler reads without the exact reading."""
    if item.kind != "form" or item.group or item.sequence or item.choices:
        return False
    info = item.field.field_info
    text = item.part in ("as_sent", "declared_json") and not is_upload(info.annotation)
    return text and not info.validate_default


def emit(writer: Writer, item: Input, target: str) -> None:
    """Write the read of a field from `texts`; whatever is not there as one text is read exactly."""
    exactly = f"read_exactly({writer.bind(f'input_{item.name}', item)}, scope, data)"
    if not is_text(item):
        writer.line(f"{target} = {exactly}")
        return
    writer.want("texts = texts_of(data)")
    validate = writer.bind(f"validate_{item.name}", item.field.validator.validate_python)
    if item.required:
        writer.line(f"{target} = {validate}(texts[{item.key!r}])")
        return
    writer.line(f"raw = texts.get({item.key!r})")
    default = default_expression(writer, item)
    absent = f"{default} if {item.key!r} not in data.lists else {exactly}"
    writer.line(f"{target} = {validate}(raw) if raw is not None else {absent}")
