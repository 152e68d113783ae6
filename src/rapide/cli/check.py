"""`rapide check`: mistakes in an application, found without serving it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rapide.cli.discover import LoadedApplication
from rapide.cli.failures import CommandError, ImportFailedError, describe_location
from rapide.errors import DeclarationError

__all__ = ["Finding", "check_application", "render_json", "render_text"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake, as it is printed.

    Attributes:
        code: for `rapide explain-error`.
        severity: "error" or "warning".
        message: what is wrong.
        location: `file:line`, or None.
        remedy: what to do about it, or None.
    """

    code: str
    severity: str
    message: str
    location: str | None
    remedy: str | None


def check_application(load: Callable[[], LoadedApplication], *, as_json: bool) -> int:
    """Import an application, let it check itself, print what it found.

    Args:
        load: imports the application.
        as_json: print a JSON array instead of text.

    Returns:
        1 when there is an error among the findings, else 0.

    Raises:
        ImportFailedError: the import failed for another reason than a declaration mistake.
        CommandError: there is no application, or it cannot check itself.
    """
    try:
        loaded = load()
    except ImportFailedError as error:
        if not isinstance(error.cause, DeclarationError):
            raise
        findings, subject = [_from_declaration_error(error.cause)], error.module
    else:
        findings, subject = _findings_of(loaded.app), loaded.import_string
    print(render_json(findings) if as_json else render_text(findings, subject))
    return 1 if any(finding.severity == "error" for finding in findings) else 0


def _findings_of(app: Any) -> list[Finding]:
    check = getattr(app, "check", None)
    if check is None:
        raise CommandError(f"A {type(app).__name__} cannot check itself: only Rapide applications can.")
    try:
        problems = check()
    except DeclarationError as error:  # a mistake that leaves nothing to look further at
        return [_from_declaration_error(error)]
    return [
        Finding(problem.code, problem.severity, problem.message, _short(problem.location), problem.remedy)
        for problem in problems
    ]


def _short(location: str | None) -> str | None:
    file, _, line = (location or "").rpartition(":")
    return describe_location(file, int(line)) if file and line.isdecimal() else location


def _from_declaration_error(error: DeclarationError) -> Finding:
    location = describe_location(error.file, error.line)
    return Finding(error.code, "error", error.message, location, error.remedy)


def render_json(findings: Sequence[Finding]) -> str:
    """Return the findings as a JSON array."""
    return json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False)


def render_text(findings: Sequence[Finding], subject: str) -> str:
    """Return the findings as paragraphs, and a last line that counts them."""
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = len(findings) - errors
    summary = f"{subject}: {_count(errors, 'error')}, {_count(warnings, 'warning')}."
    return "\n\n".join([*(_paragraph(finding) for finding in findings), summary])


def _paragraph(finding: Finding) -> str:
    lines = [f"{finding.severity} {finding.code}: {finding.message}"]
    if finding.location:
        lines.append(f"  Where: {finding.location}")
    if finding.remedy:
        lines.append(f"  What to do: {finding.remedy}")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
