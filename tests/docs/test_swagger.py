"""Tests of `rapide.docs.swagger`."""

import inspect
import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_reading import HOSTILE, HOSTILE_TEXT, read_page, read_policy

from rapide.docs import get_swagger_ui_html, swagger_page, swagger_ui_default_parameters
from rapide.docs.assets import find_asset

_PLAIN = {"openapi_url": "/openapi.json", "title": "Shop - Swagger UI"}
_LOCAL = {**_PLAIN, "assets_url": "/docs/assets"}


def _local_shape(**arguments: Any) -> list[tuple[str, list[str]]]:
    return read_page(swagger_page(**_LOCAL | arguments)).shape


def _cdn_shape(**arguments: Any) -> list[tuple[str, list[str]]]:
    return read_page(get_swagger_ui_html(**_PLAIN | arguments)).shape


def test_page_loads_only_its_own_assets_when_made() -> None:
    """Every URL of the page lies in the folder of assets, by its name with the checksum."""
    page = read_page(swagger_page(**_LOCAL))
    urls = [
        value
        for _, attributes in page.elements
        for key, value in attributes.items()
        if key in {"src", "href"}
    ]
    names = [
        find_asset(file).name
        for file in ("favicon.svg", "swagger-ui.css", "swagger-ui.js", "swagger-init.js")
    ]
    assert urls == [f"/docs/assets/{name}" for name in names]


def test_page_runs_only_what_carries_its_nonce() -> None:
    """Scripts and styles carry the policy's nonce, no script stands inside, and the next page has another."""
    response = swagger_page(**_LOCAL)
    page, policy = read_page(response), read_policy(response)
    (source,) = policy["script-src"]
    nonce = source.removeprefix("'nonce-").removesuffix("'")
    assert policy["style-src"] == [source]
    scripts = [script for script in page.attributes("script") if script.get("type") != "application/json"]
    assert [script["nonce"] for script in scripts] == [nonce, nonce]
    assert all(script["src"] for script in scripts)
    assert [style["nonce"] for style in page.attributes("style")] == [nonce]
    assert "unsafe" not in response.headers["content-security-policy"]
    assert read_policy(swagger_page(**_LOCAL))["script-src"] != [source]


def test_page_carries_the_configuration_as_data() -> None:
    """Swagger UI gets the defaults, the document's URL, no outside validator, and what the user says."""
    page = read_page(
        swagger_page(
            **_LOCAL,
            oauth2_redirect_url="/docs/oauth2-redirect",
            init_oauth={"clientId": "docs"},
            swagger_ui_parameters={"deepLinking": False, "syntaxHighlight": {"theme": "nord"}},
        )
    )
    assert page.data == {
        "ui": {
            "url": "/openapi.json",
            "validatorUrl": None,
            "dom_id": "#swagger-ui",
            "layout": "BaseLayout",
            "deepLinking": False,
            "showExtensions": True,
            "showCommonExtensions": True,
            "syntaxHighlight": {"theme": "nord"},
            "oauth2RedirectUrl": "/docs/oauth2-redirect",
        },
        "oauth": {"clientId": "docs"},
    }


def test_page_has_no_oauth_when_none_is_set() -> None:
    """Without OAuth settings the page's data says so."""
    data = read_page(swagger_page(**_LOCAL)).data
    assert data["oauth"] is None
    assert "oauth2RedirectUrl" not in data["ui"]


@given(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, st.dictionaries(HOSTILE_TEXT, HOSTILE_TEXT, max_size=3))
def test_page_has_only_its_own_elements_when_everything_is_hostile(
    title: str, url: str, assets_url: str, values: dict[str, str]
) -> None:
    """Titles, URLs and settings of any text change no element and no attribute of the page."""
    arguments = {"title": title, "openapi_url": url, "assets_url": assets_url, "oauth2_redirect_url": url}
    assert _local_shape(**arguments, init_oauth=values, swagger_ui_parameters=values) == _local_shape()


def test_policy_names_origins_when_the_page_has_to_reach_them() -> None:
    """Declared origins and those of documents elsewhere are added to what the page may fetch from."""
    response = swagger_page(
        **_LOCAL,
        origins=["https://api.example"],
        csp_sources={"img-src": ["https://logo.example"]},
        swagger_ui_parameters={
            "urls": [{"url": "https://docs.example/a.json"}, {"url": "/b.json"}, "odd"],
            "configUrl": "https://config.example/x",
        },
    )
    policy = read_policy(response)
    assert policy["connect-src"] == [
        *("'self'", "https://api.example", "https://config.example", "https://docs.example"),
    ]
    assert policy["img-src"][-1] == "https://logo.example"


def test_cdn_page_has_the_signature_of_fastapi() -> None:
    """Names, kinds and defaults are FastAPI's."""
    parameters = inspect.signature(get_swagger_ui_html).parameters.values()
    assert {parameter.kind for parameter in parameters} == {inspect.Parameter.KEYWORD_ONLY}
    assert {parameter.name: parameter.default for parameter in parameters} == {
        "openapi_url": inspect.Parameter.empty,
        "title": inspect.Parameter.empty,
        "swagger_js_url": "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js",
        "swagger_css_url": "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css",
        "swagger_favicon_url": "https://fastapi.tiangolo.com/img/favicon.png",
        "oauth2_redirect_url": None,
        "init_oauth": None,
        "swagger_ui_parameters": None,
    }


def test_cdn_page_holds_what_users_look_for() -> None:
    """The texts that applications' tests search the page for are in it."""
    body = bytes(get_swagger_ui_html(**_PLAIN, oauth2_redirect_url="/docs/oauth2-redirect").body).decode()
    for text in (
        "<title>Shop - Swagger UI</title>",
        '<meta name="viewport" content="width=device-width, initial-scale=1.0">',
        '<link type="text/css" rel="stylesheet" href="https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css">',
        '<script src="https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js"></script>',
        '<link rel="shortcut icon" href="https://fastapi.tiangolo.com/img/favicon.png">',
        "SwaggerUIBundle({",
        "url: '/openapi.json',",
        '"dom_id": "#swagger-ui",',
        '"layout": "BaseLayout",',
        '"deepLinking": true,',
        '"showExtensions": true,',
        '"showCommonExtensions": true,',
        "oauth2RedirectUrl: window.location.origin + '/docs/oauth2-redirect'",
        "SwaggerUIBundle.presets.apis",
        "SwaggerUIBundle.SwaggerUIStandalonePreset",
    ):
        assert text in body, text


def test_cdn_page_holds_parameters_when_given() -> None:
    """Parameters are encoded as JSON and win over the defaults; OAuth settings start OAuth."""
    page = get_swagger_ui_html(
        **_PLAIN,
        swagger_ui_parameters={"deepLinking": False, "syntaxHighlight": {"theme": "nord"}, "html": "<b>&"},
        init_oauth={"clientId": "docs", "scopes": "</script>"},
        swagger_js_url="/own.js?a=1&b=2",
        swagger_css_url="/own.css",
        swagger_favicon_url="/own.png",
    )
    script = read_page(page).text("script", 1)
    assert '"deepLinking": false' in script
    assert '"syntaxHighlight": {"theme": "nord"}' in script
    assert r'"html": "\u003cb\u003e\u0026"' in script
    assert r'ui.initOAuth({"clientId": "docs", "scopes": "\u003c/script\u003e"})' in script
    assert read_page(page).attributes("script")[0] == {"src": "/own.js?a=1&b=2"}
    assert [link["href"] for link in read_page(page).attributes("link")] == ["/own.css", "/own.png"]


@pytest.mark.parametrize("arguments", [{}, {"oauth2_redirect_url": "", "init_oauth": {}}])
def test_cdn_page_has_no_oauth_when_none_is_set(arguments: dict[str, Any]) -> None:
    """Without a redirect URL or OAuth settings the page says nothing of either."""
    script = read_page(get_swagger_ui_html(**_PLAIN, **arguments)).text("script", 1)
    assert "oauth2RedirectUrl" not in script
    assert "initOAuth" not in script


@given(HOSTILE_TEXT, HOSTILE_TEXT, st.dictionaries(HOSTILE_TEXT, HOSTILE_TEXT, min_size=1, max_size=3))
def test_cdn_page_has_only_its_own_elements_when_everything_is_hostile(
    title: str, url: str, values: dict[str, str]
) -> None:
    """Titles, URLs and settings of any text change no element and no attribute of the page."""
    urls = dict.fromkeys(("openapi_url", "swagger_js_url", "swagger_css_url", "swagger_favicon_url"), url)
    shape = _cdn_shape(
        title=title, **urls, oauth2_redirect_url=url, init_oauth=values, swagger_ui_parameters=values
    )
    assert shape == _cdn_shape()


def test_cdn_page_keeps_hostile_urls_inside_their_strings() -> None:
    """A URL with quotes and line ends is one string of the script."""
    page = read_page(
        get_swagger_ui_html(openapi_url=HOSTILE + "'\n\"\\", title="x", oauth2_redirect_url=HOSTILE)
    )
    found = re.search(r"url: '([^'\n]*)',\n", page.text("script", 1))
    assert found is not None
    assert json.loads('"' + found[1].replace('"', '\\"') + '"') == HOSTILE + "'\n\"\\"


def test_default_parameters_are_those_of_fastapi() -> None:
    """The dict has FastAPI's content and may be changed by users, as FastAPI's may."""
    assert swagger_ui_default_parameters == {
        "dom_id": "#swagger-ui",
        "layout": "BaseLayout",
        "deepLinking": True,
        "showExtensions": True,
        "showCommonExtensions": True,
    }
