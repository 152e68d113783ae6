"""Every row of the surface document has a test in this folder, found by its number."""

import ast
import re
from pathlib import Path

from rows import ROWS

_HERE = Path(__file__).parent


def rows_of(docstring):
    """Return the rows that a docstring names, before its first colon or in a paragraph of their own.

    They look like this: "4.1 and 4.5", "3.1 title, version", "19.1-3"; the paragraph begins with "Rows: ".
    """
    first, _, more = docstring.partition("Rows: ")
    rows, section = [], ""
    for part in re.split(r",\s+| and ", f"{first.partition(':')[0]}, {more.rstrip()}".removesuffix(", ")):
        numbered = re.fullmatch(r"(\d+(?:\.\d+)*)(?:-(\d+))?(?: (.+))?", part)
        if numbered is None:
            rows.append(f"{section} {part}")
            continue
        section, last, name = numbered.groups()
        rows.append(f"{section} {name}" if name else section)
        if last:
            parent, _, first = section.rpartition(".")
            rows += [f"{parent}.{number}" for number in range(int(first), int(last) + 1)]
    return rows


def named_rows():
    """Return the rows that tests of this folder name, and the tests that name none."""
    named, without = set(), []
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in sorted(_HERE.glob("test_s*.py"))]
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            docstring = ast.get_docstring(node) or ""
            named.update(rows_of(docstring))
            if not re.match(r"\d", docstring):
                without.append(node.name)
    return named, without


def is_tested(row, named):
    """Tell whether a row, or a part of it, is named."""
    return row in named or any(name.startswith((f"{row}.", f"{row} ")) for name in named)


def test_every_row_has_a_test():
    """A row without a test is a promise that nobody checks."""
    named, _ = named_rows()
    assert sorted(row for row in ROWS if not is_tested(row, named)) == []


def test_every_test_names_its_row():
    """A test that names none cannot be found by what it checks."""
    assert named_rows()[1] == []


def test_every_seam_has_tests():
    """What third parties hold on to has tests in `tests/fastapi`: each file says for which points."""
    files = (_HERE.parent / "fastapi").glob("test_*.py")
    said = " ".join(ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "" for file in files)
    assert [point for point in range(1, 9) if not re.search(rf"13\.4\.{point}\b", said)] == []


def test_rows_are_read_from_the_beginning_of_a_docstring():
    """All the ways in which tests name rows."""
    assert rows_of("4.1 and 4.5: x") == ["4.1", "4.5"]
    assert rows_of("3.1 title, version: x") == ["3.1 title", "3.1 version"]
    assert rows_of("18.2, 24.8: x") == ["18.2", "24.8"]
    assert rows_of("21: x\n\nRows: 21 --app,\n--host") == ["21", "21 --app", "21 --host"]
    assert rows_of("19.1-3: x") == ["19.1", "19.1", "19.2", "19.3"]
    assert not is_tested("3.1", {"3.10", "3.11 title"})
