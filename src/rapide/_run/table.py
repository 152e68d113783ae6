"""The path table: which route takes a request.

Literal paths are found in a dict, the others by walking their segments; only rows that may match are tried,
in the order that the application asked for. Cost does not grow with the number of routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from rapide._run.paths import PathTemplate

__all__ = ["Found", "Row", "Table"]

Params = dict[str, Any]
Names = tuple[tuple[int, str], ...]


@dataclass(eq=False, slots=True)
class Row:
    """One route as the table sees it.

    `kind` is "path" for a whole path, "prefix" for everything below one, "opaque" for a route that decides by
    itself. `methods` is None when the route takes every method. `target` is what the caller put there,
    `match` the test of an opaque row: it returns parameters and whether the method fits, or None.
    """

    kind: Literal["path", "prefix", "opaque"]
    target: Any
    template: PathTemplate | None = None
    methods: frozenset[str] | None = None
    match: Callable[[Any], tuple[Params, bool] | None] | None = None
    order: int = 0

    def takes(self, method: str) -> bool:
        """Tell whether the method fits."""
        return self.methods is None or method in self.methods

    def test(self, path: str, segments: list[str]) -> Params | None:
        """Return the path parameters if the row matches, converted; None otherwise."""
        template = self.template
        assert template is not None  # noqa: S101 -- opaque rows are tested by their own function
        if self.kind == "path":
            simple = _simple_names(template)
            if simple is not None:
                return _take(simple, segments)
            found = template.regex.match(path)
        else:
            found = template.prefix_regex.match(path)
        if found is None:
            return None
        params: Params = found.groupdict()
        try:
            for name, convertor in template.convertors.items():
                params[name] = convertor.convert(params[name])
        except ValueError:  # digits without end, for example
            return None
        return params


def _take(names: Names, segments: list[str]) -> Params | None:
    params = {name: segments[position] for position, name in names}
    return params if all(params.values()) else None


def _simple_names(template: PathTemplate) -> Names | None:
    """Return (position, name) for templates whose parameters are whole segments of text, else None."""
    known = template.__dict__.get("simple_names", ...)
    if known is not ...:
        return known  # type: ignore[no-any-return]  # kept untyped in the cache
    names: Names | None = None
    if None not in template.segments:
        names = tuple(
            (place, part[0]) for place, part in enumerate(template.segments) if isinstance(part, tuple)
        )
    template.__dict__["simple_names"] = names
    return names


@dataclass(slots=True)
class Found:
    """What a look-up found: the row that matched path and method, or those that matched the path only."""

    row: Row | None
    params: Params
    partial: list[tuple[Row, Params]] = field(default_factory=list)


class _Node:
    """One place in the tree of segments."""

    __slots__ = ("children", "ends", "parameter", "tails", "winners")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.ends: list[Row] = []
        self.tails: list[Row] = []
        # By method, what a request that ends here is certainly answered by, with (position, name) of its
        # parameters.
        self.winners: dict[str, tuple[Row, Names]] = {}


class Table:
    """All rows of an application or router.

    `literal_first` lets literal segments win over parameters; otherwise the order of declaration decides.
    """

    def __init__(self, rows: Iterable[Row], *, literal_first: bool) -> None:
        self.rows = list(rows)
        self._opaque: list[Row] = []
        self._root = _Node()
        self._literal: dict[str, dict[str, Row]] = {}
        self._number(literal_first=literal_first)
        for row in self.rows:
            self._insert(row)
        self._find_literals()
        _find_winners(self._root)

    def _number(self, *, literal_first: bool) -> None:
        """Give each row its rank. Opaque rows are walls: order on both sides of one is never mixed."""
        block = 0
        keys: list[tuple[Any, ...]] = []
        for position, row in enumerate(self.rows):
            if row.kind == "opaque":
                block += 1
            keys.append(
                (block, _specificity(row) if literal_first and row.kind != "opaque" else (), position)
            )
            if row.kind == "opaque":
                block += 1
        for rank, position in enumerate(sorted(range(len(keys)), key=keys.__getitem__)):
            self.rows[position].order = rank

    def _insert(self, row: Row) -> None:
        template = row.template
        if template is None:
            self._opaque.append(row)
            return
        node = self._root
        texts = template.path.split("/")[1:] if template.path else []
        for text, segment in zip(texts, template.segments, strict=False):
            if isinstance(segment, str):
                node = node.children.setdefault(segment, _Node())
            elif isinstance(segment, tuple) or template.stays_in_segment(text):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node.tails.append(row)
                return
        (node.ends if row.kind == "path" else node.tails).append(row)

    def _find_literals(self) -> None:
        """Note, for every literal path, which methods are certainly answered by which literal row."""
        for row in self.rows:
            if row.kind != "path" or row.template is None or row.template.convertors:
                continue
            path = row.template.path
            if path not in self._literal:
                self._literal[path] = self._winners(path)

    def _winners(self, path: str) -> dict[str, Row]:
        winners: dict[str, Row] = {}
        for row in self._candidates(path, path.split("/")[1:]):
            literal = row.kind == "path" and row.template is not None and not row.template.convertors
            if not literal or row.methods is None:
                break
            for method in row.methods:
                winners.setdefault(method, row)
        return winners

    def _candidates(self, path: str, segments: list[str]) -> list[Row]:
        """Return the rows that may match, in rank order."""
        found = list(self._opaque)
        _collect(self._root, segments, 0, found)
        if len(found) > 1:
            found.sort(key=_rank)
        return found

    def literal(self, path: str, method: str) -> Row | None:
        """Return the row of a literal path, when nothing else can come before it."""
        methods = self._literal.get(path)
        return methods.get(method) if methods is not None else None

    def straight(  # noqa: PLR0911 -- it stops wherever it is sure, on the way of every request
        self, path: str, method: str
    ) -> tuple[Row | None, Params] | None:
        """Find a row without testing any: where no segment leaves a choice and parameters are whole segments.

        Returns (row, parameters); (None, {}) when certainly no row matches the path; None when only `find`
        can tell.
        """
        if self._opaque:
            return None
        node = self._root
        segments = path.split("/")
        del segments[0]
        for segment in segments:
            if node.tails:
                return None
            child = node.children.get(segment)
            if child is None:
                child = node.parameter
                if child is None:
                    return _NOTHING
            elif node.parameter is not None:
                return None
            node = child
        winner = node.winners.get(method)
        if winner is None:
            return None if node.ends or node.tails else _NOTHING
        row, names = winner
        params = {}
        for position, name in names:
            value = segments[position]
            if not value:
                return None
            params[name] = value
        return row, params

    def find(self, path: str, method: str, scope: Any) -> Found:
        """Return the first row that takes path and method."""
        segments = path.split("/")[1:]
        partial: list[tuple[Row, Params]] = []
        for row in self._candidates(path, segments):
            if row.match is not None:
                matched = row.match(scope)
                if matched is None:
                    continue
                params, fits = matched
            else:
                tested = row.test(path, segments)
                if tested is None:
                    continue
                params, fits = tested, row.takes(method)
            if fits:
                return Found(row, params)
            partial.append((row, params))
        return Found(None, {}, partial)


_NOTHING: tuple[None, Params] = (None, {})


def _find_winners(node: _Node) -> None:
    """Note which row answers each method at the end of every walk, as far as that needs no test."""
    for row in sorted(node.ends, key=_rank) if not node.tails else ():
        names = _simple_names(row.template) if row.template is not None else None
        if names is None or row.methods is None:
            break
        for method in row.methods:
            node.winners.setdefault(method, (row, names))
    for child in node.children.values():
        _find_winners(child)
    if node.parameter is not None:
        _find_winners(node.parameter)


def _rank(row: Row) -> int:
    return row.order


def _collect(node: _Node, segments: list[str], position: int, found: list[Row]) -> None:
    found.extend(node.tails)
    if position == len(segments):
        found.extend(node.ends)
        return
    child = node.children.get(segments[position])
    if child is not None:
        _collect(child, segments, position + 1, found)
    if node.parameter is not None:
        _collect(node.parameter, segments, position + 1, found)


def _specificity(row: Row) -> tuple[int, ...]:
    """Return a key that sorts literal segments before parameters, and those before all below a path."""
    assert row.template is not None  # noqa: S101 -- opaque rows are walls
    texts = row.template.path.split("/")[1:] if row.template.path else []
    key: list[int] = []
    for text, segment in zip(texts, row.template.segments, strict=False):
        if isinstance(segment, str):
            key.append(0)
        elif isinstance(segment, tuple) or row.template.stays_in_segment(text):
            key.append(1)
        else:
            key.append(2)
    if row.kind == "prefix":
        key.append(2)
    return tuple(key)
