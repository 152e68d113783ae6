"""Cross-origin requests from browsers (the CORS protocol of the Fetch standard)."""

from __future__ import annotations

import re
from collections.abc import Collection

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

    def __init__(  # noqa: PLR0913, PLR0917 -- Starlette's options, in its order
        self,
        app: ASGIApp,
        allow_origins: Collection[str] = (),
        allow_methods: Collection[str] = ("GET",),
        allow_headers: Collection[str] = (),
        allow_credentials: bool = False,
        allow_origin_regex: str | None = None,
        allow_private_network: bool = False,
        expose_headers: Collection[str] = (),
        max_age: int = 600,
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
            allow_private_network,
            expose_headers,
            max_age,
        )
