"""Names and signatures of FastAPI's modules, compared with what FastAPI 0.165.0 has (`signatures.json`).

The file holds, for each module and name: `from` for what comes from another library, `value` for constants,
and for functions, classes and methods the parameters as [name, kind] or [name, kind, default].
"""

import ast
import inspect
import json
import warnings
from enum import Enum
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import BaseModel

from rapide.datastructures import DefaultPlaceholder

FACTS = json.loads(Path(__file__).with_name("signatures.json").read_text(encoding="utf-8"))

# Names that are not compared, with the reason.
LEFT_OUT = {
    ("fastapi.applications", "ExceptionTelemetryMiddleware"): "a part of how FastAPI records requests",
    ("fastapi.applications", "NativeTelemetry"): "a part of how FastAPI records requests",
    ("fastapi.encoders", "PyExtraColor"): "there only with the optional package pydantic-extra-types",
}

CASES = [
    pytest.param(module, name, fact, id=f"{module}.{name}")
    for module, facts in FACTS.items()
    for name, fact in facts.items()
    if (module, name) not in LEFT_OUT
]


def show_default(value):
    """Return a default as the file writes it."""
    if isinstance(value, DefaultPlaceholder):
        return f"Default({show_default(value.value)})"
    if inspect.isclass(value):
        return f"class {value.__name__}"
    if inspect.isfunction(value):
        return f"function {value.__name__}"
    return repr(value).replace("fastapi.", "")  # the file leaves out FastAPI's own prefix, wherever it stands


def show_signature(function):
    """Return the parameters of a callable as the file writes them."""
    return [
        [parameter.name, parameter.kind.name.lower()]
        + ([] if parameter.default is inspect.Parameter.empty else [show_default(parameter.default)])
        for parameter in inspect.signature(function).parameters.values()
    ]


def literal(text):
    """Return the constant that a text is, the text itself for what is no literal."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def compare_class(ours, fact):
    """Assert that constructor and methods take the same parameters, and that the bases are there.

    How enumerations are called is Python's own matter, and another one in each of its versions.
    """
    if issubclass(ours, BaseModel) and ours.model_config.get("defer_build"):
        ours.model_rebuild()  # a model that is built late has no signature of its own before that
    if fact["init"] is not None and not issubclass(ours, Enum):
        assert show_signature(ours) == fact["init"]
    for method, parameters in fact.get("methods", {}).items():
        assert show_signature(inspect.getattr_static(ours, method)) == parameters
    named = {base.__name__ for base in ours.__mro__}
    for base in fact["bases"]:
        assert base.partition(":")[2] in named


@pytest.mark.parametrize(("module", "name", "fact"), CASES)
def test_name_has_fastapis_signature(module, name, fact):
    """What can be imported from FastAPI can be imported from us, and is called in the same way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Starlette's WSGI module says at its import that it is deprecated
        ours = getattr(import_module(f"rapide.{module}"), name)
    if "from" in fact:
        assert ours.__module__.partition(".")[0].lstrip("_") == fact["from"]
    elif "value" in fact:
        assert ours == literal(fact["value"]) or repr(ours) == fact["value"]
    elif "function" in fact:
        assert inspect.iscoroutinefunction(ours) is fact["async"]
        assert show_signature(ours) == fact["parameters"]
    else:
        compare_class(ours, fact)


def test_what_is_left_out_is_in_the_file():
    """A name that is left out by mistake, or no longer there, would hide nothing but itself."""
    assert [(module, name) for module, name in LEFT_OUT if name not in FACTS[module]] == []


def test_unknown_name_is_an_attribute_error():
    """Modules with names that load on demand answer like any other."""
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = import_module("rapide.fastapi.security.oauth2").nothing
