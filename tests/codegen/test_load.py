"""From source to a function that tracebacks and debuggers can show."""

import linecache
import traceback

import pytest

from rapide._codegen import load_function

_SOURCE = "def double(value):\n    return value * factor\n"


def test_function_sees_its_constants() -> None:
    """Constants are the globals of the function, and nothing else is."""
    double = load_function("double", _SOURCE, {"factor": 2}, "test")
    assert double(4) == 8
    assert set(double.__globals__) <= {"__name__", "__builtins__", "factor", "double"}


def test_function_keeps_its_source() -> None:
    """The text is there for people and tools."""
    double = load_function("double", _SOURCE, {"factor": 2}, "test")
    assert double.source == _SOURCE  # type: ignore[attr-defined]
    assert "".join(linecache.getlines(double.__code__.co_filename)) == _SOURCE


def test_equal_source_under_an_equal_label_is_compiled_once() -> None:
    """Routes of the same shape share their code, not their constants."""
    first = load_function("double", _SOURCE, {"factor": 2}, "shared")
    second = load_function("double", _SOURCE, {"factor": 3}, "shared")
    assert first.__code__ is second.__code__
    assert (first(1), second(1)) == (2, 3)


def test_label_names_the_file() -> None:
    """A frame in a traceback says which route it belongs to."""
    double = load_function("double", _SOURCE, {"factor": 2}, "GET /items/{id}")
    assert double.__code__.co_filename.startswith("<rapide GET /items/{id} ")


def test_other_source_under_the_same_label_is_another_file() -> None:
    """Two handlers of one path do not show each other's lines."""
    first = load_function("double", _SOURCE, {"factor": 2}, "GET /a")
    second = load_function("double", _SOURCE.replace("*", "+"), {"factor": 2}, "GET /a")
    assert first.__code__.co_filename != second.__code__.co_filename


def test_traceback_shows_the_source_line() -> None:
    """An exception inside shows the line, even after linecache was cleaned."""
    double = load_function("double", _SOURCE, {}, "test")
    linecache.checkcache()
    with pytest.raises(NameError) as caught:
        double(1)
    assert traceback.extract_tb(caught.value.__traceback__)[-1].line == "return value * factor"


def test_source_is_compiled_without_the_compilers_own_future_imports() -> None:
    """The flags of the module that compiles do not leak into the text."""
    source = "def annotate(value: int) -> str: ...\n"
    annotate = load_function("annotate", source, {}, "test")
    assert annotate.__annotations__ == {"value": int, "return": str}
