"""Tests of `rapide.docs.routes`."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from page_reading import HOSTILE, ParsedPage, read_page, read_policy
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from rapide import Depends, HTTPException, Rapide
from rapide.docs import CdnPages, docs_routes
from rapide.fastapi import FastAPI

_DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {}}


async def _document(request: Request) -> bytes:
    return json.dumps(_DOCUMENT | {"servers": [{"url": request.scope["root_path"] or "/"}]}).encode()


_OPTIONS: dict[str, Any] = {
    "openapi_url": "/openapi.json",
    "docs_url": "/docs",
    "redoc_url": "/redoc",
    "oauth2_redirect_url": "/docs/oauth2-redirect",
    "title": "Shop",
    "openapi_document": _document,
    "local_assets": True,
}


def _routes(**options: Any) -> list[Route]:
    return docs_routes(**_OPTIONS | options)


def _client(**options: Any) -> TestClient:
    return TestClient(Starlette(routes=_routes(**options)))


def _assets_of(markup: str) -> list[str]:
    """Return the URLs of all files that a page loads at once."""
    elements = ParsedPage(markup).elements
    return [
        value
        for _, attributes in elements
        for key, value in attributes.items()
        if key in {"src", "href"} and value
    ]


def _names_and_paths(routes: list[Route]) -> dict[str, str]:
    return {route.name: route.path for route in routes}


def test_routes_have_their_names_when_everything_is_on() -> None:
    """The routes come in FastAPI's order under FastAPI's names, then that of the assets."""
    assert list(_names_and_paths(_routes()).items()) == [
        ("openapi", "/openapi.json"),
        ("swagger_ui_html", "/docs"),
        ("swagger_ui_redirect", "/docs/oauth2-redirect"),
        ("redoc_html", "/redoc"),
        ("docs_asset", "/docs/assets/{asset}"),
    ]


def test_routes_are_plain_and_in_no_schema() -> None:
    """Each route is Starlette's, answers GET and HEAD, and is not part of the document."""
    for route in _routes():
        assert type(route) is Route
        assert route.methods == {"GET", "HEAD"}
        assert route.include_in_schema is False


@pytest.mark.parametrize("off", [None, ""])
@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["openapi_url"], []),
        (["docs_url"], ["openapi", "redoc_html", "docs_asset"]),
        (["redoc_url"], ["openapi", "swagger_ui_html", "swagger_ui_redirect", "docs_asset"]),
        (["oauth2_redirect_url"], ["openapi", "swagger_ui_html", "redoc_html", "docs_asset"]),
        (["docs_url", "redoc_url"], ["openapi"]),
    ],
)
def test_routes_are_left_out_when_their_path_is_off(
    options: list[str], names: list[str], off: str | None
) -> None:
    """No document, no pages; no page, no redirect page; no pages, no assets."""
    routes = _routes(**dict.fromkeys(options, off))
    assert [route.name for route in routes] == names


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"docs_url": "/help/api"}, "/help/api/assets/{asset}"),
        ({"docs_url": "/docs/"}, "/docs/assets/{asset}"),
        ({"docs_url": None}, "/redoc/assets/{asset}"),
        ({"docs_url": "/"}, "/docs-assets/{asset}"),
        ({"docs_url": "/{tenant}/docs"}, "/docs-assets/{asset}"),
    ],
)
def test_assets_are_beside_the_page_when_it_can_have_a_folder(options: dict[str, Any], path: str) -> None:
    """The folder is below the first page; the root page takes no common name, and parameters are avoided."""
    assert _names_and_paths(_routes(**options))["docs_asset"] == path
    client = _client(**options)
    page = client.get((options["docs_url"] or "/redoc").replace("{tenant}", "acme"))
    for url in _assets_of(page.text):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
def test_page_answers_get_and_head_when_asked(path: str) -> None:
    """A page is HTML under a policy, and everything it names is there."""
    client = _client()
    response = client.get(path)
    assert response.status_code == client.head(path).status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"].startswith("default-src 'none'; ")
    assets = _assets_of(response.text)
    assert assets
    for url in assets:
        assert client.get(url).status_code == 200


def test_redoc_library_is_there_when_the_page_imports_it() -> None:
    """The library that ReDoc's page loads through its script is an asset too."""
    client = _client()
    library = ParsedPage(client.get("/redoc").text).data["library"]
    assert client.get(library).headers["content-type"] == "text/javascript; charset=utf-8"


def test_document_is_served_as_bytes_when_asked_for() -> None:
    """The schema route gives the application's bytes with a tag, to be asked for again every time."""
    response = _client().get("/openapi.json")
    assert response.json() == _DOCUMENT | {"servers": [{"url": "/"}]}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["etag"].startswith('"')
    assert _client().head("/openapi.json").headers["etag"] == response.headers["etag"]


def test_document_is_not_sent_again_when_the_client_has_it() -> None:
    """If-None-Match gets 304 until the document changes."""
    content = [b'{"a":1}']

    async def document(request: Request) -> bytes:
        return content[0]

    client = _client(openapi_document=document)
    tag = client.get("/openapi.json").headers["etag"]
    known = client.get("/openapi.json", headers={"if-none-match": tag})
    assert known.status_code == 304
    assert known.content == b""
    assert known.headers["etag"] == tag
    content[0] = b'{"a":2}'
    fresh = client.get("/openapi.json", headers={"if-none-match": tag})
    assert fresh.status_code == 200
    assert fresh.content == b'{"a":2}'
    assert fresh.headers["etag"] != tag


def test_document_has_one_tag_per_root_path_when_it_differs() -> None:
    """Answers under two prefixes do not share a tag."""
    routes = _routes()
    app = Starlette(routes=[Mount("/a", routes=routes), Mount("/b", routes=routes)])
    client = TestClient(app)
    tags = [client.get(f"/{prefix}/openapi.json").headers["etag"] for prefix in "abab"]
    assert tags[0] == tags[2] != tags[1] == tags[3]


@pytest.mark.parametrize(
    ("root_path", "prefix"),
    [
        ("/api/v1", "/api/v1"),
        ("/api/v1/", "/api/v1"),
        ("", ""),
        ("/", ""),
        ("/a b/ü", "/a%20b/%C3%BC"),
        ("//evil.example", "/evil.example"),
        ("/\t/evil.example", "/%09/evil.example"),
        ("/\\evil.example", "/%5Cevil.example"),
        ("/" + HOSTILE, None),
        ("/\ud800", "/%3F"),
    ],
)
def test_urls_carry_the_root_path_when_there_is_one(root_path: str, prefix: str | None) -> None:
    """Every URL of every page begins with the encoded root path, and never names another host."""

    async def behind_proxy(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope | {"root_path": root_path, "path": root_path + scope["path"]}, receive, send)

    app = Starlette(routes=_routes())
    client = TestClient(behind_proxy)
    swagger, redoc, redirect = (
        client.get(path).text for path in ("/docs", "/redoc", "/docs/oauth2-redirect")
    )
    ui = ParsedPage(swagger).data["ui"]
    config = ParsedPage(redoc).data
    urls = [
        *(ui["url"], ui["oauth2RedirectUrl"], config["document"], config["library"]),
        *(*_assets_of(swagger), *_assets_of(redoc), *_assets_of(redirect)),
    ]
    assert not any(urlsplit(url).netloc for url in urls)
    if prefix is not None:
        assert ui["url"] == config["document"] == f"{prefix}/openapi.json"
        assert ui["oauth2RedirectUrl"] == f"{prefix}/docs/oauth2-redirect"
        assert all(url.startswith(f"{prefix}/docs/assets/") for url in urls[3:])


def test_pages_are_safe_when_a_mount_takes_its_path_from_the_request() -> None:
    """A root path that the client chose is text in the page."""
    client = TestClient(Starlette(routes=[Mount("/{tenant:path}/shop", routes=_routes())]))
    plain = client.get("/acme/shop/docs")
    hostile = client.get("/%3Cscript%3Ealert(1)%3C%2Fscript%3E%22/shop/docs")
    assert ParsedPage(hostile.text).shape == ParsedPage(plain.text).shape


def test_pages_show_settings_as_they_are_when_asked_for() -> None:
    """Settings given as functions are looked up for every page."""
    settings: dict[str, Any] = {"title": "One", "oauth": None, "parameters": None}
    client = _client(
        title=lambda: settings["title"],
        init_oauth=lambda: settings["oauth"],
        swagger_parameters=lambda: settings["parameters"],
    )
    assert ParsedPage(client.get("/docs").text).text("title") == "One - Swagger UI"
    assert ParsedPage(client.get("/redoc").text).text("title") == "One - ReDoc"
    settings.update(title="Two", oauth={"clientId": "x"}, parameters={"filter": True})
    page = ParsedPage(client.get("/docs").text)
    assert page.text("title") == "Two - Swagger UI"
    assert page.data["oauth"] == {"clientId": "x"}
    assert page.data["ui"]["filter"] is True
    assert ParsedPage(client.get("/redoc").text).text("title") == "Two - ReDoc"


def test_policy_names_the_servers_when_the_document_declares_them() -> None:
    """The Swagger UI page may reach what the document, as it is now, declares."""
    document = _DOCUMENT | {"servers": [{"url": "https://one.example"}]}

    async def read(request: Request) -> bytes:
        return json.dumps(document).encode()

    client = _client(openapi_document=read, csp_sources={"img-src": ["https://logo.example"]})

    def policy(path: str) -> dict[str, list[str]]:
        return read_policy(Response(headers=dict(client.get(path).headers)))

    assert policy("/docs")["connect-src"] == ["'self'", "https://one.example"]
    document["servers"] = [{"url": "https://two.example"}]
    assert policy("/docs")["connect-src"] == ["'self'", "https://two.example"]
    assert policy("/redoc")["connect-src"] == ["'self'"]
    assert policy("/docs")["img-src"][-1] == policy("/redoc")["img-src"][-1] == "https://logo.example"


def test_redoc_gets_its_options_when_set() -> None:
    """ReDoc's own options reach its page."""
    page = ParsedPage(_client(redoc_parameters={"hideSchemaTitles": True}).get("/redoc").text)
    assert page.data["options"]["hideSchemaTitles"] is True


def test_cdn_pages_come_without_assets_when_local_ones_are_off() -> None:
    """FastAPI's pages have FastAPI's routes and no policy."""
    routes = _routes(local_assets=False)
    assert list(_names_and_paths(routes)) == [
        "openapi",
        "swagger_ui_html",
        "swagger_ui_redirect",
        "redoc_html",
    ]
    client = TestClient(Starlette(routes=routes), root_path="/api")
    swagger, redoc = client.get("/docs"), client.get("/redoc")
    assert "content-security-policy" not in swagger.headers
    assert "url: '/api/openapi.json'," in swagger.text
    assert "window.location.origin + '/api/docs/oauth2-redirect'" in swagger.text
    assert '<redoc spec-url="/api/openapi.json">' in redoc.text
    assert "swaggerUIRedirectOauth2" in client.get("/docs/oauth2-redirect").text
    for path in ("/openapi.json", "/docs", "/redoc", "/docs/oauth2-redirect"):
        assert client.head(path).status_code == 200


def test_cdn_pages_are_made_by_given_functions_with_the_arguments_of_fastapi() -> None:
    """The functions get FastAPI's keyword arguments, settings as they are now."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def make(name: str) -> Any:
        def page(**arguments: Any) -> HTMLResponse:
            calls.append((name, arguments))
            return HTMLResponse(name)

        return page

    pages = CdnPages(swagger=make("swagger"), redoc=make("redoc"), oauth2_redirect=make("redirect"))
    client = _client(
        local_assets=False, cdn_pages=pages, init_oauth=lambda: {"a": 1}, swagger_parameters={"b": 2}
    )
    for path in ("/docs", "/docs/oauth2-redirect", "/redoc"):
        client.get(path)
    assert calls == [
        (
            "swagger",
            {
                "openapi_url": "/openapi.json",
                "title": "Shop - Swagger UI",
                "oauth2_redirect_url": "/docs/oauth2-redirect",
                "init_oauth": {"a": 1},
                "swagger_ui_parameters": {"b": 2},
            },
        ),
        ("redirect", {}),
        ("redoc", {"openapi_url": "/openapi.json", "title": "Shop - ReDoc"}),
    ]


def test_swagger_page_names_no_redirect_when_it_is_off() -> None:
    """Without a redirect page neither kind of page names one."""
    page = ParsedPage(_client(oauth2_redirect_url=None).get("/docs").text)
    assert "oauth2RedirectUrl" not in page.data["ui"]
    assert "oauth2RedirectUrl" not in _client(oauth2_redirect_url=None, local_assets=False).get("/docs").text


def test_asset_is_not_found_when_its_name_is_unknown() -> None:
    """A wrong name is the application's own 404."""
    assert _client().get("/docs/assets/other.js").status_code == 404


def test_parsed_page_shows_an_element_when_one_is_injected() -> None:
    """The reader that the tests above trust does see what an attack would add."""
    clean, attacked = (HTMLResponse(f"<p>{text}</p>") for text in ("x", HOSTILE))
    assert read_page(clean).shape != read_page(attacked).shape


def _guarded(face: Any) -> TestClient:
    def require_key(key: str) -> None:
        if key != "open":
            raise HTTPException(403)

    app = face(docs_dependencies=[Depends(require_key)], dependencies=[Depends(_never)])
    return TestClient(app)


def _never() -> None:
    raise HTTPException(500)


@pytest.mark.parametrize("face", [Rapide, FastAPI])
@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
def test_docs_dependencies_decide_who_sees_the_documentation(face: Any, path: str) -> None:
    """They run before document and pages; the application's own dependencies do not."""
    client = _guarded(face)
    assert client.get(path).status_code == 422
    assert client.get(f"{path}?key=wrong").status_code == 403
    assert client.get(f"{path}?key=open").status_code == 200


def test_docs_dependencies_leave_files_alone() -> None:
    """The pages' own files are those of every application."""
    client = _guarded(Rapide)
    page = client.get("/docs?key=open").text
    (script, *_) = re.findall(r'src="([^"]+)"', page)
    assert client.get(script).status_code == 200


def test_docs_dependencies_can_be_overridden() -> None:
    """Tests replace them like others."""
    app = Rapide(docs_dependencies=[Depends(_never)])
    app.dependency_overrides[_never] = lambda: None
    assert TestClient(app).get("/openapi.json").status_code == 200
