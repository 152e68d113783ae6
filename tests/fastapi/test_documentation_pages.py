"""The functions of `fastapi.applications` that make the documentation pages (compatibility 13.2)."""

import pytest

from rapide.fastapi import FastAPI, applications
from rapide.fastapi.responses import HTMLResponse
from rapide.fastapi.testclient import TestClient

PAGES = [
    ("get_swagger_ui_html", "/docs"),
    ("get_redoc_html", "/redoc"),
    ("get_swagger_ui_oauth2_redirect_html", "/docs/oauth2-redirect"),
]


@pytest.mark.parametrize(("function", "path"), PAGES)
def test_replaced_function_makes_the_page_of_applications_that_exist(monkeypatch, function, path):
    """A package that serves the pages' files itself replaces the functions whenever it is imported."""
    client = TestClient(FastAPI())
    before = client.get(path).text
    monkeypatch.setattr(applications, function, lambda **arguments: HTMLResponse("mine"))
    assert client.get(path).text == "mine"
    monkeypatch.undo()
    assert client.get(path).text == before


@pytest.mark.parametrize(("function", "path"), PAGES[:2])
def test_replaced_function_gets_fastapis_arguments(monkeypatch, function, path):
    """By name, with the root path in front of what the browser fetches."""
    seen = {}
    original = getattr(applications, function)

    def replaced(**arguments):
        seen.update(arguments)
        return original(**arguments)

    monkeypatch.setattr(applications, function, replaced)
    TestClient(FastAPI(title="Shop"), root_path="/api").get(path)
    expected = {
        "get_swagger_ui_html": {
            "openapi_url": "/api/openapi.json",
            "title": "Shop - Swagger UI",
            "oauth2_redirect_url": "/api/docs/oauth2-redirect",
            "init_oauth": None,
            "swagger_ui_parameters": None,
        },
        "get_redoc_html": {"openapi_url": "/api/openapi.json", "title": "Shop - ReDoc"},
    }
    assert seen == expected[function]
