"""Writing the source of one function."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapide._codegen import Writer, load_function, marked, safe_name


def test_lines_are_indented_by_blocks() -> None:
    """A block indents what is written inside, and only that."""
    writer = Writer()
    with writer.block("if a:"):
        writer.line("b()")
        with writer.block("while c:"):
            writer.write("d()", "e()")
    writer.line("f()")
    assert writer.source == "if a:\n    b()\n    while c:\n        d()\n        e()\nf()\n"


def test_empty_block_passes() -> None:
    """A block that nothing was written into is still valid Python."""
    writer = Writer()
    with writer.block("if a:"):
        pass
    assert writer.source == "if a:\n    pass\n"


def test_empty_line_has_no_spaces() -> None:
    """An empty line inside a block is empty."""
    writer = Writer()
    with writer.block("if a:"):
        writer.line("b()")
        writer.line()
    assert writer.source == "if a:\n    b()\n\n"


def test_same_object_keeps_its_name() -> None:
    """An object is bound once, whatever hint comes later."""
    writer, value = Writer(), object()
    assert writer.bind("first", value) == marked("first")
    assert writer.bind("second", value) == marked("first")
    assert writer.constants == {"first": value}


def test_different_objects_get_different_names() -> None:
    """Two objects that ask for one name are numbered."""
    writer, values = Writer(), [object(), object(), object()]
    assert [writer.bind("v", value) for value in values] == [marked(name) for name in ("v", "v_2", "v_3")]


def test_marks_are_not_shown() -> None:
    """What people read has the names alone."""
    writer = Writer()
    writer.line(f"return {writer.bind('first', object())}")
    assert writer.text == f"return {marked('first')}\n"
    assert writer.source == "return first\n"


def test_equal_objects_are_different_objects() -> None:
    """Identity decides: an equal default of another parameter is another default."""
    writer, one, other = Writer(), [1], [1]
    assert writer.bind("v", one) != writer.bind("v", other)


def test_reserved_names_are_not_given_away() -> None:
    """A name that the text uses itself is nobody's constant."""
    writer = Writer({"scope", "scope_2"})
    assert writer.bind("scope", object()) == marked("scope_3")


def test_preparation_is_written_once_before_the_block_that_wants_it() -> None:
    """What several lines need is made once, in front of the first of them."""
    writer = Writer()
    with writer.prepared():
        writer.line("a = query['a']")
        writer.want("query = read()")
        writer.want("query = read()")
    with writer.prepared():
        writer.want("query = read()")
        writer.line("b = query['b']")
    assert writer.source == "query = read()\na = query['a']\nb = query['b']\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("item_id", "item_id"),
        ("X-Token", "X_Token"),
        ("class", "class_"),
        ("1st", "_1st"),
        ("x²", "x2"),
        ("ﬁnd", "find"),
        ("a₂\u00b7b", "a2_b"),
        ("", "value"),
        ("--", "value"),
        ("<lambda>", "lambda_"),
        ("a\ud800b", "a_b"),
        ("é", "é"),
    ],
)
def test_safe_name_is_made_of_any_text(text: str, name: str) -> None:
    """Names of functions and parameters become names in the text."""
    assert safe_name(text) == name


@given(st.text())
def test_safe_name_is_always_an_identifier(text: str) -> None:
    """Whatever a function is called, its handler can be written."""
    name = safe_name(text)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)


@given(st.lists(st.text(), max_size=8))
def test_bound_names_are_distinct_identifiers(hints: list[str]) -> None:
    """No two objects share a name, and each name can be loaded from the function's globals."""
    writer = Writer({"f"})  # as handlers reserve their own names
    names = [writer.bind(hint, object()) for hint in hints]
    assert len(set(names)) == len(hints)
    source = f"def f():\n    return [{', '.join(names)}]\n"
    assert load_function(source, writer.constants, "test")() == list(writer.constants.values())
