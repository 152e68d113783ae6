"""Every row of the catalogue that is due has a test by its number, or stands in a list with a reason."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from catalogue_rows import RANKS, WITHOUT_TEST, is_due

_TESTS = Path(__file__).parent.parent
_ROW = re.compile(r"\b[A-Z]{3}-\d\d\b")


def _rows_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Return the rows of a test: those of its `row` marker, and those with which its docstring begins."""
    docstring = ast.get_docstring(function) or ""
    head = re.match(r"(?:[A-Z]{3}-\d\d(?:, | and )?)+:", docstring)
    rows = set(_ROW.findall(head[0])) if head else set()
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("mark.row"):
            rows.update(ast.literal_eval(argument) for argument in decorator.args)
    return rows


def _tests_in(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    text = file.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if _ROW.search(text) else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


@cache
def rows_with_tests() -> dict[str, list[str]]:
    """Return row → tests, of the whole suite."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(_TESTS.rglob("test_*.py")):
        name = file.relative_to(_TESTS).as_posix()
        for row, test in ((row, each.name) for each in _tests_in(file) for row in _rows_of(each)):
            found[row].append(f"{name}::{test}")
    return found


def test_each_row_that_is_due_has_a_test_or_a_reason():
    """What neither has is a promise that nobody checks."""
    known = rows_with_tests().keys() | WITHOUT_TEST.keys()
    assert sorted(row for row, rank in RANKS.items() if is_due(rank) and row not in known) == []


def test_no_row_with_a_test_stands_among_those_without():
    """The list of reasons stays short and true."""
    assert sorted(WITHOUT_TEST.keys() & rows_with_tests().keys()) == []
    assert sorted(row for row in WITHOUT_TEST if not is_due(RANKS[row])) == []


def test_tests_name_rows_that_exist():
    """A wrong number is a row that only seems to have a test."""
    assert sorted(rows_with_tests().keys() - RANKS.keys()) == []


def test_rows_are_read_from_markers_and_from_the_beginning_of_docstrings():
    """A row that a docstring only mentions is not tested by it."""
    tree = ast.parse(
        "@pytest.mark.row('JSN-01', 'JSN-02')\n"
        "def test_a(): 'x: BOD-01'\n"
        "async def test_b(): 'LIF-01, LIF-02: see BOD-01'\n"
    )
    assert [sorted(_rows_of(node)) for node in tree.body] == [["JSN-01", "JSN-02"], ["LIF-01", "LIF-02"]]
