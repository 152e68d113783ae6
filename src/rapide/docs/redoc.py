"""The ReDoc page, from the application's own files and from a CDN."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import HTMLResponse

from rapide.docs.assets import find_asset
from rapide.docs.markup import data_block, escape_attribute, page
from rapide.docs.policy import make_nonce, origin_of, page_headers

__all__ = ["get_redoc_html", "redoc_default_parameters", "redoc_page"]

#: What `redoc_page` tells ReDoc unless the application says otherwise.
#: The options: https://redocly.com/docs/redoc/v3.x/config
redoc_default_parameters: dict[str, Any] = {
    "disableTelemetry": True,  # it reports every visit to its maker unless told not to
    "sanitize": True,  # descriptions may hold HTML
}

_NOSCRIPT = "<noscript>ReDoc needs JavaScript to show this page.</noscript>"
_GOOGLE_FONTS = "https://fonts.googleapis.com/css?family=Montserrat:300,400,700|Roboto:300,400,700"


def redoc_page(
    *,
    openapi_url: str,
    title: str,
    assets_url: str,
    redoc_parameters: Mapping[str, Any] | None = None,
    csp_sources: Mapping[str, Sequence[str]] | None = None,
) -> HTMLResponse:
    """Return a ReDoc page that loads everything from the application itself, under a strict policy.

    Args:
        openapi_url: Where the OpenAPI document is, as JSON.
        title: The page's title.
        assets_url: The URL of the folder in which `serve_asset` answers, without the last slash.
        redoc_parameters: ReDoc's own options; they win over `redoc_default_parameters`.
        csp_sources: What to add to the Content Security Policy, by directive.

    Raises:
        ValueError: `csp_sources` holds something that is no source of a policy.
    """
    nonce = make_nonce()
    library, start, icon = (
        f"{assets_url}/{find_asset(file).name}" for file in ("redoc.js", "redoc-init.js", "favicon.svg")
    )
    config = {
        "library": library,
        "document": openapi_url,
        "options": redoc_default_parameters | dict(redoc_parameters or {}),
    }
    head = (
        f'<link rel="icon" type="image/svg+xml" href="{escape_attribute(icon)}">\n'
        # styled-components writes its rules into style elements, and gives them this nonce.
        f'<meta property="csp-nonce" nonce="{nonce}">\n'
        f'<style nonce="{nonce}">body {{ margin: 0; }}</style>'
    )
    body = (
        f'<div id="redoc"></div>\n{_NOSCRIPT}\n'
        f"{data_block('docs-config', config)}\n"
        f'<script type="module" nonce="{nonce}" src="{escape_attribute(start)}"></script>'
    )
    origin = origin_of(openapi_url)
    return HTMLResponse(
        page(title=title, head=head, body=body),
        headers=page_headers(nonce, connect=[origin] if origin else (), sources=csp_sources),
    )


def get_redoc_html(
    *,
    openapi_url: str,
    title: str,
    redoc_js_url: str = "https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js",
    redoc_favicon_url: str = "https://fastapi.tiangolo.com/img/favicon.png",
    with_google_fonts: bool = True,
) -> HTMLResponse:
    """Return a page that loads ReDoc from the given URL, by default a CDN, as FastAPI's does.

    `redoc_page` is the one that asks no other host for anything.

    Args:
        openapi_url: Where the OpenAPI document is.
        title: The page's title.
        redoc_js_url: Where ReDoc's script is: a classic script, which version 3 no longer is.
        redoc_favicon_url: Where the page's icon is.
        with_google_fonts: Whether to load ReDoc's fonts from Google.
    """
    fonts = f'<link href="{escape_attribute(_GOOGLE_FONTS)}" rel="stylesheet">\n' if with_google_fonts else ""
    head = (
        f'{fonts}<link rel="shortcut icon" href="{escape_attribute(redoc_favicon_url)}">\n'
        "<style>body { margin: 0; padding: 0; }</style>"
    )
    body = (
        f'{_NOSCRIPT}\n<redoc spec-url="{escape_attribute(openapi_url)}"></redoc>\n'
        f'<script src="{escape_attribute(redoc_js_url)}"></script>'
    )
    return HTMLResponse(page(title=title, head=head, body=body))
