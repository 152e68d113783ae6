"""A tiny SVG writer: bars and lines, readable on light and dark pages, without any library."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from bench.results import significant

__all__ = ["lines", "ranking"]

_WIDTH = 760
_TEXT = "#808080"
_GRID = "#80808040"
# Distinct for most kinds of colour blindness, and on both white and black (after Okabe and Ito).
_COLOURS = (
    "#d55e00",
    "#e69f00",
    "#0072b2",
    "#009e73",
    "#56b4e9",
    "#cc79a7",
    "#999933",
    "#882255",
    "#117733",
    "#777777",
)
_FONT = "font-family='system-ui, sans-serif' font-size='12'"


def ranking(title: str, unit: str, values: Mapping[str, float], ours: Sequence[str] = ()) -> str:
    """Draw a horizontal bar for each value, the longest as wide as the page; `ours` have another colour."""
    left, top, bar = 170, 40, 20
    scale = (_WIDTH - left - 80) / max(values.values())
    parts, y = [_label(10, 20, f"{title} ({unit})", bold=True)], top
    for name, value in values.items():
        width, colour = max(1.0, value * scale), _COLOURS[0] if name in ours else _COLOURS[2]
        parts.append(_label(10, y + 12, name))
        parts.append(f"<rect x='{left}' y='{y}' width='{width:.1f}' height='{bar - 5}' fill='{colour}'/>")
        parts.append(_label(left + width + 5, y + 12, significant(value)))
        y += bar
    return _svg(parts, y + 5, title)


def lines(title: str, x_title: str, y_title: str, series: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Draw lines over two logarithmic axes: `series` maps a line's name to its points, all above zero."""
    xs = [x for points in series.values() for x, _ in points]
    ys = [y for points in series.values() for _, y in points]
    plot = _Plot(_Axis(min(xs), max(xs), 60, _WIDTH - 190), _Axis(min(ys), max(ys), 330, 45))
    parts = [_label(10, 20, title, bold=True), *plot.grid()]
    parts += [_label(60, 368, x_title), _label(10, 38, y_title)]
    for place, points in enumerate(series.values()):
        parts += plot.line(points, _COLOURS[place % len(_COLOURS)])
    parts += plot.names(series)
    return _svg(parts, 380, title)


class _Axis:
    """A logarithmic axis: which place on the page a value has."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = (
            math.floor(math.log10(low)),
            max(math.ceil(math.log10(high)), math.floor(math.log10(low)) + 1),
        )
        self.start, self.end = start, end

    def place(self, value: float) -> float:
        """Return the place of a value."""
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def marks(self) -> list[float]:
        """The powers of ten on the axis."""
        return [10.0**power for power in range(self.low, self.high + 1)]


class _Plot:
    """Lines between two axes."""

    def __init__(self, x: _Axis, y: _Axis) -> None:
        self.x, self.y = x, y

    def grid(self) -> list[str]:
        parts = []
        for mark in self.x.marks:
            place = self.x.place(mark)
            parts.append(_stroke(place, self.y.start, place, self.y.end))
            parts.append(_label(place, self.y.start + 16, _power(mark), anchor="middle"))
        for mark in self.y.marks:
            place = self.y.place(mark)
            parts.append(_stroke(self.x.start, place, self.x.end, place))
            parts.append(_label(self.x.start - 6, place + 4, _power(mark), anchor="end"))
        return parts

    def line(self, points: Sequence[tuple[float, float]], colour: str) -> list[str]:
        places = [(self.x.place(x), self.y.place(y)) for x, y in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dots = [f"<circle cx='{x:.1f}' cy='{y:.1f}' r='2.5' fill='{colour}'/>" for x, y in places]
        return [f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'/>", *dots]

    def names(self, series: Mapping[str, Sequence[tuple[float, float]]]) -> list[str]:
        """Write each line's name at its end, moved down where another stands already."""
        ends = sorted(
            (self.y.place(points[-1][1]), place, name) for place, (name, points) in enumerate(series.items())
        )
        parts, lowest = [], 0.0
        for wanted, place, name in ends:
            lowest = max(wanted, lowest + 15)
            parts.append(_label(self.x.end + 8, lowest + 4, name, colour=_COLOURS[place % len(_COLOURS)]))
        return parts


def _power(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _stroke(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{_GRID}'/>"


def _label(
    x: float, y: float, text: str, *, bold: bool = False, anchor: str = "start", colour: str = _TEXT
) -> str:
    weight = " font-weight='bold'" if bold else ""
    place = f"x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}'"
    return f"<text {place} fill='{colour}' {_FONT}{weight}>{escape(text)}</text>"


def _svg(parts: Sequence[str], height: float, title: str) -> str:
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {height:.0f}' role='img'>"
    return "\n".join([head, f"<title>{escape(title)}</title>", *parts, "</svg>", ""])
