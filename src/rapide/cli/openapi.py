"""`rapide openapi`: the OpenAPI document of an application, as a file for clients, linters and diffs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Literal

from rapide.cli.failures import CommandError
from rapide.cli.yaml_text import dump_yaml
from rapide.openapi.versions import Version, render

__all__ = ["export_document", "render_document"]


def export_document(
    app: Any, *, output: Path | None, text_format: Literal["json", "yaml"], openapi_version: Version | None
) -> None:
    """Write the document of an application.

    Args:
        app: the application.
        output: the file to write; None or "-" for stdout.
        text_format: "json" or "yaml".
        openapi_version: "3.0", "3.1" or "3.2"; None for the application's own.

    Raises:
        CommandError: the application has no document or not in this version, PyYAML is missing, or the file
            cannot be written.
    """
    text = render_document(_document_of(app, openapi_version), text_format)
    if output is None or str(output) == "-":
        sys.stdout.buffer.write(
            text.encode()
        )  # UTF-8 with line feeds on every system: the bytes are the result
        sys.stdout.flush()
        return
    try:
        output.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise CommandError(f"{output} could not be written: {error.strerror}") from error


def _document_of(app: Any, version: Version | None) -> dict[str, Any]:
    make = getattr(app, "openapi", None)
    if make is None:
        raise CommandError(f"A {type(app).__name__} has no OpenAPI document: only Rapide applications have.")
    document: dict[str, Any] = make()
    return document if version is None else render(document, version)


def render_document(document: dict[str, Any], text_format: Literal["json", "yaml"]) -> str:
    """Return the text of a document, in the order of the document, with a line break at its end.

    Raises:
        CommandError: YAML was asked for and PyYAML is not installed.
    """
    if text_format == "json":
        return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    # Through JSON first: YAML would give tuples, enums and subclasses of str tags that only Python reads.
    return dump_yaml(json.loads(json.dumps(document)))
