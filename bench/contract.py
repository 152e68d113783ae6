"""What every application must answer with: shared texts, numbers and the file to download.

Standard library only.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

__all__ = [
    "DOWNLOAD",
    "DOWNLOAD_SIZE",
    "EVENTS",
    "GREETING",
    "LIST_LENGTH",
    "MESSAGE",
    "UPLOAD_SIZE",
    "BenchError",
    "Sessions",
    "item_values",
    "make_download",
    "row_values",
    "where",
]

GREETING = "Hello, World!"
MESSAGE = {"message": GREETING}
LIST_LENGTH = 200
EVENTS = 1_000
UPLOAD_SIZE = DOWNLOAD_SIZE = 10 * 1024 * 1024

# `make_download` makes it before any application starts.
DOWNLOAD = Path(__file__).parent.parent / ".venv-bench" / "download.bin"


def make_download() -> None:
    """Make the file that the download case sends: random bytes, so that nothing can compress them away."""
    if not DOWNLOAD.exists() or DOWNLOAD.stat().st_size != DOWNLOAD_SIZE:
        DOWNLOAD.parent.mkdir(exist_ok=True)
        DOWNLOAD.write_bytes(os.urandom(DOWNLOAD_SIZE))


class BenchError(Exception):
    """What the endpoint of the case "500" raises."""


class Sessions:
    """Counts the sessions of the dependency graph that are open: one while a request runs, none after it."""

    __slots__ = ("open",)

    def __init__(self) -> None:
        self.open = 0


def row_values(number: int) -> dict[str, Any]:
    """The values of one row of the long list."""
    return {
        "id": number,
        "name": f"row {number}",
        "category": "tools",
        "price": number + 0.5,
        "in_stock": number % 3 > 0,
    }


def item_values(number: int) -> dict[str, Any]:
    """The values of a nested item, as the body case sends it."""
    return {
        "name": f"item {number}",
        "price": number + 0.5,
        "tags": ["new", "sale"],
        "address": {"street": "Main Street", "number": number},
    }


def where() -> str:
    """Tell whether this code runs on the event loop's thread ("loop") or beside it ("worker")."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return "worker"
    return "loop"
