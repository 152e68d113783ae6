"""From source to a function that tracebacks and debuggers can show."""

from __future__ import annotations

import hashlib
import linecache
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any

__all__ = ["load_function"]


@lru_cache(maxsize=4096)
def _compile(source: str, label: str) -> CodeType:
    digest = hashlib.blake2s(source.encode(), digest_size=6).hexdigest()
    filename = f"<rapide {label} {digest}>"
    # An entry without a modification time is never dropped by linecache.checkcache.
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    return compile(source, filename, "exec", dont_inherit=True)


def load_function(name: str, source: str, constants: dict[str, Any], label: str) -> Callable[..., Any]:
    """Compile `source` and return its function `name`, with `constants` as its globals and `.source` on it.

    Equal source under an equal label is compiled once.
    """
    namespace: dict[str, Any] = {"__name__": "rapide.handlers", **constants}
    exec(_compile(source, label), namespace)  # noqa: S102 -- the text is made of our own templates only
    function: Callable[..., Any] = namespace[name]
    function.source = source  # type: ignore[attr-defined]
    return function
