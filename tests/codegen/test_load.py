"""From source to a function that tracebacks and debuggers can show."""

import linecache
import traceback

import pytest

from rapide._codegen import load_function
from rapide._codegen.load import _compile

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


def test_sources_that_differ_in_names_are_compiled_once() -> None:
    """Routes of the same shape are compiled once, and keep their own names and constants."""
    sources = {
        name: _SOURCE.replace("double", name).replace("factor", f"by_{name}") for name in ("one", "two")
    }
    one = load_function("one", sources["one"], {"by_one": 2}, "shared")
    before = _compile.cache_info().misses
    two = load_function("two", sources["two"], {"by_two": 3}, "other")
    assert _compile.cache_info().misses == before
    assert (one(1), two(1)) == (2, 3)
    assert (two.__name__, two.__qualname__, two.__code__.co_names) == ("two", "two", ("by_two",))
    assert two.__code__.co_filename.startswith("<rapide other ")


_TRICKY = """async def handle(scope):
    def on_thread():
        return call(name="it's \\"name\\"", call=data['call'], other=Item == call) or Item
    return on_thread()
"""


def test_texts_and_keywords_are_no_names_of_constants() -> None:
    """A constant may be called like a key, a keyword or a piece of text."""

    def call(**values: object) -> object:
        return values

    constants = {"call": call, "Item": 7, "name": 1, "data": {"call": 5}}
    handle = load_function("handle", _TRICKY, constants, "GET /")
    with pytest.raises(StopIteration) as caught:
        handle({}).send(None)
    assert caught.value.value == {"name": 'it\'s "name"', "call": 5, "other": False}
    inner = next(each for each in handle.__code__.co_consts if hasattr(each, "co_qualname"))
    assert (inner.co_name, inner.co_qualname) == ("on_thread", "handle.<locals>.on_thread")
    assert inner.co_filename == handle.__code__.co_filename


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
