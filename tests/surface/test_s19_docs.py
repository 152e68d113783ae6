"""Section 19: the Swagger UI and ReDoc pages."""

import inspect
import json
import re

import pytest
from surface_target import FastAPI, TestClient, load

docs = load("openapi.docs")

BUNDLE = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js"
STYLE = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css"
REDOC = "https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js"


def swagger(**options):
    """Return the text of a Swagger page."""
    return docs.get_swagger_ui_html(openapi_url="/schema", title="Title", **options).body.decode()


def redoc(**options):
    """Return the text of a ReDoc page."""
    return docs.get_redoc_html(openapi_url="/schema", title="Title", **options).body.decode()


# --- the functions


@pytest.mark.parametrize(
    ("name", "defaults"),
    [
        (
            "get_swagger_ui_html",
            {
                "swagger_js_url": BUNDLE,
                "swagger_css_url": STYLE,
                "oauth2_redirect_url": None,
                "init_oauth": None,
                "swagger_ui_parameters": None,
            },
        ),
        ("get_redoc_html", {"redoc_js_url": REDOC, "with_google_fonts": True}),
        ("get_swagger_ui_oauth2_redirect_html", {}),
    ],
)
def test_page_functions_have_the_known_signature(name, defaults):
    """19.1-3: keyword-only arguments with these defaults."""
    parameters = inspect.signature(getattr(docs, name)).parameters
    assert all(value.kind is inspect.Parameter.KEYWORD_ONLY for value in parameters.values())
    assert {key: parameters[key].default for key in defaults} == defaults
    for required in {"openapi_url", "title"} & set(parameters):
        assert parameters[required].default is inspect.Parameter.empty


@pytest.mark.parametrize("make", ["swagger", "redoc", "redirect"])
def test_pages_are_html_responses(make):
    """19: each function returns an HTML response."""
    page = {
        "swagger": lambda: docs.get_swagger_ui_html(openapi_url="/s", title="T"),
        "redoc": lambda: docs.get_redoc_html(openapi_url="/s", title="T"),
        "redirect": docs.get_swagger_ui_oauth2_redirect_html,
    }[make]()
    assert page.status_code == 200
    assert page.media_type == "text/html"
    assert page.body.strip().lower().startswith(b"<!doctype html>")


def test_swagger_page_names_schema_title_and_assets():
    """19.1: title, viewport, style, script, favicon and the schema's URL."""
    page = swagger(swagger_js_url="/b.js", swagger_css_url="/s.css", swagger_favicon_url="/f.png")
    assert "<title>Title</title>" in page
    assert 'name="viewport"' in page
    assert re.search(r'<script [^>]*src="/b\.js"', page)
    assert re.search(r'<link [^>]*href="/s\.css"', page)
    assert re.search(r'<link [^>]*href="/f\.png"', page)
    assert "/schema" in page
    assert 'id="swagger-ui"' in page


def test_swagger_page_uses_its_default_parameters():
    """19.1: dom_id, layout, deepLinking and the extensions; both presets."""
    page = swagger()
    assert docs.swagger_ui_default_parameters == {
        "dom_id": "#swagger-ui",
        "layout": "BaseLayout",
        "deepLinking": True,
        "showExtensions": True,
        "showCommonExtensions": True,
    }
    for key, value in docs.swagger_ui_default_parameters.items():
        assert f"{json.dumps(key)}: {json.dumps(value)}" in page
    assert "SwaggerUIBundle.presets.apis" in page
    assert "SwaggerUIBundle.SwaggerUIStandalonePreset" in page


def test_swagger_parameters_override_the_defaults():
    """19.1: given parameters replace defaults and come beside them."""
    page = swagger(
        swagger_ui_parameters={"deepLinking": False, "syntaxHighlight": {"theme": "obsidian"}, "n": None}
    )
    assert '"deepLinking": false' in page
    assert '"deepLinking": true' not in page
    assert '"syntaxHighlight": {"theme": "obsidian"}' in page
    assert '"n": null' in page
    assert '"layout": "BaseLayout"' in page
    assert docs.swagger_ui_default_parameters["deepLinking"] is True


def test_swagger_parameters_are_escaped():
    """19.1: <, > and & of parameters cannot end the script."""
    page = swagger(swagger_ui_parameters={"text": "</script><b>&"}, init_oauth={"text": "</script>&"})
    assert "</script><b>" not in page
    assert r'"\u003c/script\u003e\u003cb\u003e\u0026"' in page
    assert r'"\u003c/script\u003e\u0026"' in page


def test_swagger_page_offers_oauth_when_told():
    """19.1: the redirect URL and initOAuth appear only when given."""
    plain = swagger()
    assert "oauth2RedirectUrl" not in plain
    assert "initOAuth" not in plain
    page = swagger(oauth2_redirect_url="/back", init_oauth={"clientId": "id", "scopes": "a b"})
    assert "oauth2RedirectUrl: window.location.origin + '/back'" in page
    assert 'ui.initOAuth({"clientId": "id", "scopes": "a b"})' in page


def test_redoc_page_names_schema_title_and_assets():
    """19.2: title, script, favicon and the schema's URL."""
    page = redoc(redoc_js_url="/r.js", redoc_favicon_url="/f.png")
    assert "<title>Title</title>" in page
    assert 'spec-url="/schema"' in page
    assert re.search(r'<script [^>]*src="/r\.js"', page)
    assert re.search(r'<link [^>]*href="/f\.png"', page)


@pytest.mark.parametrize("wanted", [True, False])
def test_redoc_page_loads_fonts_when_wanted(wanted):
    """19.2: Google's fonts are optional."""
    assert ("fonts.googleapis.com" in redoc(with_google_fonts=wanted)) is wanted


def test_redirect_page_is_static():
    """19.3: the page that finishes an OAuth2 sign-in tells the opener."""
    page = docs.get_swagger_ui_oauth2_redirect_html().body.decode()
    assert "Swagger UI: OAuth2 Redirect" in page
    assert "window.opener.swaggerUIRedirectOauth2" in page


# --- the routes


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/docs", "<title>Shop - Swagger UI</title>"),
        ("/docs", "/openapi.json"),
        ("/docs", "/docs/oauth2-redirect"),
        ("/redoc", "<title>Shop - ReDoc</title>"),
        ("/redoc", "/openapi.json"),
        ("/docs/oauth2-redirect", "Swagger UI: OAuth2 Redirect"),
    ],
)
def test_application_serves_its_pages(path, text):
    """19, 3.5: the three pages with the app's title and schema URL."""
    answer = TestClient(FastAPI(title="Shop")).get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert text in answer.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect", "/openapi.json"])
def test_pages_answer_get_and_head_only(path):
    """3.5: documentation routes answer GET and HEAD, nothing else."""
    client = TestClient(FastAPI())
    assert client.head(path).status_code == 200
    assert client.head(path).content == b""
    assert client.post(path).status_code == 405


def test_pages_have_names_for_url_path_for():
    """3.5: openapi, swagger_ui_html, swagger_ui_redirect, redoc_html."""
    app = FastAPI()
    assert {name: str(app.url_path_for(name)) for name in ("openapi", "swagger_ui_html", "redoc_html")} == {
        "openapi": "/openapi.json",
        "swagger_ui_html": "/docs",
        "redoc_html": "/redoc",
    }
    assert app.url_path_for("swagger_ui_redirect") == "/docs/oauth2-redirect"


def test_pages_can_be_moved():
    """3.1: docs_url, redoc_url, openapi_url and the redirect URL are options."""
    app = FastAPI(
        docs_url="/d", redoc_url="/r", openapi_url="/o.json", swagger_ui_oauth2_redirect_url="/back"
    )
    client = TestClient(app)
    assert "/o.json" in client.get("/d").text
    assert "/back" in client.get("/d").text
    assert "/o.json" in client.get("/r").text
    assert client.get("/back").status_code == 200
    assert [client.get(path).status_code for path in ("/docs", "/redoc", "/docs/oauth2-redirect")] == [
        404
    ] * 3


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"docs_url": None}, "/docs"),
        ({"docs_url": None}, "/docs/oauth2-redirect"),
        ({"redoc_url": None}, "/redoc"),
        ({"swagger_ui_oauth2_redirect_url": None}, "/docs/oauth2-redirect"),
        ({"openapi_url": None}, "/docs"),
        ({"openapi_url": None}, "/redoc"),
        ({"openapi_url": ""}, "/docs"),
    ],
)
def test_pages_can_be_switched_off(options, path):
    """3.1: None disables a page; no schema disables all."""
    assert TestClient(FastAPI(**options)).get(path).status_code == 404


def test_page_without_redirect_url_offers_no_redirect():
    """3.1: swagger_ui_oauth2_redirect_url=None leaves it out of the page."""
    assert (
        "oauth2RedirectUrl" not in TestClient(FastAPI(swagger_ui_oauth2_redirect_url=None)).get("/docs").text
    )


def test_swagger_options_of_the_application_reach_the_page():
    """3.1: swagger_ui_init_oauth and swagger_ui_parameters are passed on."""
    app = FastAPI(swagger_ui_init_oauth={"appName": "Shop"}, swagger_ui_parameters={"docExpansion": "none"})
    page = TestClient(app).get("/docs").text
    assert 'ui.initOAuth({"appName": "Shop"})' in page
    assert '"docExpansion": "none"' in page


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_urls_inside_pages_carry_the_root_path(path):
    """3.5: schema and redirect URLs are prefixed with the request's root path."""
    app = FastAPI()
    proxied = TestClient(app, root_path="/proxy").get(path).text
    assert "/proxy/openapi.json" in proxied
    if path == "/docs":
        assert "/proxy/docs/oauth2-redirect" in proxied
    parent = FastAPI()
    parent.mount("/child", app)
    assert "/child/openapi.json" in TestClient(parent).get(f"/child{path}").text


def test_own_pages_can_replace_the_standard_ones():
    """19.4: with the pages off, routes of one's own serve them with local assets."""
    app = FastAPI(docs_url=None, redoc_url=None)

    @app.get("/docs", include_in_schema=False)
    async def page():
        return docs.get_swagger_ui_html(
            openapi_url=app.openapi_url,
            title=f"{app.title} - mine",
            oauth2_redirect_url=app.swagger_ui_oauth2_redirect_url,
            swagger_js_url="/static/bundle.js",
            swagger_css_url="/static/style.css",
        )

    answer = TestClient(app).get("/docs")
    assert "<title>FastAPI - mine</title>" in answer.text
    assert "/static/bundle.js" in answer.text
    assert "cdn.jsdelivr.net" not in answer.text


def test_documentation_routes_are_not_documented():
    """3.5: the pages are absent from the schema."""
    assert FastAPI().openapi()["paths"] == {}
