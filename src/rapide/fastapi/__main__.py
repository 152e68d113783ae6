"""`python -m fastapi` under its name here: the `rapide` command."""

from __future__ import annotations

from rapide.fastapi.cli import main

if __name__ == "__main__":
    main()
