"""The docs pages in a real browser: they work, they ask nobody else for anything, and their policy holds."""

import json
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driver import Browser, Page
from serving import serve
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from rapide.docs import docs_routes

pytestmark = pytest.mark.browser

_HOSTILE = '</script></title><img src=x onerror="window.attacked=1"><script>window.attacked=1</script>\'"&'

_ITEM = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "price": {"type": "number"}},
}


def _document(**members: Any) -> dict[str, Any]:
    json_item = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}, "example": {"name": "cup"}}}
    create = {
        "tags": ["items"],
        "operationId": "create_item",
        "summary": "Create an item",
        "requestBody": {"required": True, "content": body},
        "responses": {"201": {"description": "Created", "content": json_item}},
    }
    read = {
        "tags": ["items"],
        "operationId": "read_item",
        "summary": "Read an item",
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
        "responses": {"200": {"description": "Found", "content": json_item}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1.0", "description": "Sells *cups*."},
        "paths": {"/items": {"post": create}, "/items/{id}": {"get": read}},
        "components": {"schemas": {"Item": _ITEM}},
    } | members


class _Shop:
    """A small application with docs pages, which remembers what it was sent."""

    def __init__(self, document: dict[str, Any] | None = None, *, title: str = "Shop") -> None:
        self.document: dict[str, Any] | None = document or _document()
        self.received: list[Any] = []
        self.tokens: list[dict[str, list[str]]] = []
        pages = docs_routes(
            openapi_url="/openapi.json",
            docs_url="/docs",
            redoc_url="/redoc",
            oauth2_redirect_url="/docs/oauth2-redirect",
            title=title,
            openapi_document=self._read_document,
            local_assets=True,
            init_oauth={"clientId": "docs", "usePkceWithAuthorizationCodeGrant": True},
        )
        own = [
            Route("/items", self._create, methods=["POST"]),
            Route("/authorize", self._authorize),
            Route("/token", self._give_token, methods=["POST"]),
            Route("/uploads/attack.js", self._uploaded),
        ]
        # What a browser may read from a page of another origin is up to this server.
        anyone = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])
        self.app = Starlette(routes=[*pages, *own], middleware=[anyone])

    async def _read_document(self, request: Request) -> bytes:
        if self.document is None:
            raise HTTPException(503)
        return json.dumps(self.document).encode()

    async def _create(self, request: Request) -> Response:
        item = await request.json()
        self.received.append(item)
        return JSONResponse({"id": 40 + len(self.received), **item}, status_code=201)

    async def _authorize(self, request: Request) -> Response:
        answer = urllib.parse.urlencode({"code": "c0de", "state": request.query_params["state"]})
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{answer}")

    async def _give_token(self, request: Request) -> Response:
        self.tokens.append(urllib.parse.parse_qs((await request.body()).decode()))
        return JSONResponse({"access_token": "t0ken", "token_type": "bearer"})

    async def _uploaded(self, request: Request) -> Response:
        return PlainTextResponse("window.attacked = 1", media_type="text/javascript")


@pytest.fixture
def shop() -> _Shop:
    """A shop with a document of its own."""
    return _Shop()


@pytest.fixture
def url(shop: _Shop) -> Iterator[str]:
    """The root of the served shop."""
    with serve(shop.app) as root:
        yield root


def _host(url: str) -> str:
    return url.removeprefix("http://")


def _complaints(page: Page) -> list[str]:
    return [line for line in page.console if line.startswith(("error", "exception", "warning"))]


def _try_out(page: Page, operation: str) -> None:
    """Open an operation of Swagger UI, and execute it with the values it proposes."""
    page.click(f"#operations-{operation} .opblock-summary-control")
    page.click(f"#operations-{operation} .try-out__btn")
    page.click(f"#operations-{operation} .execute")
    page.wait_for_text("Server response", within=f"#operations-{operation}")


def test_swagger_ui_shows_the_answer_when_a_post_is_tried_out(
    page: Page, shop: _Shop, url: str, tmp_path: Path
) -> None:
    """The request is sent and its answer shown, with no other host asked and nothing refused."""
    page.goto(f"{url}/docs")
    _try_out(page, "items-create_item")
    page.screenshot(tmp_path / "swagger.png")

    response = page.text("#operations-items-create_item .live-responses-table")
    assert "201" in response
    assert '"id": 41' in response
    assert shop.received == [{"name": "cup"}]
    assert page.evaluate("document.title") == "Shop - Swagger UI"
    assert page.hosts == {_host(url)}
    assert page.violations == []
    assert _complaints(page) == []


def test_redoc_shows_the_operations_when_opened(page: Page, url: str, tmp_path: Path) -> None:
    """ReDoc shows every operation of the document, with no other host and nothing refused."""
    page.goto(f"{url}/redoc")
    page.wait_for_text("POST")
    page.wait_for_text("/items/{id}")
    page.screenshot(tmp_path / "redoc.png")

    assert page.evaluate("document.title") == "Shop - ReDoc"
    assert page.hosts == {_host(url)}
    assert page.violations == []
    assert _complaints(page) == []
    assert (
        page.evaluate("getComputedStyle(document.querySelector('#redoc h1')).fontWeight") != "400"
    )  # it is styled


def test_redoc_offers_no_service_elsewhere_when_it_shows_its_actions(page: Page, url: str) -> None:
    """Beside a heading one can copy, and do nothing that would send the API's address to another host."""
    page.goto(f"{url}/redoc")
    actions = "[...document.querySelectorAll('[data-testid=page-actions]')]"
    page.wait_for(f"{actions}.length === 2 && {actions}.every((each) => each.innerText)")
    assert page.evaluate(f"{actions}.map((each) => each.innerText)") == ["Copy", "Copy"]
    assert page.evaluate(f"{actions}.map((each) => each.querySelectorAll('button').length)") == [1, 1]


def test_redoc_finds_an_operation_when_searched(page: Page, url: str) -> None:
    """ReDoc's search works without the worker that it would compile from text."""
    page.goto(f"{url}/redoc")
    page.wait_for_text("POST")
    page.click("[data-component-name='icons/SearchIcon/SearchIcon']")
    page.fill("[data-component-name='Search/SearchInput'] input", "read an")
    page.wait_for_text("Read an item")
    assert page.violations == []


def test_redoc_says_so_when_there_is_no_document(page: Page, shop: _Shop, url: str) -> None:
    """A document that cannot be loaded leaves a sentence on the page instead of nothing."""
    shop.document = None
    page.goto(f"{url}/redoc")
    page.wait_for_text("The API description could not be shown: /openapi.json answered 503")


def test_swagger_ui_gets_a_token_when_authorized_with_a_code(browser: Browser, page: Page) -> None:
    """The popup visits the authorization server and comes back; the page has a token."""
    flow = {"authorizationUrl": "/authorize", "tokenUrl": "/token", "scopes": {}}
    scheme = {"type": "oauth2", "flows": {"authorizationCode": flow}}
    components = {"schemas": {"Item": _ITEM}, "securitySchemes": {"login": scheme}}
    shop = _Shop(_document(components=components, security=[{"login": []}]))
    with serve(shop.app) as url:
        page.goto(f"{url}/docs")
        page.click(".btn.authorize")
        page.click(".auth-btn-wrapper .authorize")
        page.wait_for_text("Logout", within=".auth-container")
        popup = browser.pages[-1]

        assert popup is not page
        assert any(asked.startswith(f"{url}/docs/oauth2-redirect?code=c0de&") for asked in popup.requests)
        assert popup.hosts == page.hosts == {_host(url)}
        assert shop.tokens[0]["redirect_uri"] == [f"{url}/docs/oauth2-redirect"]
        assert shop.tokens[0]["code"] == ["c0de"]
        assert "code_verifier" in shop.tokens[0]
        assert page.violations == []
        assert _complaints(page) == []


@pytest.mark.row("DOC-07")
@pytest.mark.parametrize(("path", "shown"), [("/docs", "Create an item"), ("/redoc", "/items")])
def test_pages_run_nothing_when_title_and_descriptions_are_hostile(page: Page, path: str, shown: str) -> None:
    """Markup in a title is text, and markup in descriptions cannot run."""
    document = _document(info={"title": _HOSTILE, "version": _HOSTILE, "description": _HOSTILE})
    with serve(_Shop(document, title=_HOSTILE).app) as url:
        page.goto(f"{url}{path}")
        page.wait_for_text(shown)
        assert page.evaluate("document.title").startswith(_HOSTILE)
        assert page.evaluate("window.attacked === undefined")
        assert page.hosts == {_host(url)}


@pytest.mark.parametrize(("path", "shown"), [("/docs", "Create an item"), ("/redoc", "/items")])
def test_pages_work_when_the_application_is_mounted(page: Page, shop: _Shop, path: str, shown: str) -> None:
    """Every URL of a page carries the path under which the application is mounted."""
    with serve(Starlette(routes=[Mount("/a b/shop", shop.app)])) as url:
        page.goto(f"{url}/a%20b/shop{path}")
        page.wait_for_text(shown)
        assert all(asked.startswith(f"{url}/a%20b/shop/") for asked in page.requests)
        assert _complaints(page) == []


def test_swagger_ui_reaches_another_server_when_the_document_declares_it(page: Page, shop: _Shop) -> None:
    """The policy lets "Try it out" reach the servers of the document."""
    with serve(shop.app) as elsewhere, serve(_Shop(_document(servers=[{"url": elsewhere}])).app) as url:
        page.goto(f"{url}/docs")
        _try_out(page, "items-create_item")
        assert '"id": 41' in page.text("#operations-items-create_item .live-responses-table")
        assert shop.received == [{"name": "cup"}]
        assert page.violations == []


def test_swagger_ui_is_kept_from_another_server_when_the_document_declares_none(page: Page, url: str) -> None:
    """The policy stops requests to servers that the document does not name."""
    with serve(_Shop().app) as elsewhere:
        page.goto(f"{url}/docs")
        page.wait_for_text("Create an item")
        outcome = page.evaluate(f"fetch('{elsewhere}/openapi.json').then(() => 'reached', () => 'refused')")
        assert outcome == "refused"
        assert any(elsewhere in violation for violation in page.violations)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
def test_pages_run_no_other_script_when_one_is_injected(page: Page, url: str, path: str) -> None:
    """No inline script, no handler and no script from the page's own host runs without the nonce."""
    page.goto(f"{url}{path}")
    page.evaluate("""new Promise((resolve) => {
        const uploaded = document.createElement("script");
        uploaded.src = "/uploads/attack.js";
        uploaded.onload = uploaded.onerror = resolve;
        const inline = document.createElement("script");
        inline.textContent = "window.attacked = 1";
        const handler = document.createElement("button");
        handler.setAttribute("onclick", "window.attacked = 1");
        document.body.append(inline, handler, uploaded);
        handler.click();
    })""")
    assert page.evaluate("window.attacked === undefined")
    assert {violation.split(":")[0] for violation in page.violations} >= {
        "script-src-elem",
        "script-src-attr",
    }
