"""Reading an application's files, applying the rules, printing what they found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rapide.cli.failures import describe_location
from rapide.cli.moving.findings import GUIDE, ON_BOTH_FACES, Finding
from rapide.cli.moving.imports import imports
from rapide.cli.moving.rules import RULES
from rapide.cli.moving.sources import Project, read_project

__all__ = ["check_from_fastapi", "findings_of"]


def check_from_fastapi(path: Path, *, as_json: bool) -> int:
    """Say what would change if an application moved here. Its files are read, never imported.

    Args:
        path: a Python file, or a folder with some below it.
        as_json: print a JSON array instead of text.

    Returns:
        1 when something would not run even on `rapide.fastapi`, else 0.

    Raises:
        CommandError: there is no such path, or no Python file below it.
    """
    project = read_project(path)
    findings = findings_of(project)
    print(_as_json(findings) if as_json else _as_text(findings, path, len(project.sources)))
    return 1 if any(finding.severity == "error" for finding in findings) else 0


def findings_of(project: Project) -> list[Finding]:
    """Return what the rules find, in the order of files and lines."""
    found = [_broken(path, error) for path, error in project.broken]
    for source in project.sources:
        of_file = [finding for rule in (imports, *RULES) for finding in rule(project, source)]
        found += sorted(dict.fromkeys(of_file), key=lambda finding: int(finding.location.rpartition(":")[2]))
    return found


def _broken(path: Path, error: SyntaxError) -> Finding:
    location = describe_location(str(path.absolute()), error.lineno or 1) or ""
    remedy = "Mend it, or leave the file out."
    return Finding("error", location, f"Not Python: {error.msg}.", remedy, f"{GUIDE}#{ON_BOTH_FACES}", None)


def _as_json(findings: Sequence[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False)


def _as_text(findings: Sequence[Finding], path: Path, files: int) -> str:
    counts = Counter(finding.severity for finding in findings)
    summary = (
        f"{path}: {_count(files, 'file')} read."
        f"\n  {_count(counts['error'], 'error')}: does not run on rapide.fastapi."
        f"\n  {_count(counts['warning'], 'warning')}: differs on rapide.fastapi."
        f"\n  {_count(counts['note'], 'note')}: imports, and what differs on rapide only."
    )
    return "\n\n".join([*(_paragraph(finding) for finding in findings), summary])


def _paragraph(finding: Finding) -> str:
    return (
        f"{finding.location}: {finding.severity}: {finding.message}\n"
        f"  What to do: {finding.remedy}\n"
        f"  More: {finding.link}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
