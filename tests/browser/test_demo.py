"""The demo as a stranger meets it: started by one command, tried in a real browser."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from driver import Page

pytestmark = [pytest.mark.browser, pytest.mark.server]

_SHOP = Path(__file__).parents[2] / "examples" / "shop"
_POST_PRODUCT = "#operations-products-create_product"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health/live", timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo on a free port, with a database of its own; gives its URL."""
    folder = tmp_path_factory.mktemp("demo")
    environment = os.environ | {
        "SHOP_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'shop.db'}",
        "SHOP_MAIL_FILE": str(folder / "mail.mbox"),
    }
    port = _free_port()
    command = [sys.executable, "-m", "rapide", "run", "--entrypoint", "shop.main:app"]
    place = ["--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen([*command, *place], cwd=_SHOP, env=environment) as server:
        url = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + 60
            while not _answers(url):
                assert server.poll() is None, "the demo ended by itself"
                assert time.monotonic() < deadline, "the demo does not answer"
                time.sleep(0.1)
            yield url
        finally:
            server.send_signal(signal.SIGTERM)
            assert server.wait(30) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _operations(demo: str) -> list[tuple[str, str, str]]:
    """Return (method, path, summary) of every operation of the document."""
    with urllib.request.urlopen(f"{demo}/openapi.json", timeout=10) as answer:
        document = json.load(answer)
    return [
        (method.upper(), path, operation["summary"])
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def _authorize(page: Page, name: str, password: str) -> None:
    """Log in through the dialog of Swagger UI, as somebody who tries the demo does."""
    page.click(".auth-wrapper .authorize")
    page.wait_for("document.querySelector('#oauth_username') !== null")
    page.fill("#oauth_username", name)
    page.fill("#oauth_password", password)
    page.click(".auth-container .modal-btn.authorize")
    page.wait_for_text("Logout", within=".modal-ux")
    page.click(".auth-container .btn-done")


def _executed(page: Page, operation: str) -> str:
    """Press "Try it out" and "Execute"; return what is shown."""
    page.wait_for(f"document.querySelector('{operation}') !== null")
    page.click(f"{operation} .opblock-summary-control")
    page.wait_for(f"document.querySelector('{operation} .try-out__btn') !== null")
    page.click(f"{operation} .try-out__btn")
    page.click(f"{operation} .execute")
    page.wait_for(f"document.querySelector('{operation} .live-responses-table') !== null")
    return page.text(f"{operation} .live-responses-table")


def test_protected_operation_is_called_after_logging_in(demo: str, page: Page) -> None:
    """A stranger gets 401; after "Authorize" with the printed login the same operation gives the orders."""
    page.goto(f"{demo}/docs")
    operation = "#operations-orders-list_orders"
    assert "401" in _executed(page, operation)
    _authorize(page, "staff@example.com", "two mugs of tea")
    page.click(f"{operation} .execute")
    page.wait_for_text("ada@example.com", within=f"{operation} .live-responses-table")
    assert page.hosts == {demo.removeprefix("http://")}
    assert page.violations == []


def test_post_is_tried_out_in_swagger_ui(demo: str, page: Page) -> None:
    """Pressing "Try it out" and "Execute" on a POST shows the created object, and asks no other host."""
    page.goto(f"{demo}/docs")
    page.wait_for(f"document.querySelector('{_POST_PRODUCT}') !== null")
    _authorize(page, "staff@example.com", "two mugs of tea")
    shown = _executed(page, _POST_PRODUCT)
    assert "201" in shown
    assert '"id"' in shown
    assert page.hosts == {demo.removeprefix("http://")}
    assert page.violations == []


def test_both_pages_show_every_operation(demo: str, page: Page) -> None:
    """Swagger UI and ReDoc list the operations of the document, all of them."""
    operations = _operations(demo)
    page.goto(f"{demo}/docs")
    page.wait_for(f"document.querySelectorAll('.opblock').length === {len(operations)}")
    swagger = page.text()
    page.goto(f"{demo}/redoc")
    page.wait_for_text("Operations")
    redoc = " ".join(page.text().split())
    for method, path, summary in operations:
        assert summary in swagger
        assert f"{method} {path}" in redoc
    assert page.hosts == {demo.removeprefix("http://")}
    assert page.violations == []
