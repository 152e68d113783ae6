"""Path templates: their names, their convertors and their regular expressions."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import Any

from starlette.convertors import CONVERTOR_TYPES, Convertor

from rapide.errors import InvalidValueError, RouteError

__all__ = ["PathTemplate", "parse_path"]

_PARAMETER = re.compile(r"{([a-zA-Z_][a-zA-Z0-9_]*)(:[a-zA-Z_][a-zA-Z0-9_]*)?}")
# Convertors whose values stay within one segment.
_IN_SEGMENT = frozenset({"[^/]+", "[0-9]+", r"[0-9]+(\.[0-9]+)?"})


class PathTemplate:
    """A parsed path such as `/items/{item_id:int}`.

    `format` is the path without convertors, `convertors` maps names to Starlette's convertors, `segments` are
    the texts between slashes: a str for a literal, a tuple of one name for a whole parameter, None for
    anything else.
    """

    __slots__ = ("__dict__", "convertors", "format", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.convertors: dict[str, Convertor[Any]] = {}
        duplicates: list[str] = []
        for name, convertor in _PARAMETER.findall(path):
            kind = convertor.lstrip(":") or "str"
            if kind not in CONVERTOR_TYPES:
                raise RouteError("RAP207", f"Unknown path convertor '{kind}'")
            if name in self.convertors:
                duplicates.append(name)
            self.convertors[name] = CONVERTOR_TYPES[kind]
        if duplicates:
            names = ", ".join(sorted(duplicates))
            plural = "s" if len(duplicates) > 1 else ""
            raise InvalidValueError("RAP208", f"Duplicated param name{plural} {names} at path {path}")
        self.format = _PARAMETER.sub(r"{\1}", path)

    @cached_property
    def pattern(self) -> str:
        """The regular expression of the whole path, anchored at both ends."""
        return f"^{self._expression()}$"

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression for a whole path.

        It ends at the very end: "$" would let a line feed through.
        """
        return re.compile(f"^{self._expression()}\\Z")

    @cached_property
    def prefix_regex(self) -> re.Pattern[str]:
        """The compiled expression for everything under the path; the rest is the group `path`."""
        return re.compile(f"^{self._expression()}/(?P<path>.*)\\Z", re.DOTALL)

    def _expression(self) -> str:
        parts: list[str] = []
        end = 0
        for match in _PARAMETER.finditer(self.path):
            name = match.group(1)
            parts.append(re.escape(self.path[end : match.start()]))
            parts.append(f"(?P<{name}>{self.convertors[name].regex})")
            end = match.end()
        parts.append(re.escape(self.path[end:]))
        return "".join(parts)

    @cached_property
    def segments(self) -> tuple[str | tuple[str] | None, ...]:
        """The segments after the first slash."""
        return tuple(self._segment(text) for text in self.path.split("/")[1:])

    def _segment(self, text: str) -> str | tuple[str] | None:
        match = _PARAMETER.fullmatch(text)
        if match is not None and self.convertors[match.group(1)].regex == "[^/]+":
            return (match.group(1),)
        return None if "{" in text and _PARAMETER.search(text) else text

    def stays_in_segment(self, text: str) -> bool:
        """Tell whether the parameters of one segment's text cannot reach over a slash."""
        names = [name for name, _ in _PARAMETER.findall(text)]
        return all(
            self.convertors[name].regex in _IN_SEGMENT
            or "uuid" in type(self.convertors[name]).__name__.lower()
            for name in names
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return parse_path, (self.path,)


@lru_cache(maxsize=4096)
def _parse(path: str, _known: int) -> PathTemplate:
    return PathTemplate(path)


def parse_path(path: str) -> PathTemplate:
    """Return the parsed template; equal paths share one. Raises ValueError for a name that is there twice."""
    return _parse(path, len(CONVERTOR_TYPES))
