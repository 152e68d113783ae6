"""Serving a frontend: the file that a path names, or what stands in for it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Literal

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from rapide._dataclass import dataclass
from rapide._lanes import FILES
from rapide._run.redirect import slash_redirect
from rapide._run.respond import merge_headers
from rapide._run.threads import in_thread
from rapide.exceptions import HTTPException
from rapide.frontends.accept import asks_for_page

__all__ = ["INDEX", "NOT_FOUND", "Fallback", "Frontend"]

INDEX: Literal["index.html"] = "index.html"
NOT_FOUND: Literal["404.html"] = "404.html"
Fallback = Literal["auto", "index.html", "404.html"] | None

# The scope key of a request's visit.
_VISIT = "rapide.frontend"

# No file system knows longer paths (Linux's PATH_MAX), and resolving one costs the square of its length.
_LONGEST_PATH = 4096
# A name that is too long, or links that lead in a circle: no file can be there.
_IMPOSSIBLE = frozenset({errno.ENAMETOOLONG, errno.ELOOP})


@dataclass(frozen=True, slots=True)
class _Visit:
    """Where a request leads: the path below the frontend's own, and how to redirect."""

    path: str
    absolute_redirects: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """A regular file, and why it is the one: asked for, index of the directory asked for, or a fallback."""

    path: str
    status: os.stat_result
    reason: Literal["file", "directory", "page", "not_found"]


class Frontend:
    """A directory of static files.

    `fallback` answers what is missing: "404.html" with status 404, "index.html" with 200 for clients that ask
    for a page, "auto" does the first of them that is in the directory, None neither.
    """

    def __init__(self, directory: str | os.PathLike[str], fallback: Fallback) -> None:
        # Absolute, so that a process that changes its working directory does not serve another one.
        self.directory = Path(directory).absolute()
        self.fallback: Fallback = fallback
        self._files = StaticFiles(directory=self.directory, check_dir=False)

    def is_present(self) -> bool:
        """Tell whether the directory exists."""
        return self.directory.is_dir()

    def has_file(self, name: str) -> bool:
        """Tell whether a file of this name lies in the directory itself."""
        return self._regular(name, "file") is not None

    @staticmethod
    def lead(scope: Scope, path: str, *, absolute_redirects: bool) -> None:
        """Say where a request leads before it is served: to the `path` below the frontend's own."""
        scope[_VISIT] = _Visit(path, absolute_redirects)

    async def serve(self, request: Request, response: Response) -> Response:
        """Answer a GET or HEAD request; what dependencies set on the injected `response` is added.

        Raises HTTPException 404 for what is missing without a fallback, 401 for what the server may not read;
        RuntimeError when there is no directory.
        """
        visit: _Visit = request.scope[_VISIT]
        found = await in_thread(self._find, visit.path, request.headers.getlist("accept"), lane=FILES)
        reply = self._reply(found, visit, request)
        # Not the status: a file is there or is not, whatever a dependency says.
        merge_headers(reply, response)
        return reply

    def _reply(self, found: _Found, visit: _Visit, request: Request) -> Response:
        if found.reason == "not_found":
            return FileResponse(found.path, status_code=404, stat_result=found.status)
        path: str = request.scope["path"]
        if found.reason == "directory" and not path.endswith("/"):
            return slash_redirect(request.scope, path + "/", absolute=visit.absolute_redirects)
        reply = self._files.file_response(found.path, found.status, request.scope)
        if found.reason == "page":
            reply.headers.add_vary_header("Accept")
        return reply

    # ------------------------------------------------------------------------------------ files, on a thread

    def exists(self, path: str) -> bool:
        """Tell whether a path names a file, or a directory with an index. Raises HTTPException as `serve`."""
        return self._named(path) is not None

    def _find(self, path: str, accept: list[str]) -> _Found:
        if not self.is_present():
            raise RuntimeError(f"Frontend directory {str(self.directory)!r} does not exist.")
        found = self._named(path) or self._instead(accept)
        if found is None:
            # A cache must not give this answer to a client that asks for a page.
            headers = {"Vary": "Accept"} if self.fallback in ("auto", INDEX) else None
            raise HTTPException(404, headers=headers)
        return found

    def _named(self, path: str) -> _Found | None:
        """Return what a path of a request names."""
        if len(path) > _LONGEST_PATH:
            raise HTTPException(404)
        try:
            local = self._files.get_path({"path": path})
            return self._regular(local, "file") or self._regular(f"{local}/{INDEX}", "directory")
        except PermissionError:
            raise HTTPException(401) from None
        except OSError as exc:
            if exc.errno in _IMPOSSIBLE:
                raise HTTPException(404) from None
            raise
        except ValueError:  # NUL, or characters that the file system cannot encode
            raise HTTPException(404) from None

    def _instead(self, accept: list[str]) -> _Found | None:
        """Return what stands in for a missing file."""
        if self.fallback in ("auto", NOT_FOUND):
            found = self._regular(NOT_FOUND, "not_found")
            if found is not None:
                return found
        if self.fallback in ("auto", INDEX) and asks_for_page(accept):
            return self._regular(INDEX, "page")
        return None

    def _regular(self, name: str, reason: Literal["file", "directory", "page", "not_found"]) -> _Found | None:
        """Return a regular file inside the directory, links followed; None for everything else."""
        path, status = self._files.lookup_path(name)
        if status is None or not stat.S_ISREG(status.st_mode):
            return None
        if not os.access(path, os.R_OK):
            raise PermissionError(path)  # now, not when the response has begun
        return _Found(path, status, reason)
