"""Writing the source of one function."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

__all__ = ["MARK", "Writer", "marked", "safe_name"]

# Stands before and behind each name that is the function's own, so that none has to be found in the text.
MARK = "\x1f"

_NOT_A_WORD = re.compile(r"\W+")


@lru_cache(maxsize=4096)
def safe_name(text: str) -> str:
    """Return `text` as a Python identifier, in the form in which Python reads identifiers (NFKC)."""
    words = _NOT_A_WORD.sub("_", unicodedata.normalize("NFKC", text))
    # What counts as part of a word need not be allowed in a name: superscripts, for example.
    name = "".join(each if f"a{each}".isidentifier() else "_" for each in words).strip("_") or "value"
    if keyword.iskeyword(name):
        return f"{name}_"
    return name if name.isidentifier() else f"_{name}"


def marked(name: str) -> str:
    """Return a name for the text of a function that other functions of its shape may call otherwise."""
    return f"{MARK}{name}{MARK}"


class Writer:
    """Lines with indentation, and the constants that they use.

    Objects never appear in the text: `bind` gives them a name in the function's globals. The same object
    keeps its name, two objects that ask for one name get different ones, and none gets one of the `reserved`
    ones, which the text uses itself. Names are marked in the text, which is compiled once for all routes
    that only differ in them.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.lines: list[str] = []
        self._reserved = frozenset(reserved)
        self.constants: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._prepared: set[str] = set()
        self._wanted: list[str] = []
        self._depth = 0

    def line(self, text: str = "") -> None:
        """Write one line at the current depth."""
        self.lines.append("    " * self._depth + text if text else "")

    def write(self, *texts: str) -> None:
        """Write several lines at the current depth."""
        for text in texts:
            self.line(text)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Write `head` and indent what follows."""
        self.line(head)
        self._depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self._depth -= 1

    def bind(self, hint: str, value: Any) -> str:
        """Return the name under which the function sees `value`, marked."""
        known = self._names.get(id(value))
        if known is not None:
            return marked(known)
        base = name = safe_name(hint)
        number = 2
        while name in self.constants or name in self._reserved:
            name = f"{base}_{number}"
            number += 1
        self.constants[name] = value
        self._names[id(value)] = name
        return marked(name)

    def want(self, preparation: str) -> None:
        """Ask for a line that has to stand, once, before the block that is written next."""
        if preparation not in self._prepared:
            self._prepared.add(preparation)
            self._wanted.append(preparation)

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Write what follows after the preparations that it asks for."""
        outer, self.lines = self.lines, []
        yield
        inner, self.lines = self.lines, outer
        self.write(*self._wanted)
        self._wanted.clear()
        self.lines.extend(inner)

    @property
    def text(self) -> str:
        """The text so far, with marked names."""
        return "\n".join(self.lines) + "\n"

    @property
    def source(self) -> str:
        """The text so far, for people."""
        return self.text.replace(MARK, "")
