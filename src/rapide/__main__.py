"""`python -m rapide` is the `rapide` command."""

from __future__ import annotations

from rapide.cli import main

if __name__ == "__main__":
    main()
