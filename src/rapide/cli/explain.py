"""`rapide explain` and `rapide explain-error`."""

from __future__ import annotations

import difflib
from typing import Any

from rapide.cli.failures import CommandError
from rapide.cli.routes import list_routes
from rapide.errors import CODES, explain_code

__all__ = ["explain_error", "explain_route"]


def explain_route(app: Any, method: str, path: str) -> str:
    """Return plan and generated source of a route.

    Args:
        app: the application.
        method: an HTTP method, in any case.
        path: the path as it was declared, with all prefixes.

    Raises:
        CommandError: the application has no such route, or is not a Rapide application.
    """
    explain = getattr(app, "explain", None)
    if explain is None:
        raise CommandError(f"A {type(app).__name__} has no plans to explain: only Rapide applications have.")
    try:
        return str(explain(method.upper(), path)).rstrip("\n")
    except LookupError:
        raise CommandError(
            f"No route answers {method.upper()} {path}.", remedy=_similar_routes(app, method.upper(), path)
        ) from None


def _similar_routes(app: Any, method: str, path: str) -> str:
    known = [f"{verb} {row.path}" for row in list_routes(app) if row.kind == "http" for verb in row.methods]
    close = difflib.get_close_matches(f"{method} {path}", known, n=3)
    return f"Similar: {', '.join(close)}." if close else "rapide routes lists all routes."


def explain_error(code: str) -> str:
    """Return the long text of a code, written in any case. Raises CommandError for an unknown one."""
    try:
        return explain_code(code.upper()).rstrip("\n")
    except KeyError:
        close = difflib.get_close_matches(code.upper(), CODES, n=1)
        remedy = f"Did you mean {close[0]}?" if close else f"Known codes: {', '.join(CODES)}."
        raise CommandError(f"There is no code {code}.", remedy=remedy) from None
