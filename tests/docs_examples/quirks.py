"""FastAPI's quirks, and what was decided on each: the table of the migration guide, and what the tests check.

The numbers are those of the specification of FastAPI's surface (section 24).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["QUIRKS", "Quirk", "quirk_table"]


@dataclass(frozen=True)
class Quirk:
    """One thing that FastAPI 0.165 does, and what each face does about it."""

    number: int
    what: str
    fastapi: str
    rapide: str


QUIRKS = (
    Quirk(
        1,
        "A WebSocket whose parameters do not fit is closed with a *list* as reason",
        "fixed: text",
        "fixed: text",
    ),
    Quirk(
        2,
        "A bare `list` without type parameters is a file",
        "fixed: JSON body",
        "fixed: JSON body",
    ),
    Quirk(
        3,
        "`GET` without `HEAD`, no `OPTIONS`",
        "kept",
        "`automatic_methods`",
    ),
    Quirk(
        4,
        "What is set on the injected `Response` is lost when a response is returned",
        "kept",
        "`merge_injected_response`",
    ),
    Quirk(
        5,
        "`Decimal`, `NaN` and others depend on whether there is a model; `NaN` without one is a 500",
        "kept",
        "`json_policy`",
    ),
    Quirk(
        6,
        "A missing value has the input null, a missing field of a model the whole model",
        "kept",
        "`echo_input`: neither is sent",
    ),
    Quirk(
        7,
        "Several methods of one route share one operation id",
        "kept, but stable",
        "fixed: one each",
    ),
    Quirk(
        8,
        "The body of a `QUERY` operation is not documented",
        "kept",
        "fixed; the operation is under `x-additionalOperations`",
    ),
    Quirk(
        9,
        "A 413 is text or JSON, a 500 is text, the rest JSON",
        "kept",
        "`errors`: all alike",
    ),
    Quirk(
        10,
        "`HTTPException` in middleware is a 500",
        "kept",
        "`middleware_errors`: answered as anywhere",
    ),
    Quirk(
        11,
        "Exceptions that endpoints raise are not documented",
        "kept",
        "kept: say `responses=`",
    ),
    Quirk(
        12,
        "A body that is not UTF-8 is a 400, one that is no JSON a 422",
        "kept",
        "kept",
    ),
    Quirk(
        13,
        "Several security schemes are documented as alternatives",
        "kept",
        "`joint_security`: as one requirement",
    ),
    Quirk(
        14,
        "Lifespans of mounted applications do not run",
        "kept",
        "`mounted_lifespans`",
    ),
    Quirk(
        15,
        "A slash redirect comes before the 405",
        "kept",
        "`slashes`: no redirect, so a 405",
    ),
    Quirk(
        16,
        "The document says 3.1 and has `itemSchema` of 3.2",
        "kept",
        "`strict_documents`",
    ),
    Quirk(
        17,
        "With a lifespan, `on_startup` is ignored; without any, a router's runs twice",
        "kept; runs once",
        "kept; runs once",
    ),
    Quirk(
        18,
        "`*args` and `**kwargs` are query parameters; positional-only parameters fail at the call",
        "kept",
        "`strict_declarations`: an error at the start",
    ),
    Quirk(
        19,
        "`HTTPBasic(auto_error=False)` answers 401 to malformed credentials",
        "kept",
        "kept",
    ),
    Quirk(
        20,
        "Titles and URLs are inserted into the documentation pages unescaped",
        "fixed",
        "fixed",
    ),
)


def quirk_table() -> str:
    """Return the table of the migration guide."""
    rows = ["| | FastAPI 0.165 | `rapide.fastapi` | `rapide` |", "|---|---|---|---|"]
    rows += [f"| {quirk.number} | {quirk.what} | {quirk.fastapi} | {quirk.rapide} |" for quirk in QUIRKS]
    return "\n".join(rows) + "\n"
