"""What monitoring agents replace on Starlette's classes, and settings that they make on applications."""

import copy

import pytest
from starlette.applications import Starlette

from rapide.fastapi import FastAPI, WebSocket
from rapide.fastapi.testclient import TestClient


def make_app(**options):
    """Return an application with a route of each kind."""
    app = FastAPI(**options)

    @app.get("/")
    async def endpoint():
        return 1

    @app.websocket("/ws")
    async def live(websocket: WebSocket):
        await websocket.accept()
        await websocket.close()

    return app


@pytest.fixture
def calls(monkeypatch):
    """The connections that pass what stands in the place of `Starlette.__call__`."""
    seen = []
    original = Starlette.__call__

    async def replacement(self, scope, receive, send):
        seen.append((scope["type"], scope.get("path"), scope["app"] is self))
        await original(self, scope, receive, send)

    monkeypatch.setattr(Starlette, "__call__", replacement)
    return seen


def test_what_replaced_the_call_of_starlette_is_called(calls):
    """Every connection passes it: the life, requests and WebSockets, each once."""
    with TestClient(make_app()) as client:
        assert client.get("/").json() == 1
        assert client.get("/nowhere").status_code == 404
        with client.websocket_connect("/ws"):
            pass
    assert calls == [
        ("lifespan", None, True),
        ("http", "/", True),
        ("http", "/nowhere", True),
        ("websocket", "/ws", True),
    ]


def test_the_first_request_passes_it_without_a_life(calls):
    """A server with the lifespan turned off, or a test: nothing is missed."""
    client = TestClient(make_app())
    assert client.get("/").json() == 1
    assert client.get("/").json() == 1
    assert [path for _, path, _ in calls] == ["/", "/"]


def test_a_replacement_before_the_first_request_is_noticed(monkeypatch):
    """The application may have been made by then."""
    app = copy.copy(make_app())
    seen = []
    original = Starlette.__call__

    async def replacement(self, scope, receive, send):
        seen.append(scope["path"])
        await original(self, scope, receive, send)

    monkeypatch.setattr(Starlette, "__call__", replacement)
    assert TestClient(app).get("/").json() == 1
    assert seen == ["/"]


def test_the_telemetry_of_an_application_is_a_dict_that_agents_change():
    """`exclude` set later has its effect: an agent leaves its own requests to itself."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    config = {"tracer_provider": provider, "operation_spans": False}
    app = make_app(telemetry=config)
    assert app._telemetry["tracer_provider"] is provider
    assert app._telemetry["tracing"] is True
    client = TestClient(app)
    client.get("/")
    app._telemetry["exclude"] = lambda scope: scope["path"] == "/"
    client.get("/")
    client.get("/nowhere")
    assert [span.name for span in exporter.get_finished_spans()] == ["GET /", "GET"]
    assert "exclude" not in config
