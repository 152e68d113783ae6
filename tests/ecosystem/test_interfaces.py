"""Pages made in Python, below a path of an application, in a real browser."""

import pytest


@pytest.mark.package("gradio", "interfaces")
def test_gradio(environment, page):
    """In Chromium: fill in a form and read the answer; routes beside it."""
    with environment.serve("interfaces", MOUNTED="gradio", GRADIO_ANALYTICS_ENABLED="False") as program:
        assert program.get("/api").json() == "beside the pages"
        page.goto(f"{program.url}/pages/")
        page.fill("textarea", "Ada")
        page.click("button.primary")
        page.wait_for("[...document.querySelectorAll('textarea')].some((each) => each.value === 'Hello Ada')")


@pytest.mark.package("nicegui", "interfaces")
def test_nicegui(environment, page):
    """In Chromium: press a button, whose handler adds to the page over a WebSocket; routes beside it."""
    with environment.serve("interfaces", MOUNTED="nicegui") as program:
        assert program.get("/api").json() == "beside the pages"
        page.goto(f"{program.url}/pages/")
        page.click("button")
        page.wait_for_text("Hello Ada")


@pytest.mark.package("dash", "interfaces")
def test_dash(environment, page):
    """In Chromium: type, and a callback answers, through WSGIMiddleware; routes beside it."""
    with environment.serve("interfaces", MOUNTED="dash") as program:
        assert program.get("/api").json() == "beside the pages"
        page.goto(f"{program.url}/pages/")
        page.fill("#name", "Ada")
        page.wait_for_text("Hello Ada")
