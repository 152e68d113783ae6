"""From text to a function that tracebacks and debuggers can show."""

from __future__ import annotations

import builtins
import hashlib
import linecache
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, SupportsIndex, overload

from rapide._codegen.writer import MARK

__all__ = ["Source", "load_function", "with_builtins"]


class Source(Sequence[str]):
    """The lines of a handler, as `linecache` gives them to tracebacks; its text is `str(source)`.

    A large application has thousands, which hardly anybody reads: those of one shape share it, and the lines
    are made when they are asked for.
    """

    __slots__ = ("_names", "_shape")

    def __init__(self, shape: tuple[str, ...], names: tuple[str, ...]) -> None:
        self._shape = shape
        self._names = names

    def __str__(self) -> str:
        pieces = list(self._shape)
        pieces[1::2] = self._names
        return "".join(pieces)

    def _lines(self) -> list[str]:
        return str(self).splitlines(keepends=True)

    def __len__(self) -> int:
        return len(self._lines())

    @overload
    def __getitem__(self, index: SupportsIndex) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: Any) -> Any:
        return self._lines()[index]


def with_builtins(names: Mapping[str, Any]) -> dict[str, Any]:
    """Return what all functions may use, Python's own names too, for `load_function`.

    They share it: copies of some twenty names were a tenth of the memory of a route.
    """
    return {**vars(builtins), **names}


@lru_cache(maxsize=4096)
def _shape_of(pieces: tuple[str, ...], marked: tuple[int, ...]) -> tuple[tuple[str, ...], CodeType]:
    """Return the text around the marked names, and the code of a function with other words in their place.

    `marked` says which of the names are equal. Two routes that only differ in names have one shape, and
    compiling takes longer than all the rest.
    """
    words = list(pieces)
    words[1::2] = [f"name_{number}_" for number in marked]
    module = compile("".join(words), "<rapide>", "exec", dont_inherit=True)
    return pieces, next(each for each in module.co_consts if isinstance(each, CodeType))


def _named(code: CodeType, names: Mapping[str, str], filename: str) -> CodeType:
    """Return code with the names of one route."""
    return code.replace(
        co_filename=filename,
        co_name=names.get(code.co_name, code.co_name),
        co_qualname=".".join([names.get(part, part) for part in code.co_qualname.split(".")]),
        co_names=tuple([names.get(name, name) for name in code.co_names]),
        co_consts=tuple(
            [_named(each, names, filename) if isinstance(each, CodeType) else each for each in code.co_consts]
        ),
    )


def load_function(
    text: str, constants: Mapping[str, Any], label: str, known: dict[str, Any] | None = None
) -> Callable[..., Any]:
    """Compile the one function that `text` defines, with `constants` as its globals and `.source` on it.

    Texts that differ in marked names alone are compiled once. `known` is what they may use besides: what
    `with_builtins` returned, Python's own names without it. The function must have neither defaults nor
    annotations.
    """
    pieces = text.split(MARK)
    names = tuple(map(sys.intern, pieces[1::2]))
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    pieces[1::2] = [""] * len(names)
    shape, code = _shape_of(tuple(pieces), tuple([numbers[name] for name in names]))
    source = Source(shape, names)
    digest = hashlib.blake2s(str(source).encode(), digest_size=6).hexdigest()
    filename = f"<rapide {label} {digest}>"
    # An entry without a modification time is never dropped by linecache.checkcache.
    linecache.cache[filename] = (len(text), None, source, filename)  # type: ignore[assignment]  # as good as a list
    words = {f"name_{number}_": name for name, number in numbers.items()}
    namespace = {"__name__": "rapide.handlers", "__builtins__": known or vars(builtins), **constants}
    function = FunctionType(_named(code, words, filename), namespace)
    function.source = source  # type: ignore[attr-defined]  # for `rapide explain` and tests
    return function
