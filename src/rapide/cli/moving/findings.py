"""What a reader is told: one difference, at one place of the code."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from rapide.cli.failures import describe_location
from rapide.cli.moving.sources import Source

__all__ = ["GUIDE", "ON_BOTH_FACES", "SECTIONS", "Finding", "Severity", "find"]

Severity = Literal["error", "warning", "note"]

GUIDE = "docs/migrating/differences.md"
ON_BOTH_FACES = "on-both-faces"

# The section of the guide that speaks of a field of `Behaviour`.
SECTIONS = {
    "errors": "errors-documented_errors",
    "echo_input": "echo_input",
    "errors_inside_middleware": "errors_inside_middleware",
    "dependency_exit": "dependency_exit",
    "inline_classes": "inline_classes",
    "missing_names": "missing_names",
    "slashes": "slashes-redirect",
    "routing": "routing",
    "automatic_methods": "automatic_methods",
    "max_json_size": "max_json_size-max_form_size",
    "max_form_size": "max_json_size-max_form_size",
    "unsupported_media_type": "unsupported_media_type",
    "query_sequences": "query_sequences",
    "strict_credentials": "strict_credentials",
    "json_policy": "json_policy",
    "merge_injected_response": "merge_injected_response",
    "operation_ids": "documents-and-tools",
    "local_docs": "documents-and-tools",
    "mounted_lifespans": "documents-and-tools",
    "logger": "documents-and-tools",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that changes.

    Attributes:
        severity: "error": it would not run on `rapide.fastapi`; "warning": it would do something else there;
            "note": only `rapide` does something else.
        location: `file:line`.
        message: what changes.
        remedy: what to do about it, or how to keep it as it was.
        link: the section of the guide.
        field: the field of `Behaviour` that decides; None when none does.
    """

    severity: Severity
    location: str
    message: str
    remedy: str
    link: str
    field: str | None


def find(source: Source, node: ast.AST | int, message: str, remedy: str = "", *, field: str) -> Finding:
    """Return a note on a difference of a field; the remedy says at least how to keep FastAPI's way."""
    line = node if isinstance(node, int) else getattr(node, "lineno", 1)
    keep = f"Rapide(behaviour=replace(RAPIDE, {field}={_fastapis(field)!r})) keeps it as it was."
    return Finding(
        "note",
        describe_location(str(source.path.absolute()), line) or "",
        message,
        f"{remedy} {keep}".lstrip(),
        f"{GUIDE}#{SECTIONS[field]}",
        field,
    )


def _fastapis(field: str) -> object:
    from rapide.behaviour import FASTAPI

    return getattr(FASTAPI, field)
