"""The commands on the pages print what the pages say."""

from pathlib import Path

import pytest
from consoles import console_files, parse_console, run_console
from loading import EXAMPLES, RECORD_AGAIN


@pytest.mark.parametrize("path", console_files(), ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_console_shows_what_the_commands_print(path: Path) -> None:
    """Every recorded output is the one of today."""
    assert run_console(path) == parse_console(path.read_text("utf-8")), RECORD_AGAIN


@pytest.mark.parametrize("path", console_files(), ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_console_file_holds_a_command_with_output(path: Path) -> None:
    """A command that prints nothing shows nothing."""
    assert any(run.output for run in parse_console(path.read_text("utf-8")))


def test_text_before_the_first_command_is_refused() -> None:
    """It would be on the page although nothing printed it."""
    with pytest.raises(ValueError, match="not a command"):
        parse_console("Hello\n$ rapide --version\n")
