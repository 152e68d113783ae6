"""What the command line says when it fails."""

import pytest

from rapide.cli.discover import find_target, load_target
from rapide.cli.failures import CommandError, ImportFailedError, describe_location, user_traceback
from rapide.errors import MarkerError


def _failure(project, text):
    project.write("main.py", text)
    with pytest.raises(ImportFailedError) as caught:
        load_target(find_target())
    return caught.value


def test_import_failure_shows_the_traceback_from_the_first_line_of_the_user(project):
    """Frames of the command line and of the import system say nothing about the mistake."""
    project.write("settings.py", "def read():\n    raise ValueError('no database')\n")
    text = _failure(project, "import settings\nsettings.read()\n").text()
    assert text.startswith('"main" could not be imported.\nTraceback (most recent call last):')
    assert text.index("main.py") < text.index("settings.py") < text.index("ValueError: no database")
    assert "importlib" not in text
    assert "discover.py" not in text


def test_import_failure_shows_every_frame_when_verbose(project):
    """`-v` is for the cases in which the machinery is the mistake."""
    assert "discover.py" in _failure(project, "1 / 0").text(verbose=True)


def test_import_failure_shows_the_line_of_a_syntax_error(project):
    """A syntax error has no frame of the user's, but a file and a line."""
    text = _failure(project, "\n\ndef broken(:\n").text()
    assert 'main.py", line 3' in text
    assert "SyntaxError" in text


def test_import_failure_shows_the_cause_of_the_cause(project):
    """A chain of exceptions is shown as Python shows it."""
    text = _failure(
        project,
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('no') from error\n",
    )
    assert "ZeroDivisionError" in text.text()
    assert "direct cause" in text.text()


def test_import_failure_says_that_the_module_exited(project):
    """sys.exit() in a module would otherwise look like a crash without a reason."""
    assert "sys.exit('set DATABASE_URL')" in _failure(project, "raise SystemExit('set DATABASE_URL')").text()


def test_import_failure_shows_a_declaration_mistake_without_a_traceback(project):
    """A declaration mistake has a code, a place and a remedy; the traceback would only bury them."""
    text = _failure(
        project,
        """
        from rapide.errors import MarkerError

        def endpoint(q): ...

        raise MarkerError("RAP101", "q has a default in Query().", function=endpoint, parameter="q")
        """,
    ).text()
    assert text.splitlines() == [
        "RAP101: q has a default in Query().",
        "  Where: main.py:4",
        "  What to do: Move the default behind the parameter: `name: Annotated[int, Query()] = 3`.",
        "  More: rapide explain-error RAP101",
    ]


def test_declaration_mistake_is_shown_where_it_was_made_when_it_concerns_no_function():
    """A mistake outside of any function has the line that called the framework."""
    error = MarkerError("RAP101", "Wrong.")
    assert error.file == __file__
    text = ImportFailedError("main", error).text()
    assert f"  Where: {describe_location(__file__, error.line)}\n" in text
    assert text.startswith("RAP101: Wrong.")


def test_declaration_mistake_is_shown_without_a_place_when_there_is_none():
    """A mistake of which nobody knows the file has no line."""
    error = MarkerError("RAP101", "Wrong.")
    error.file = None
    text = ImportFailedError("main", error).text()
    assert "Where" not in text
    assert text.startswith("RAP101: Wrong.")


def test_command_error_shows_its_remedy_below_the_message():
    """One line says what is wrong, the next what to do."""
    assert CommandError("Wrong.").text() == "Wrong."
    assert CommandError("Wrong.", remedy="Right it.").text() == "Wrong.\n  What to do: Right it."


def test_describe_location_is_relative_below_the_current_directory(project):
    """Short inside the project, absolute outside, nothing without a file."""
    assert describe_location(str(project.folder / "shop" / "main.py"), 3) == "shop/main.py:3"
    assert describe_location("/elsewhere/main.py", None) == "/elsewhere/main.py"
    assert describe_location(None, 3) is None


def test_user_traceback_is_the_last_line_when_no_frame_is_left():
    """An error without a traceback still says what it is."""
    assert user_traceback(ValueError("no")) == "ValueError: no\n"
