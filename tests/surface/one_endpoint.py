"""An application with a single endpoint, and a short form of its validation errors."""

from collections.abc import Callable
from typing import Any

from surface_target import FastAPI, TestClient

Error = tuple[str, list[str | int], Any]


def client_for(endpoint: Callable[..., Any], **app_options: Any) -> Any:
    """Register `endpoint` for POST /x and return a client."""
    app = FastAPI(**app_options)
    app.post("/x")(endpoint)
    return TestClient(app)


def taking(annotation: Any, *default: Any, **app_options: Any) -> Any:
    """Return a client for an endpoint that returns its one parameter `p`, declared as given."""

    def endpoint(p: Any) -> Any:
        return p

    endpoint.__annotations__ = {"p": annotation}
    endpoint.__defaults__ = default
    return client_for(endpoint, **app_options)


def errors_of(response: Any) -> list[Error]:
    """Return type, place and input of each error of a 422."""
    assert response.status_code == 422
    return [(error["type"], error["loc"], error["input"]) for error in response.json()["detail"]]
