"""From source to a function that tracebacks and debuggers can show."""

import __future__

import inspect
import linecache
import traceback

import pytest

from rapide._codegen import load_function, marked, with_builtins
from rapide._codegen.load import _shape_of

_SOURCE = "def double(value):\n    return value * factor\n"
_MARKED = f"def {marked('double')}(value):\n    return value * {marked('factor')}\n"


def test_function_sees_its_constants() -> None:
    """Constants are the globals of the function, and nothing else is."""
    double = load_function(_SOURCE, {"factor": 2}, "test")
    assert double(4) == 8
    assert set(double.__globals__) <= {"__name__", "__builtins__", "factor", "double"}


def test_function_keeps_its_source() -> None:
    """The text is there for people and tools."""
    double = load_function(_MARKED, {"factor": 2}, "test")
    assert str(double.source) == _SOURCE  # type: ignore[attr-defined]
    assert "".join(linecache.getlines(double.__code__.co_filename)) == _SOURCE
    assert inspect.getsource(double) == _SOURCE


def test_sources_that_differ_in_names_are_compiled_once() -> None:
    """Routes of the same shape are compiled once, and keep their own names and constants."""
    sources = {
        name: _MARKED.replace("double", name).replace("factor", f"by_{name}") for name in ("one", "two")
    }
    one = load_function(sources["one"], {"by_one": 2}, "shared")
    before = _shape_of.cache_info().misses
    two = load_function(sources["two"], {"by_two": 3}, "other")
    assert _shape_of.cache_info().misses == before
    assert (one(1), two(1)) == (2, 3)
    assert (two.__name__, two.__qualname__, two.__code__.co_names) == ("two", "two", ("by_two",))
    assert two.__code__.co_filename.startswith("<rapide other ")


_TRICKY = f"""async def {marked("handle")}(scope):
    def on_thread():
        return {marked("call")}(name="it's \\"name\\"", call={marked("data")}['call'], \\
            other={marked("Item")} == {marked("call")}) or {marked("Item")}
    return on_thread()
"""


def test_texts_and_keywords_are_no_names_of_constants() -> None:
    """A constant may be called like a key, a keyword or a piece of text."""

    def call(**values: object) -> object:
        return values

    constants = {"call": call, "Item": 7, "name": 1, "data": {"call": 5}}
    handle = load_function(_TRICKY, constants, "GET /")
    with pytest.raises(StopIteration) as caught:
        handle({}).send(None)
    assert caught.value.value == {"name": 'it\'s "name"', "call": 5, "other": False}
    inner = next(each for each in handle.__code__.co_consts if hasattr(each, "co_qualname"))
    assert (inner.co_name, inner.co_qualname) == ("on_thread", "handle.<locals>.on_thread")
    assert inner.co_filename == handle.__code__.co_filename


def test_label_names_the_file() -> None:
    """A frame in a traceback says which route it belongs to."""
    double = load_function(_SOURCE, {"factor": 2}, "GET /items/{id}")
    assert double.__code__.co_filename.startswith("<rapide GET /items/{id} ")


def test_other_source_under_the_same_label_is_another_file() -> None:
    """Two handlers of one path do not show each other's lines."""
    first = load_function(_SOURCE, {"factor": 2}, "GET /a")
    second = load_function(_SOURCE.replace("*", "+"), {"factor": 2}, "GET /a")
    assert first.__code__.co_filename != second.__code__.co_filename


def test_traceback_shows_the_source_line() -> None:
    """An exception inside shows the line, even after linecache was cleaned."""
    double = load_function(_SOURCE, {}, "test")
    linecache.checkcache()
    with pytest.raises(NameError) as caught:
        double(1)
    assert traceback.extract_tb(caught.value.__traceback__)[-1].line == "return value * factor"


def test_source_is_compiled_without_the_compilers_own_future_imports() -> None:
    """The flags of the module that compiles do not leak into the text."""
    code = load_function(_SOURCE, {}, "test").__code__
    assert not code.co_flags & __future__.annotations.compiler_flag


def test_functions_share_the_names_that_all_may_use() -> None:
    """What every handler may use is there besides Python's own names, and in no function's own globals."""
    known = with_builtins({"factor": 5})
    double = load_function("def double(value):\n    return len(value) * factor\n", {}, "test", known)
    assert double("ab") == 10
    assert "factor" not in double.__globals__


def test_equal_names_are_part_of_the_shape() -> None:
    """Two functions that differ in which of their names are equal are two shapes."""
    text = f"def {marked('f')}():\n    return {marked('a')}, {marked('b')}\n"
    assert load_function(text, {"a": 1, "b": 2}, "test")() == (1, 2)
    assert load_function(text.replace("b", "a"), {"a": 3}, "test")() == (3, 3)
