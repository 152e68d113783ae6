"""The routes of the OpenAPI document and its pages: plain Starlette routes, which no schema shows.

What a page shows of the application may be given as a function, which is asked for every page: a title, OAuth
settings or Swagger UI parameters that were set after the routes were made are in it.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rapide._outgoing import protect
from rapide.docs.assets import serve_asset
from rapide.docs.entity_tags import is_unchanged, make_entity_tag
from rapide.docs.oauth_redirect import get_swagger_ui_oauth2_redirect_html, oauth2_redirect_page
from rapide.docs.policy import declared_origins
from rapide.docs.redoc import get_redoc_html, redoc_page
from rapide.docs.swagger import get_swagger_ui_html, swagger_page

__all__ = ["CdnPages", "docs_routes"]

_T = TypeVar("_T")

# Where assets are when no page's path can have a folder below it.
_FALLBACK_ASSETS_PATH = "/docs-assets"


@dataclass(frozen=True, slots=True, kw_only=True)
class CdnPages:
    """The functions that make the pages from a CDN; each is called with FastAPI's keyword arguments."""

    swagger: Callable[..., Response] = get_swagger_ui_html
    redoc: Callable[..., Response] = get_redoc_html
    oauth2_redirect: Callable[..., Response] = get_swagger_ui_oauth2_redirect_html


def docs_routes(  # noqa: PLR0913  # all keywords: what an application says about its documentation
    *,
    openapi_url: str | None,
    docs_url: str | None,
    redoc_url: str | None,
    oauth2_redirect_url: str | None,
    title: str | Callable[[], str],
    openapi_document: Callable[[Request], Awaitable[bytes]],
    local_assets: bool,
    init_oauth: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None = None,
    swagger_parameters: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None = None,
    redoc_parameters: Mapping[str, Any] | None = None,
    csp_sources: Mapping[str, Sequence[str]] | None = None,
    cdn_pages: CdnPages | None = None,
) -> list[Route]:
    """Return the routes of the document and of the pages that show it.

    Their names are `openapi`, `swagger_ui_html`, `swagger_ui_redirect`, `redoc_html` and `docs_asset`. A path
    that is None or empty leaves its route out; without `openapi_url` there are none.

    Args:
        openapi_url: The path of the OpenAPI document.
        docs_url: The path of the Swagger UI page.
        redoc_url: The path of the ReDoc page.
        oauth2_redirect_url: The path of Swagger UI's OAuth2 redirect page.
        title: The application's title, or what returns it.
        openapi_document: Returns the document as JSON for a request.
        local_assets: Whether the pages load only what the application serves; else from a CDN, as FastAPI's
            do.
        init_oauth: Arguments of Swagger UI's `initOAuth`, or what returns them.
        swagger_parameters: Swagger UI's parameters, or what returns them.
        redoc_parameters: ReDoc's options; only for local assets.
        csp_sources: What to add to the pages' Content Security Policy, by directive; only for local assets.
        cdn_pages: What makes the pages when `local_assets` is False; None for FastAPI's functions.
    """
    if not openapi_url:
        return []
    schema = _Schema(openapi_document)
    settings = _Settings(
        openapi_url=openapi_url,
        oauth2_redirect_url=oauth2_redirect_url or None,
        title=title,
        init_oauth=init_oauth,
        swagger_parameters=swagger_parameters,
    )
    assets_path = _assets_path(docs_url or redoc_url or "")
    pages: _LocalPages | _CdnPages
    if local_assets:
        pages = _LocalPages(
            settings,
            schema,
            assets_path=assets_path,
            redoc_parameters=redoc_parameters,
            csp_sources=csp_sources,
        )
    else:
        pages = _CdnPages(settings, cdn_pages or CdnPages())
    endpoints: list[tuple[str | None, _Endpoint, str]] = [
        (openapi_url, schema.respond, "openapi"),
        (docs_url, pages.swagger, "swagger_ui_html"),
        (docs_url and oauth2_redirect_url, pages.oauth2_redirect, "swagger_ui_redirect"),
        (redoc_url, pages.redoc, "redoc_html"),
    ]
    if local_assets and (docs_url or redoc_url):
        endpoints.append((f"{assets_path}/{{asset}}", serve_asset, "docs_asset"))
    return [
        Route(path, endpoint, name=name, include_in_schema=False)
        for path, endpoint, name in endpoints
        if path
    ]


_Endpoint = Callable[[Request], Awaitable[Response]]


def _assets_path(page_path: str) -> str:
    """Return the folder of the assets: below the page, unless the page is the root or has parameters."""
    path = page_path.rstrip("/")
    return f"{path}/assets" if path and "{" not in path else _FALLBACK_ASSETS_PATH


def _root_path(request: Request) -> str:
    """Return the prefix of every URL in a page: the path under which the application is mounted or proxied.

    A scope's paths are decoded, so this one is encoded again; two leading slashes would name another host.
    """
    root_path = quote(
        str(request.scope.get("root_path", "")).rstrip("/"), safe="/:@!$&'()*+,;=~", errors="replace"
    )
    return re.sub("^/+", "/", root_path)


def _now(value: _T | Callable[[], _T]) -> _T:
    """Return a setting that may be given as the function that looks it up."""
    # No type can say that no setting is callable itself.
    return value() if callable(value) else value  # pyright: ignore[reportReturnType]  # not callable means a value


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """What every kind of page shows."""

    openapi_url: str
    oauth2_redirect_url: str | None
    title: str | Callable[[], str]
    init_oauth: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None
    swagger_parameters: Mapping[str, Any] | Callable[[], Mapping[str, Any] | None] | None

    def for_swagger(self, request: Request) -> dict[str, Any]:
        """Return the arguments that the Swagger UI pages share."""
        prefix = _root_path(request)
        redirect_url = self.oauth2_redirect_url
        return {
            "openapi_url": prefix + self.openapi_url,
            "title": f"{_now(self.title)} - Swagger UI",
            "oauth2_redirect_url": prefix + redirect_url if redirect_url else None,
            "init_oauth": _now(self.init_oauth),
            "swagger_ui_parameters": _now(self.swagger_parameters),
        }

    def for_redoc(self, request: Request) -> dict[str, Any]:
        """Return the arguments that the ReDoc pages share."""
        return {"openapi_url": _root_path(request) + self.openapi_url, "title": f"{_now(self.title)} - ReDoc"}


@dataclass(slots=True)
class _Schema:
    """The OpenAPI document, with what is worth knowing about its latest bytes.

    Documents differ by root path, so the latest may not be the next; it nearly always is.
    """

    document: Callable[[Request], Awaitable[bytes]]
    _latest_tag: tuple[bytes, str] = field(default=(b"", ""), init=False)
    _latest_origins: tuple[bytes, tuple[str, ...]] = field(default=(b"", ()), init=False)

    async def respond(self, request: Request) -> Response:
        """Answer with the document, or with 304 for a client that has it."""
        content = await self.document(request)
        known, entity_tag = self._latest_tag
        if known is not content:
            entity_tag = make_entity_tag(content)
            self._latest_tag = content, entity_tag
        headers = {"etag": entity_tag, "cache-control": "no-cache"}
        if is_unchanged(request, entity_tag):
            return Response(status_code=304, headers=headers)
        response = Response(content, headers=headers, media_type="application/json")
        protect(response.raw_headers)
        return response

    async def origins(self, request: Request) -> tuple[str, ...]:
        """Return the origins that the document declares."""
        content = await self.document(request)
        known, origins = self._latest_origins
        if known is not content:
            origins = declared_origins(json.loads(content))
            self._latest_origins = content, origins
        return origins


@dataclass(frozen=True, slots=True)
class _LocalPages:
    """The pages from the application's own files."""

    settings: _Settings
    schema: _Schema
    _: KW_ONLY
    assets_path: str
    redoc_parameters: Mapping[str, Any] | None
    csp_sources: Mapping[str, Sequence[str]] | None

    async def swagger(self, request: Request) -> Response:
        """Answer with the Swagger UI page."""
        return swagger_page(
            **self.settings.for_swagger(request),
            assets_url=_root_path(request) + self.assets_path,
            origins=await self.schema.origins(request),
            csp_sources=self.csp_sources,
        )

    async def oauth2_redirect(self, request: Request) -> Response:
        """Answer with the OAuth2 redirect page."""
        return oauth2_redirect_page(assets_url=_root_path(request) + self.assets_path)

    async def redoc(self, request: Request) -> Response:
        """Answer with the ReDoc page."""
        return redoc_page(
            **self.settings.for_redoc(request),
            assets_url=_root_path(request) + self.assets_path,
            redoc_parameters=self.redoc_parameters,
            csp_sources=self.csp_sources,
        )


@dataclass(frozen=True, slots=True)
class _CdnPages:
    """The pages from a CDN."""

    settings: _Settings
    pages: CdnPages

    async def swagger(self, request: Request) -> Response:
        """Answer with the Swagger UI page."""
        return self.pages.swagger(**self.settings.for_swagger(request))

    async def oauth2_redirect(self, request: Request) -> Response:
        """Answer with the OAuth2 redirect page."""
        return self.pages.oauth2_redirect()

    async def redoc(self, request: Request) -> Response:
        """Answer with the ReDoc page."""
        return self.pages.redoc(**self.settings.for_redoc(request))
