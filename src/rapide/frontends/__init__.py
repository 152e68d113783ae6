"""Built frontends: directories of static files, served below a path when no route takes a request.

In: a directory and what to answer for files that are missing, then the path of a request. Out: responses.
Must not know: routers, inclusions, dependencies. The engine has those; it says where a request leads
(`Frontend.lead`) and calls `Frontend.serve` as any endpoint.
"""

from rapide.frontends.declare import CheckDirectory, Fallback, declare_frontend, frontend_path
from rapide.frontends.serve import Frontend

__all__ = ["CheckDirectory", "Fallback", "Frontend", "declare_frontend", "frontend_path"]
