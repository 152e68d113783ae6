"""Tests of `rapide.docs.oauth_redirect`."""

import inspect

from hypothesis import given
from page_reading import HOSTILE_TEXT, read_page, read_policy

from rapide.docs import get_swagger_ui_oauth2_redirect_html, oauth2_redirect_page
from rapide.docs.assets import find_asset, read_text


def test_page_loads_only_its_own_assets_when_made() -> None:
    """The script comes from the folder of assets, and carries the nonce of the policy."""
    response = oauth2_redirect_page(assets_url="/docs/assets")
    (script,) = read_page(response).attributes("script")
    assert script["src"] == f"/docs/assets/{find_asset('oauth2-redirect.js').name}"
    assert read_policy(response)["script-src"] == [f"'nonce-{script['nonce']}'"]
    assert read_policy(response)["connect-src"] == ["'self'"]


@given(HOSTILE_TEXT)
def test_page_has_only_its_own_elements_when_its_url_is_hostile(assets_url: str) -> None:
    """A URL of any text changes no element and no attribute of the page."""
    page, plain = oauth2_redirect_page(assets_url=assets_url), oauth2_redirect_page(assets_url="/docs/assets")
    assert read_page(page).shape == read_page(plain).shape


def test_pages_leave_the_opener_reachable() -> None:
    """Neither page cuts the popup off from the page that opened it."""
    for response in (oauth2_redirect_page(assets_url=""), get_swagger_ui_oauth2_redirect_html()):
        assert "cross-origin-opener-policy" not in response.headers


def test_fastapi_page_carries_the_script_inside() -> None:
    """FastAPI's function takes nothing and returns a page that loads nothing."""
    assert not inspect.signature(get_swagger_ui_oauth2_redirect_html).parameters
    page = read_page(get_swagger_ui_oauth2_redirect_html())
    assert page.attributes("script") == [{}]
    assert page.text("script").strip() == read_text("oauth2-redirect.js").strip()
    assert "window.opener.swaggerUIRedirectOauth2" in page.text("script")
    assert page.text("title") == "Swagger UI: OAuth2 Redirect"
