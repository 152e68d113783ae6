"""Arithmetic on measurements, and the file that keeps them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["Series", "geometric_mean", "load_results", "ratio", "rotated", "save_results", "significant"]


T = TypeVar("T")


class Series:
    """Repeated measurements of one thing.

    The best is what counts: whatever disturbs makes them longer, never shorter.
    """

    def __init__(self, values: Sequence[float] = ()) -> None:
        self.values = list(values)

    def add(self, value: float) -> None:
        """Add one more."""
        self.values.append(value)

    @property
    def best(self) -> float:
        """The shortest."""
        return min(self.values)

    @property
    def noise(self) -> float:
        """By how much the one in the middle is longer than the shortest: 0.1 is a tenth."""
        return statistics.median(self.values) / self.best - 1 if self.best else 0.0


def ratio(other: float | None, own: float | None) -> float | None:
    """How many times as much the other takes; None when one of them is not known."""
    if other is None or not own:
        return None
    return other / own


def rotated(items: Sequence[T], turn: int) -> list[T]:
    """Return the items with another one first in each turn: nobody is always first."""
    shift = turn % len(items) if items else 0
    return [*items[shift:], *items[:shift]]


def geometric_mean(values: Sequence[float]) -> float:
    """The mean of ratios: a ratio and its inverse cancel each other.

    Raises StatisticsError without values.
    """
    return statistics.geometric_mean(values)


def significant(value: float, digits: int = 3) -> str:
    """Write a number with as many digits as it deserves, thousands apart: 1234.5 is 1,230."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = max(0, digits - 1 - int(f"{abs(rounded):e}".partition("e")[2]))
    return f"{rounded:,.{decimals}f}"


def load_results(path: Path) -> dict[str, Any]:
    """Read what the last run has kept; nothing when there was none."""
    if not path.exists():
        return {}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return kept


def save_results(path: Path, results: Mapping[str, Any]) -> None:
    """Keep the results of a run in place of those before."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n", encoding="utf-8")
