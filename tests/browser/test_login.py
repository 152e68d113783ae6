"""Swagger UI's "Authorize" against the flows of `rapide.auth`: with a password, and with a code and PKCE."""

import secrets
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from driver import Browser, Page
from serving import serve

import rapide
from rapide.auth import (
    Account,
    Claims,
    Client,
    CodeFlow,
    MemoryStore,
    PasswordFlow,
    Passwords,
    RefreshTokens,
    Token,
    Tokens,
)

pytestmark = pytest.mark.browser

_ACCOUNTS = {"ann": Account(subject="ann-1", password_hash=Passwords().hash_sync("correct horse"))}
_OPERATION = "#operations-default-read_me"


def _application(make_flow: Callable[[Tokens], Any]) -> tuple[rapide.Rapide, Any]:
    tokens = Tokens(secrets.token_urlsafe(32), issuer="https://api.example.com", audience="shop")
    flow = make_flow(tokens)
    oauth = {"clientId": "docs", "usePkceWithAuthorizationCodeGrant": True}
    app = rapide.Rapide(auth=Token(tokens), swagger_ui_init_oauth=oauth)
    app.include_router(flow.router)

    @app.get("/me")
    async def read_me(user: Annotated[Claims, Token(tokens)]) -> dict[str, str]:
        return {"id": user.sub}

    return app, flow


def _execute(page: Page) -> None:
    """Press "Try it out" and "Execute"."""
    page.click(f"{_OPERATION} .opblock-summary-control")
    page.wait_for(f"document.querySelector('{_OPERATION} .try-out__btn') !== null")
    page.click(f"{_OPERATION} .try-out__btn")
    page.click(f"{_OPERATION} .execute")


def test_a_password_opens_a_protected_operation(page: Page) -> None:
    """Before the dialog 401, after it the operation answers."""
    app, _ = _application(
        lambda tokens: PasswordFlow(tokens, find_account=_ACCOUNTS.get, refresh=RefreshTokens(MemoryStore()))
    )
    with serve(app) as url:
        page.goto(f"{url}/docs")
        page.wait_for(f"document.querySelector('{_OPERATION}') !== null")
        _execute(page)
        page.wait_for_text("401", within=f"{_OPERATION} .live-responses-table")
        page.click(".auth-wrapper .authorize")
        page.wait_for("document.querySelector('#oauth_username') !== null")
        page.fill("#oauth_username", "ann")
        page.fill("#oauth_password", "correct horse")
        page.click(".auth-container .modal-btn.authorize")
        page.wait_for_text("Logout", within=".modal-ux")
        page.click(".auth-container .btn-done")
        page.click(f"{_OPERATION} .execute")
        page.wait_for_text("ann-1", within=f"{_OPERATION} .live-responses-table")
        assert page.violations == []


def test_a_code_opens_a_protected_operation(browser: Browser, page: Page) -> None:
    """The popup shows our page, the user logs in there, and the documentation gets a token for the code."""
    app, flow = _application(
        lambda tokens: CodeFlow(
            tokens,
            find_account=_ACCOUNTS.get,
            clients={},
            store=MemoryStore(),
            refresh=RefreshTokens(MemoryStore()),
        )
    )
    with serve(app) as url:
        flow._clients["docs"] = Client(redirect_uris=(f"{url}/docs/oauth2-redirect",))
        page.goto(f"{url}/docs")
        page.wait_for(f"document.querySelector('{_OPERATION}') !== null")
        page.click(".auth-wrapper .authorize")
        page.wait_for("document.querySelector('.auth-btn-wrapper .authorize') !== null")
        page.click(".auth-btn-wrapper .authorize")
        popup = browser.pages[-1]
        assert popup is not page
        popup.wait_for("document.querySelector('input[name=password]') !== null")
        popup.fill("input[name=username]", "ann")
        popup.fill("input[name=password]", "wrong")
        popup.click("button")
        popup.wait_for("document.querySelector('[role=alert]') !== null")
        popup.fill("input[name=username]", "ann")
        popup.fill("input[name=password]", "correct horse")
        popup.click("button")
        page.wait_for_text("Logout", within=".modal-ux")
        page.click(".auth-container .btn-done")
        _execute(page)
        page.wait_for_text("ann-1", within=f"{_OPERATION} .live-responses-table")
        assert page.violations == []
