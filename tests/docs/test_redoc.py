"""Tests of `rapide.docs.redoc`."""

import inspect
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from page_reading import HOSTILE_TEXT, read_page, read_policy

from rapide.docs import get_redoc_html, redoc_page
from rapide.docs.assets import find_asset

_PLAIN = {"openapi_url": "/openapi.json", "title": "Shop - ReDoc"}
_LOCAL = {**_PLAIN, "assets_url": "/docs/assets"}


def test_page_loads_only_its_own_assets_when_made() -> None:
    """The icon, the script and the library that the script imports lie in the folder of assets."""
    page = read_page(redoc_page(**_LOCAL))
    urls = [
        value
        for _, attributes in page.elements
        for key, value in attributes.items()
        if key in {"src", "href"}
    ]
    assert urls == [f"/docs/assets/{find_asset(file).name}" for file in ("favicon.svg", "redoc-init.js")]
    assert page.data["library"] == f"/docs/assets/{find_asset('redoc.js').name}"


def test_page_carries_the_configuration_as_data() -> None:
    """ReDoc is told to report to nobody and to clean descriptions, and what the user says."""
    data = read_page(
        redoc_page(**_LOCAL, redoc_parameters={"sanitize": False, "hideSchemaTitles": True})
    ).data
    assert data["document"] == "/openapi.json"
    assert data["options"] == {"disableTelemetry": True, "sanitize": False, "hideSchemaTitles": True}


def test_page_runs_only_what_carries_its_nonce() -> None:
    """The script, the style and the styles that ReDoc makes carry the policy's nonce; nothing else runs."""
    response = redoc_page(**_LOCAL)
    page, policy = read_page(response), read_policy(response)
    (source,) = policy["script-src"]
    nonce = source.removeprefix("'nonce-").removesuffix("'")
    assert policy["style-src"] == [source]
    assert [script["nonce"] for script in page.attributes("script") if "src" in script] == [nonce]
    assert [script for script in page.attributes("script") if "src" not in script] == [
        {"type": "application/json", "id": "docs-config"}
    ]
    assert [style["nonce"] for style in page.attributes("style")] == [nonce]
    assert {"property": "csp-nonce", "nonce": nonce} in page.attributes("meta")
    assert "unsafe" not in response.headers["content-security-policy"]


def test_policy_names_the_documents_origin_when_it_is_elsewhere() -> None:
    """A document of another host can be fetched; sources of the application are added."""
    response = redoc_page(
        **_LOCAL | {"openapi_url": "https://api.example/openapi.json"},
        csp_sources={"img-src": ["https://logo.example"]},
    )
    assert read_policy(response)["connect-src"] == ["'self'", "https://api.example"]
    assert read_policy(response)["img-src"][-1] == "https://logo.example"


@given(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, st.dictionaries(HOSTILE_TEXT, HOSTILE_TEXT, max_size=3))
def test_page_has_only_its_own_elements_when_everything_is_hostile(
    title: str, url: str, assets_url: str, values: dict[str, str]
) -> None:
    """Titles, URLs and options of any text change no element and no attribute of the page."""
    page = redoc_page(title=title, openapi_url=url, assets_url=assets_url, redoc_parameters=values)
    assert read_page(page).shape == read_page(redoc_page(**_LOCAL)).shape


def test_cdn_page_has_the_signature_of_fastapi() -> None:
    """Names, kinds and defaults are FastAPI's."""
    parameters = inspect.signature(get_redoc_html).parameters.values()
    assert {parameter.kind for parameter in parameters} == {inspect.Parameter.KEYWORD_ONLY}
    assert {parameter.name: parameter.default for parameter in parameters} == {
        "openapi_url": inspect.Parameter.empty,
        "title": inspect.Parameter.empty,
        "redoc_js_url": "https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js",
        "redoc_favicon_url": "https://fastapi.tiangolo.com/img/favicon.png",
        "with_google_fonts": True,
    }


def test_cdn_page_holds_what_users_look_for() -> None:
    """The texts that applications' tests search the page for are in it."""
    body = bytes(get_redoc_html(**_PLAIN).body).decode()
    for text in (
        "<title>Shop - ReDoc</title>",
        '<meta charset="utf-8"',
        '<link rel="shortcut icon" href="https://fastapi.tiangolo.com/img/favicon.png">',
        "https://fonts.googleapis.com/css?family=Montserrat:300,400,700|Roboto:300,400,700",
        '<redoc spec-url="/openapi.json"></redoc>',
        '<script src="https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js">',
        "<noscript>",
    ):
        assert text in body, text


def test_cdn_page_asks_google_for_nothing_when_told_so() -> None:
    """Without Google's fonts, and with own URLs, no other host is in the page."""
    urls = {"redoc_js_url": "/own.js?a=1&b=2", "redoc_favicon_url": "/own.png"}
    response = get_redoc_html(**_PLAIN, **urls, with_google_fonts=False)
    assert b"https:" not in response.body
    assert read_page(response).attributes("script") == [{"src": "/own.js?a=1&b=2"}]


def _cdn_shape(**arguments: Any) -> list[tuple[str, list[str]]]:
    return read_page(get_redoc_html(**_PLAIN | arguments)).shape


@given(HOSTILE_TEXT, HOSTILE_TEXT)
def test_cdn_page_has_only_its_own_elements_when_everything_is_hostile(title: str, url: str) -> None:
    """Titles and URLs of any text change no element and no attribute of the page."""
    assert _cdn_shape(title=title, openapi_url=url, redoc_js_url=url, redoc_favicon_url=url) == _cdn_shape()
