"""Tables in Markdown, and the words that both pages use."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.frameworks import FRAMEWORKS
from bench.results import significant

__all__ = ["figure", "fill", "measured_on", "table", "times", "titles"]


_PAGES = Path(__file__).parent / "pages"


def fill(page: str, parts: Mapping[str, str]) -> str:
    """Return a page with its parts put where `@name@` stands; a part that is empty takes its line along."""
    lines = (_PAGES / page).read_text(encoding="utf-8").split("\n")
    filled = "\n".join(parts[line[1:-1]] if re.fullmatch(r"@\w+@", line) else line for line in lines)
    return re.sub(r"\n{3,}", "\n\n", filled).strip() + "\n"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table: the first column is text, the others are numbers. Nothing without rows."""
    if not rows:
        return "Not measured in this run.\n"
    lines = [heads, ["---", *("---:" for _ in heads[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def figure(value: float | None) -> str:
    """Write a number as it deserves; a dash for none."""
    return "–" if value is None else significant(value)


def times(value: float | None) -> str:
    """Write a ratio."""
    return "–" if value is None else f"{significant(value, 2 if value < 10 else 3)}×"


def titles(names: Sequence[str]) -> list[str]:
    """The titles of frameworks."""
    return [FRAMEWORKS[name].title for name in names]


def measured_on(about: Mapping[str, Any]) -> str:
    """Say when, where and how the numbers were taken."""
    return (
        f"Taken on {about['date']} with `{about['command']}` in {about['minutes']:.0f} minutes, on "
        f"{about['machine']}. The load average was {about['load_before']:.1f} before and "
        f"{about['load_after']:.1f} after; the harness itself counts for up to two.\n"
    )
