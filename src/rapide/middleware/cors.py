"""Cross-origin requests from browsers (the CORS protocol of the Fetch standard)."""

from __future__ import annotations

import re
from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.middleware import cors as starlette
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

__all__ = ["CORSMiddleware"]

# What a browser sends (RFC 6454, section 6.2). A pattern of the user's need not be exact to be safe.
_ORIGIN = re.compile(r"null|[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.IGNORECASE)
_NAMES = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z, \t-]*")

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

    def is_allowed_origin(self, origin: str) -> bool:
        """Tell whether pages of an origin may read; nothing that is no origin is one."""
        return _ORIGIN.fullmatch(origin) is not None and super().is_allowed_origin(origin)

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer the question before a request; names that are none are not repeated, but refused."""
        asked = request_headers.get("access-control-request-headers", "")
        if not _NAMES.fullmatch(asked):
            return PlainTextResponse("Disallowed CORS headers", 400, {"Vary": "Origin"})
        return super().preflight_response(request_headers)
