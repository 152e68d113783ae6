"""Writes the answers and outputs on the pages again: `python tests/docs_examples/record.py [FILE …]`.

For a new one, write a file that ends with the request, or with the commands. Then read the difference as you
would read code: what changed here is what users see.
"""

from __future__ import annotations

import sys
from pathlib import Path

from consoles import console_files, render_console, run_console
from exchanges import exchange_files, played, render_exchanges
from fragments import FRAGMENTS, path_of


def _complete(text: str) -> str:
    """Give a request at the end of a file an empty answer, so that the file can be parsed."""
    if text.rstrip().endswith("]") and "[end:answer" in text.rstrip().splitlines()[-1]:
        return text
    return f"{text.rstrip()}\n\n# --8<-- [start:answer]\n# --8<-- [end:answer]\n"


def record(path: Path) -> None:
    """Write one file again."""
    before = path.read_text("utf-8")
    if path.suffix == ".http":
        path.write_text(_complete(before), "utf-8")
        text = render_exchanges(played(path))
    else:
        text = render_console(run_console(path))
    if text != before:
        path.write_text(text, "utf-8")
        print(f"changed: {path}")


def main() -> None:
    """Record the files that the command line names; without any, all files and fragments."""
    named = [Path(argument).resolve() for argument in sys.argv[1:]]
    for path in named or [*exchange_files(), *console_files()]:
        record(path)
    for name, make in () if named else FRAGMENTS.items():
        path_of(name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
