"""`rapide audit`: who may call each route, and which ones were left open."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rapide.audit import Entrance, audit_app, open_entrances
from rapide.cli.configuration import read_project_file
from rapide.cli.failures import CommandError, describe_location

__all__ = ["audit_application", "read_allow_file", "render_json", "render_table", "render_verdict"]

_TABLE_HEADINGS = ("ACCESS", "METHODS", "PATH", "WHO", "ENDPOINT")


def audit_application(app: Any, *, allow_file: Path | None, as_json: bool) -> int:
    """Print who may call each route of an application.

    Args:
        app: a Rapide application.
        allow_file: names what may be open, beside `[tool.rapide.audit]` in pyproject.toml.
        as_json: print a JSON array instead of text.

    Returns:
        1 when a route is open that is neither marked as public nor on a list, else 0.

    Raises:
        CommandError: it is no Rapide application, a list cannot be read, or it names what does not exist.
    """
    if getattr(app, "audit", None) is None:
        raise CommandError(f"A {type(app).__name__} cannot be audited: only Rapide applications can.")
    allowed = {
        *read_project_file(Path.cwd()).audit_allow,
        *(read_allow_file(allow_file) if allow_file else ()),
    }
    entrances = audit_app(app)
    _check_known(allowed, entrances)
    left_open = open_entrances(entrances, allowed)
    if as_json:
        print(render_json(entrances, left_open))
    else:
        print(f"{render_table(entrances)}\n\n{render_verdict(entrances, left_open)}")
    return 1 if left_open else 0


def read_allow_file(path: Path) -> list[str]:
    """Return the entries of an allow-list: one in a line, without empty lines and what follows a `#`.

    Raises:
        CommandError: the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"The allow-list {path} could not be read: {error}") from error
    entries = (" ".join(line.partition("#")[0].split()) for line in lines)
    return [entry for entry in entries if entry]


def _check_known(allowed: Collection[str], entrances: Sequence[Entrance]) -> None:
    """Refuse entries that name nothing: what a misspelt one meant is not allowed, and must not seem so."""
    known = {
        name
        for entrance in entrances
        for word in (entrance.methods or (entrance.kind.upper(),))
        for name in (entrance.path, f"{word} {entrance.path}")
    }
    unknown = sorted(set(allowed) - known)
    if unknown:
        raise CommandError(
            f"The allow-list names what does not exist: {', '.join(unknown)}.",
            remedy="Write METHOD /path as `rapide audit` prints it, or remove the entry.",
        )


def render_json(entrances: Sequence[Entrance], left_open: Sequence[Entrance]) -> str:
    """Return the ways in as a JSON array; `allowed` is false for those on which the audit fails."""
    rows = [{**asdict(entrance), "allowed": entrance not in left_open} for entrance in entrances]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def render_table(entrances: Sequence[Entrance]) -> str:
    """Return the ways in as columns of text, with nothing cut off."""
    cells = [_TABLE_HEADINGS, *(_cells(entrance) for entrance in entrances)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_TABLE_HEADINGS))]
    lines = ("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells)
    return "\n".join(line.rstrip() for line in lines)


def _cells(entrance: Entrance) -> tuple[str, ...]:
    schemes = (f"{name}({' '.join(scopes)})" if scopes else name for name, scopes in entrance.schemes.items())
    who = [entrance.guard or "everybody", *schemes]
    return (
        entrance.access,
        ",".join(entrance.methods) or entrance.kind,
        entrance.path,
        " ".join(dict.fromkeys(who)) if entrance.access == "guarded" else "everybody",
        entrance.endpoint or "-",
    )


def render_verdict(entrances: Sequence[Entrance], left_open: Sequence[Entrance]) -> str:
    """Return what follows the table: what was left open and what to do, or that nothing was."""
    counts = [sum(entrance.access == access for entrance in entrances) for access in ("guarded", "public")]
    summary = f"{counts[0]} guarded, {counts[1]} public, {len(entrances) - sum(counts)} open"
    if not left_open:
        return f"{summary}: nothing was left open by mistake."
    places = [f"  {entrance.key}{_place(entrance)}" for entrance in left_open]
    return "\n".join(
        [
            f"{summary}. Open to everybody, and not marked so:",
            *places,
            "What to do: give the route, its router or the application `auth=`; mark it with `auth=public`;",
            'or name it in pyproject.toml: [tool.rapide.audit] allow = ["GET /path"].',
        ]
    )


def _place(entrance: Entrance) -> str:
    file, _, line = (entrance.location or "").rpartition(":")
    place = describe_location(file, int(line)) if file and line.isdecimal() else None
    return f"  ({place})" if place else ""
