"""Reading files for responses: in larger pieces than Starlette does, on the pool of worker threads.

What is sent, and all of ranges, conditions and headers, stays Starlette's.
"""

from __future__ import annotations

import os
from functools import partial
from typing import BinaryIO, Self

from anyio import CancelScope
from starlette.responses import FileResponse

from rapide._lanes import CLEAN_UP, FILES
from rapide._run.threads import in_thread

__all__ = ["read_quickly"]

_CHUNK = 256 * 1024  # bytes


class _OpenFile:
    """A file that is read on worker threads; an async context manager that opens and closes it there."""

    __slots__ = ("_file", "_path")

    _file: BinaryIO

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = path

    def _open(self) -> None:
        self._file = open(self._path, "rb")  # noqa: SIM115, PTH123 -- `close` closes it; the path may be text

    def _close(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()

    async def __aenter__(self) -> Self:
        try:
            await in_thread(self._open, lane=FILES)
        except BaseException:
            self._close()  # cancelled when it was open already
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        with CancelScope(shield=True):
            await in_thread(self._close, lane=CLEAN_UP)

    async def read(self, size: int) -> bytes:
        """Return the next bytes, fewer than `size` at the end of the file."""
        return await in_thread(self._file.read, size, lane=FILES)

    async def seek(self, offset: int) -> int:
        """Go to a place, counted from the beginning."""
        return await in_thread(self._file.seek, offset, lane=FILES)


def read_quickly(reply: FileResponse) -> None:
    """Let a response read its file here. A class that reads in a way of its own keeps it."""
    kind = type(reply)
    if kind._open_file is FileResponse._open_file:  # noqa: SLF001 -- and whether somebody replaced it
        reply._open_file = partial(_OpenFile, reply.path)  # type: ignore[method-assign,assignment]  # noqa: SLF001 -- the one place where Starlette opens files
        if reply.chunk_size == FileResponse.chunk_size:
            reply.chunk_size = _CHUNK
