"""Built frontends: directories of static files, served below a path when no route takes a request.

In: a directory and what to answer for files that are missing, then the path of a request. Out: responses.
Must not know: routers, inclusions, dependencies. The engine has those; it calls `Frontend.serve` as any
endpoint.
"""

from rapide.frontends.declare import CheckDirectory, Fallback, declare_frontend, frontend_path
from rapide.frontends.serve import VISIT, Frontend, Visit

__all__ = ["VISIT", "CheckDirectory", "Fallback", "Frontend", "Visit", "declare_frontend", "frontend_path"]
