"""The Swagger UI page, from the application's own files and from a CDN."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from starlette.responses import HTMLResponse

from rapide.docs.assets import find_asset
from rapide.docs.markup import data_block, escape_attribute, page, script_json, script_string
from rapide.docs.policy import make_nonce, origin_of, page_headers

__all__ = ["get_swagger_ui_html", "swagger_page", "swagger_ui_default_parameters"]

#: What both pages tell Swagger UI unless the application says otherwise.
#: The parameters: https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/
swagger_ui_default_parameters: dict[str, Any] = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
}

_NOSCRIPT = "<noscript>Swagger UI needs JavaScript to show this page.</noscript>"


def swagger_page(  # noqa: PLR0913  # all keywords
    *,
    openapi_url: str,
    title: str,
    assets_url: str,
    oauth2_redirect_url: str | None = None,
    init_oauth: Mapping[str, Any] | None = None,
    swagger_ui_parameters: Mapping[str, Any] | None = None,
    origins: Iterable[str] = (),
    csp_sources: Mapping[str, Sequence[str]] | None = None,
) -> HTMLResponse:
    """Return a Swagger UI page that loads everything from the application itself, under a strict policy.

    Args:
        openapi_url: Where the OpenAPI document is.
        title: The page's title.
        assets_url: The URL of the folder in which `serve_asset` answers, without the last slash.
        oauth2_redirect_url: Where `oauth2_redirect_page` is; None for an application without OAuth2.
        init_oauth: Arguments of Swagger UI's `initOAuth`, such as `{"clientId": "docs"}`.
        swagger_ui_parameters: Swagger UI's own parameters; they win over `swagger_ui_default_parameters`.
        origins: Further origins that the page may fetch from; `declared_origins` finds them in a document.
        csp_sources: What to add to the Content Security Policy, by directive.

    Raises:
        ValueError: `csp_sources` holds something that is no source of a policy.
    """
    nonce = make_nonce()
    # Left to itself, Swagger UI lets a service elsewhere fetch and judge the document.
    ui = (
        {"url": openapi_url, "validatorUrl": None}
        | swagger_ui_default_parameters
        | dict(swagger_ui_parameters or {})
    )
    if oauth2_redirect_url:
        ui["oauth2RedirectUrl"] = oauth2_redirect_url
    files = {file: f'"{escape_attribute(assets_url)}/{find_asset(file).name}"' for file in _FILES}
    head = (
        f'<link rel="icon" type="image/svg+xml" href={files["favicon.svg"]}>\n'
        f'<link rel="stylesheet" nonce="{nonce}" href={files["swagger-ui.css"]}>\n'
        f'<style nonce="{nonce}">body {{ margin: 0; }}</style>'
    )
    body = (
        f'<div id="swagger-ui"></div>\n{_NOSCRIPT}\n'
        f"{data_block('docs-config', {'ui': ui, 'oauth': init_oauth})}\n"
        f'<script nonce="{nonce}" src={files["swagger-ui.js"]}></script>\n'
        f'<script nonce="{nonce}" src={files["swagger-init.js"]}></script>'
    )
    connect = sorted({*origins, *_document_origins(ui)})
    return HTMLResponse(
        page(title=title, head=head, body=body),
        headers=page_headers(nonce, connect=connect, sources=csp_sources),
    )


_FILES = ("favicon.svg", "swagger-ui.css", "swagger-ui.js", "swagger-init.js")


def _document_origins(ui: Mapping[str, Any]) -> set[str]:
    """Return where Swagger UI's own parameters tell it to find documents."""
    listed = ui.get("urls")
    several = (
        [entry.get("url") for entry in listed if isinstance(entry, Mapping)]
        if isinstance(listed, list)
        else []
    )
    return set(filter(None, map(origin_of, (ui["url"], ui.get("configUrl"), *several))))


def get_swagger_ui_html(  # noqa: PLR0913  # FastAPI's signature
    *,
    openapi_url: str,
    title: str,
    swagger_js_url: str = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js",
    swagger_css_url: str = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css",
    swagger_favicon_url: str = "https://fastapi.tiangolo.com/img/favicon.png",
    oauth2_redirect_url: str | None = None,
    init_oauth: dict[str, Any] | None = None,
    swagger_ui_parameters: dict[str, Any] | None = None,
) -> HTMLResponse:
    """Return a page that loads Swagger UI from the given URLs, by default a CDN, as FastAPI's does.

    `swagger_page` is the one that asks no other host for anything.

    Args:
        openapi_url: Where the OpenAPI document is.
        title: The page's title.
        swagger_js_url: Where Swagger UI's script is.
        swagger_css_url: Where Swagger UI's style sheet is.
        swagger_favicon_url: Where the page's icon is.
        oauth2_redirect_url: The path of the OAuth2 redirect page on the page's own host, or None.
        init_oauth: Arguments of Swagger UI's `initOAuth`.
        swagger_ui_parameters: Swagger UI's own parameters; they win over `swagger_ui_default_parameters`.
    """
    parameters = swagger_ui_default_parameters | (swagger_ui_parameters or {})
    lines = [f"url: {script_string(openapi_url)},"]
    lines += [f"{script_json(key)}: {script_json(value)}," for key, value in parameters.items()]
    if oauth2_redirect_url:
        lines.append(f"oauth2RedirectUrl: window.location.origin + {script_string(oauth2_redirect_url)},")
    lines.append("presets: [SwaggerUIBundle.presets.apis, SwaggerUIBundle.SwaggerUIStandalonePreset],")
    start = "const ui = SwaggerUIBundle({\n" + "".join(f"    {line}\n" for line in lines) + "})\n"
    if init_oauth:
        start += f"ui.initOAuth({script_json(init_oauth)})\n"
    head = (
        f'<link type="text/css" rel="stylesheet" href="{escape_attribute(swagger_css_url)}">\n'
        f'<link rel="shortcut icon" href="{escape_attribute(swagger_favicon_url)}">'
    )
    body = (
        f'<div id="swagger-ui"></div>\n{_NOSCRIPT}\n'
        f'<script src="{escape_attribute(swagger_js_url)}"></script>\n'
        f"<script>\n{start}</script>"
    )
    return HTMLResponse(page(title=title, head=head, body=body))
