"""Restart the serving process when a file changes that the application uses.

Uvicorn's reloaders restart for every Python file under the watched directories. This one asks the serving
process which files it has imported (`imports.py`), so that a test, a script or a virtual environment in the
project restarts nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn
from uvicorn.supervisors.basereload import BaseReload
from watchfiles import Change, DefaultFilter, watch

from rapide.cli.imports import ImportReport

__all__ = ["Reloader", "UsedFilesFilter"]

_MILLISECONDS_PER_LOOK = 100


class UsedFilesFilter(DefaultFilter):
    """Lets through what a restart is for.

    Caches, virtual environments and version control are left out in any case.

    Args:
        uses: whether the application imports this file.
        include: glob patterns of further files.
    """

    def __init__(self, uses: Callable[[str], bool], include: Sequence[str] = ()) -> None:
        super().__init__()
        self._uses = uses
        self._include = tuple(include)

    def __call__(self, change: Change, path: str) -> bool:
        """Return whether a change of this file restarts the application."""
        if not super().__call__(change, path):
            return False
        if any(Path(path).match(pattern) for pattern in self._include):
            return True
        return path.endswith(".py") and self._uses(path)


class Reloader(BaseReload):
    """Uvicorn's reload supervisor, with watchfiles and with the files that the application uses.

    Args:
        config: the configuration that the serving process gets.
        target: what the serving process runs.
        sockets: the sockets it listens on; they stay open over restarts.
        include: glob patterns of files that restart it too.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        target: Callable[[list[socket] | None], None],
        sockets: list[socket],
        include: Sequence[str] = (),
    ) -> None:
        super().__init__(config, target, sockets)
        self.reloader_name = "watchfiles"
        self._report = ImportReport.create()
        self._changes: Any = watch(
            *config.reload_dirs,
            watch_filter=UsedFilesFilter(self._uses, include),
            stop_event=self.should_exit,
            yield_on_timeout=True,
            rust_timeout=_MILLISECONDS_PER_LOOK,
            ignore_permission_denied=True,
        )

    def startup(self) -> None:
        """Start to watch, then start the serving process: what changes while it imports must be noticed."""
        next(self._changes)
        super().startup()

    def _uses(self, path: str) -> bool:
        """A process that failed or died may be waiting for any file."""
        return not self.process.is_alive() or self._report.uses(path)

    def should_restart(self) -> list[Path] | None:
        """Wait a moment, and return the changed files, if any. Raises StopIteration on shutdown."""
        self.pause()
        return [Path(path) for _, path in next(self._changes)]

    def restart(self) -> None:
        """Replace the serving process."""
        self._report.clear()
        super().restart()

    def shutdown(self) -> None:
        """Stop the serving process."""
        super().shutdown()
        self._report.remove()
