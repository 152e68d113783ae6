"""Cross-origin requests from browsers (the CORS protocol of the Fetch standard)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from starlette.middleware import cors as starlette
from starlette.types import ASGIApp

__all__ = ["CORSMiddleware"]

# Nobody's origin: a pattern that takes it takes everybody's.
_NOBODY = "https://nobody.invalid"


class CORSMiddleware(starlette.CORSMiddleware):
    """Says which pages of other origins may read the answers; see Starlette's class for the options.

    Raises:
        ValueError: With credentials, everybody is allowed: `*`, "null", which any page in a sandbox is, or a
            pattern that takes everything. Name the origins instead.
    """

    def __init__(
        self,
        app: ASGIApp,
        allow_origins: Sequence[str] = (),
        allow_methods: Sequence[str] = ("GET",),
        allow_headers: Sequence[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | None = None,
        **options: Any,
    ) -> None:
        anybody = {"*", "null"} & set(allow_origins)
        if allow_origin_regex is not None and re.fullmatch(allow_origin_regex, _NOBODY):
            anybody.add(allow_origin_regex)
        if allow_credentials and anybody:
            raise ValueError(f"{anybody.pop()!r} lets everybody act with the credentials of your visitors")
        super().__init__(
            app,
            allow_origins,
            allow_methods,
            allow_headers,
            allow_credentials,
            allow_origin_regex,
            **options,
        )
