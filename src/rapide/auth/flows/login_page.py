"""The page on which a user logs in: plain HTML, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

from rapide.docs.markup import escape_attribute, escape_text, page

__all__ = ["PAGE_HEADERS", "error_page", "login_page"]

PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HEAD = '<meta name="viewport" content="width=device-width, initial-scale=1">'


def login_page(title: str, fields: Mapping[str, str], *, failed: bool, target: str) -> HTMLResponse:
    """Return the page with a form that holds what the client has asked for.

    Args:
        title: What the page calls the application.
        fields: What the client has asked for, by name.
        failed: Whether name or password were wrong just now.
        target: Where the user is sent afterwards, which the policy of the page must allow.
    """
    hidden = "".join(
        f'<input type="hidden" name="{escape_attribute(name)}" value="{escape_attribute(value)}">'
        for name, value in fields.items()
    )
    complaint = '<p role="alert">The user name or the password is wrong.</p>' if failed else ""
    body = (
        f"<main><h1>{escape_text(title)}</h1>{complaint}"
        f'<form method="post">{hidden}'
        '<p><label>User name <input name="username" autocomplete="username" required autofocus></label></p>'
        '<p><label>Password <input name="password" type="password" autocomplete="current-password" required>'
        '</label></p><p><button type="submit">Log in</button></p></form></main>'
    )
    parts = urlsplit(target)
    source = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
    # 400 after a wrong password: a browser then does not offer to keep it.
    return _respond(title, body, 400 if failed else 200, form_action=f"'self' {source}")


def error_page(message: str, status: int) -> HTMLResponse:
    """Return a page that says what is wrong, to a user who cannot be sent back to his application."""
    return _respond("Log in", f"<main><p>{escape_text(message)}</p></main>", status, form_action="'none'")


def _respond(title: str, body: str, status: int, *, form_action: str) -> HTMLResponse:
    policy = f"default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action {form_action}"
    headers = {
        **PAGE_HEADERS,
        "Content-Security-Policy": policy,
        # Documentation pages open it in a popup, whose end reports to the page that opened it.
        "Cross-Origin-Opener-Policy": "unsafe-none",
    }
    return HTMLResponse(page(title=title, head=_HEAD, body=body), status, headers)
