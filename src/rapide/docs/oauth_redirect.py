"""The page that an authorization server sends the user back to: it hands the answer to the docs page.

The script is Swagger UI's own. It runs in a popup and reaches `window.opener`, so a
Cross-Origin-Opener-Policy header on this page or on the docs page would cut it off.
"""

from starlette.responses import HTMLResponse

from rapide.docs.assets import find_asset, read_text
from rapide.docs.markup import escape_attribute, page
from rapide.docs.policy import make_nonce, page_headers

__all__ = ["get_swagger_ui_oauth2_redirect_html", "oauth2_redirect_page"]

_TITLE = "Swagger UI: OAuth2 Redirect"


def oauth2_redirect_page(*, assets_url: str) -> HTMLResponse:
    """Return the redirect page with its script loaded from the application itself, under a strict policy.

    Args:
        assets_url: The URL of the folder in which `serve_asset` answers, without the last slash.
    """
    nonce = make_nonce()
    script, icon = (
        escape_attribute(f"{assets_url}/{find_asset(file).name}")
        for file in ("oauth2-redirect.js", "favicon.svg")
    )
    head = f'<link rel="icon" type="image/svg+xml" href="{icon}">'
    body = f'<script nonce="{nonce}" src="{script}"></script>'
    return HTMLResponse(page(title=_TITLE, head=head, body=body), headers=page_headers(nonce))


def get_swagger_ui_oauth2_redirect_html() -> HTMLResponse:
    """Return the redirect page with its script inside, as FastAPI's has it."""
    body = f"<script>\n{read_text('oauth2-redirect.js')}\n</script>"
    return HTMLResponse(page(title=_TITLE, head="", body=body))
