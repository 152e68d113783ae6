"""Fragments of pages that are made from the code: `docs/generated/*.txt`, which pages include."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TypedDict

from loading import DOCS, EXAMPLES, loaded
from quirks import quirk_table

from rapide.app import APP_DEFAULTS, AppOptions
from rapide.behaviour import FASTAPI, RAPIDE, Behaviour
from rapide.cli.options import ServeSettings, settings_of
from rapide.declare.defaults import DefaultPlaceholder
from rapide.declare.params import BodyOptions, FormOptions, HeaderOptions, ParamOptions
from rapide.errors import CODES, DeclarationError
from rapide.options import (
    INCLUDE_DEFAULTS,
    ROUTE_DEFAULTS,
    ROUTER_DEFAULTS,
    FormLimits,
    IncludeOptions,
    RouteOptions,
    RouterOptions,
)
from rapide.telemetry import TelemetryConfig

__all__ = ["FRAGMENTS", "MISTAKES", "NOT_SHOWN", "mistake_text", "path_of"]

MISTAKES = EXAMPLES / "declaration_errors"
# What no example can show: it needs an environment without python-multipart.
NOT_SHOWN = frozenset({"RAP114"})
_FAMILIES = {
    "1": "Parameters and dependencies",
    "2": "Routes",
    "3": "Routers, inclusions, frontends",
    "4": "The whole application",
    "5": "Authentication",
    "6": "Who may call",
}


def path_of(name: str) -> Path:
    """Return the file of a fragment."""
    return DOCS / "generated" / f"{name}.txt"


@dataclass(frozen=True)
class Field:
    """A field of a class, as it is written."""

    name: str
    annotation: str
    meaning: str


def _fields(class_: type) -> list[Field]:
    """Return the fields of a class and its bases with their docstrings, which Python itself does not keep."""
    module = import_module(class_.__module__)
    tree = ast.parse(inspect.getsource(module))
    node = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == class_.__name__)
    bases = (getattr(module, ast.unparse(base), None) for base in node.bases)
    found = [field for base in bases if base is not TypedDict for field in _fields(base)]
    for field, text in pairwise(node.body):
        is_text = isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            meaning = " ".join(str(text.value.value).split())
            found.append(Field(field.target.id, ast.unparse(field.annotation), meaning))
    return found


def _value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value % 1024**2 == 0:
        return f"{value // 1024**2} MiB"
    return f"`{value!r}`"


def behaviour_table() -> str:
    """Return every field of `Behaviour`, with the values of both faces."""
    rows = ["| field | Rapide | FastAPI | what it decides |", "|---|---|---|---|"]
    for field in _fields(Behaviour):
        values = [_value(getattr(face, field.name)) for face in (RAPIDE, FASTAPI)]
        rows.append(f"| `{field.name}` | {' | '.join(values)} | {field.meaning} |")
    return "\n".join(rows) + "\n"


def mistake_text(code: str) -> str:
    """Return what the example of a code is told: the error at import, or what `check` finds."""
    file = MISTAKES / f"{code}.py"
    try:
        with loaded(file) as module:
            problems = [problem for problem in module.app.check() if problem.code == code]
    except DeclarationError as error:
        folder = str(Path(error.file).parent) if error.file else "."
        told, text = error.code, str(error).replace(f"{folder}/", "").replace(folder, ".")
    else:
        told = problems[0].code if problems else None
        text = f"{problems[0].severity} {code}: {problems[0].message}" if problems else ""
    assert told == code, f"{file.name} is told {told}"
    return text


def declaration_errors() -> str:
    """Return every code: what it means, a mistake that has it, what is said about it, and the remedy."""
    return "\n".join(_sections())


def _sections() -> Iterator[str]:
    family = ""
    for code, entry in sorted(CODES.items()):
        if code[3] != family:
            family = code[3]
            yield f"## {_FAMILIES[family]}\n"
        yield f"### {code}\n\n{entry.summary}\n"
        if code not in NOT_SHOWN:
            yield f'```python\n--8<-- "declaration_errors/{code}.py"\n```\n'
            yield f"```text\n{_wrapped(mistake_text(code))}\n```\n"
        yield f"*What to do:* {entry.remedy}\n"


def _wrapped(text: str) -> str:
    lines = [line for line in text.splitlines() if not line.startswith(("  What to do:", "  Code:"))]
    return "\n".join(textwrap.fill(line, 88, subsequent_indent="    ") for line in lines)


def server_limits() -> str:
    """Return the options of the servers that limit what clients may do."""
    rows = ["| option | default | |", "|---|---|---|"]
    for setting in settings_of(ServeSettings):
        if setting.setting.panel == "Limits":
            default = "" if setting.default is None else f"{setting.default:,}"
            rows.append(f"| `{setting.flag}` | {default} | {setting.setting.help} |")
    return "\n".join(rows) + "\n"


def settings_table() -> str:
    """Return all settings of `rapide dev` and `rapide run`."""
    rows = ["| option | environment | default | |", "|---|---|---|---|"]
    for setting in settings_of(ServeSettings):
        variables = ", ".join(
            f"`{name}`" for name in (f"RAPIDE_{setting.name.upper()}", *setting.setting.environment)
        )
        defaults = dict.fromkeys(_setting_value(setting.default_for(command)) for command in ("run", "dev"))
        default = " (dev: ".join(defaults) + (")" if len(defaults) > 1 else "")
        rows.append(f"| `{setting.flag}` | {variables} | {default} | {setting.setting.help} |")
    return "\n".join(rows) + "\n"


def _setting_value(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value in {None, "", ()} else f"{value:,}" if isinstance(value, int) else f"{value}"


def _options_table(class_: type, defaults: Mapping[str, object] | None = None) -> str:
    """Return the options that a `TypedDict` declares; without `defaults`, those of its own only."""
    known = _fields(class_)
    if defaults is None:
        rows = ["| option | type | |", "|---|---|---|"]
    else:
        rows = ["| option | type | default | |", "|---|---|---|---|"]
    for field in known:
        default = "" if defaults is None else f" {_default(defaults[field.name])} |"
        rows.append(f"| `{field.name}` | `{field.annotation}` |{default} {field.meaning} |")
    return "\n".join(rows) + "\n"


def _default(value: object) -> str:
    value = value.value if isinstance(value, DefaultPlaceholder) else value
    return f"`{getattr(value, '__name__', None) or repr(value)}`"


def _own_options(class_: type) -> str:
    """Return the options that a marker has beside those of all markers."""
    shared = {field.name for field in _fields(ParamOptions)}
    rows = ["| option | type | |", "|---|---|---|"]
    for field in _fields(class_):
        if field.name not in shared:
            annotation = field.annotation.removeprefix("NotRequired[").removesuffix("]")
            rows.append(f"| `{field.name}` | `{annotation}` | {field.meaning} |")
    return "\n".join(rows) + "\n"


def fastapi_modules() -> str:
    """Return the public modules of `rapide.fastapi` as a list."""
    folder = Path(str(files("rapide.fastapi")))
    modules = (file.relative_to(folder).with_suffix("").parts for file in folder.rglob("*.py"))
    public = (parts for parts in modules if not any(part.startswith("_") for part in parts))
    return "".join(f"* `rapide.fastapi.{'.'.join(parts)}`\n" for parts in sorted(public))


FRAGMENTS: dict[str, Callable[[], str]] = {
    "behaviour": behaviour_table,
    "app_options": partial(_options_table, AppOptions, APP_DEFAULTS),
    "body_options": partial(_own_options, BodyOptions),
    "declaration_errors": declaration_errors,
    "fastapi_modules": fastapi_modules,
    "form_limits": partial(_options_table, FormLimits),
    "form_options": partial(_own_options, FormOptions),
    "header_options": partial(_own_options, HeaderOptions),
    "include_options": partial(_options_table, IncludeOptions, INCLUDE_DEFAULTS),
    "param_options": partial(_options_table, ParamOptions),
    "quirks": quirk_table,
    "route_options": partial(_options_table, RouteOptions, ROUTE_DEFAULTS),
    "router_options": partial(_options_table, RouterOptions, ROUTER_DEFAULTS),
    "server_limits": server_limits,
    "settings": settings_table,
    "telemetry_options": partial(_options_table, TelemetryConfig),
}
