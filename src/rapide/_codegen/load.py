"""From source to a function that tracebacks and debuggers can show."""

from __future__ import annotations

import hashlib
import linecache
import re
from collections.abc import Callable, Container, Mapping
from functools import lru_cache
from types import CodeType
from typing import Any

__all__ = ["load_function"]

# A text, which is left alone, or a name; one before an equals sign is a keyword of a call, and no global.
_TEXT_OR_NAME = re.compile(
    r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|(?P<name>\b[^\W\d]\w*\b)(?!=[^=])""", re.DOTALL
)


@lru_cache(maxsize=4096)
def _compile(source: str) -> CodeType:
    return compile(source, "<rapide>", "exec", dont_inherit=True)


def _shape_of(source: str, own: Container[str]) -> tuple[str, dict[str, str]]:
    """Return the source with other words for the names that are its `own`, and what those words stand for.

    Two routes that only differ in names have one shape, and compiling takes longer than all the rest.
    """
    words: dict[str, str] = {}

    def replaced(found: re.Match[str]) -> str:
        name = found["name"]
        if name is None or name not in own:
            return found[0]
        return words.setdefault(name, f"name_{len(words)}_")

    shape = _TEXT_OR_NAME.sub(replaced, source)
    return shape, {word: name for name, word in words.items()}


def _named(code: CodeType, names: Mapping[str, str], filename: str) -> CodeType:
    """Return code with the names of one route."""
    return code.replace(
        co_filename=filename,
        co_name=names.get(code.co_name, code.co_name),
        co_qualname=".".join(names.get(part, part) for part in code.co_qualname.split(".")),
        co_names=tuple([names.get(name, name) for name in code.co_names]),
        co_consts=tuple(
            [_named(each, names, filename) if isinstance(each, CodeType) else each for each in code.co_consts]
        ),
    )


@lru_cache(maxsize=4096)
def _code_of(source: str, own: frozenset[str], label: str) -> CodeType:
    digest = hashlib.blake2s(source.encode(), digest_size=6).hexdigest()
    filename = f"<rapide {label} {digest}>"
    # An entry without a modification time is never dropped by linecache.checkcache.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    shape, names = _shape_of(source, own)
    return _named(_compile(shape), names, filename)


def load_function(name: str, source: str, constants: dict[str, Any], label: str) -> Callable[..., Any]:
    """Compile `source` and return its function `name`, with `constants` as its globals and `.source` on it.

    Sources that differ in the name of the function and of the constants alone are compiled once. Equal
    source under an equal label shares its code.
    """
    namespace: dict[str, Any] = {"__name__": "rapide.handlers", **constants}
    exec(_code_of(source, frozenset((name, *constants)), label), namespace)  # noqa: S102 -- text of our own templates
    function: Callable[..., Any] = namespace[name]
    function.source = source  # type: ignore[attr-defined]  # for `rapide explain` and tests
    return function
