"""A frontend with every kind of file, and a client that sends paths as they are."""

import json
from types import SimpleNamespace

import anyio
import pytest

from rapide import Rapide


class Asked:
    """An application and a way to ask it: no client in between tidies the path."""

    def __init__(self, app):
        self.app = app

    def __call__(self, path, method="GET", *, query=b"", root_path="", **headers):
        """Return status, headers, body; header names are written with underscores, in any case."""
        sent = []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "method": method,
            "scheme": "http",
            "path": path,
            "query_string": query,
            "root_path": root_path,
            "headers": [
                (name.lower().replace("_", "-").encode(), value.encode()) for name, value in headers.items()
            ],
            "server": ("testserver", 80),
        }

        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            sent.append(message)

        anyio.run(self.app, scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        answer = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        problem = json.loads(body) if answer.get("content-type") == "application/problem+json" else None
        return SimpleNamespace(status=sent[0]["status"], headers=answer, body=body, problem=problem)


@pytest.fixture
def outside(tmp_path):
    """A file and a directory beside the frontend's directory."""
    (tmp_path / "secret.txt").write_text("SECRET")
    (tmp_path / "spa-private").mkdir()
    (tmp_path / "spa-private" / "key.txt").write_text("SECRET")
    return tmp_path


@pytest.fixture
def spa(outside):
    """A built single-page application."""
    folder = outside / "spa"
    for name, text in {
        "index.html": "INDEX",
        "app.js": "script",
        "empty.css": "",
        "guide/index.html": "GUIDE",
        "a b%?#.txt": "odd",
        "a b%?/index.html": "ODD",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def app(spa):
    """An application with the frontend at its root."""
    application = Rapide(docs_url=None, redoc_url=None, openapi_url=None)
    application.frontend("/", directory=spa)
    return application


@pytest.fixture
def asking():
    """Return a way to ask any application."""
    return Asked


@pytest.fixture
def ask(app):
    """Ask the application."""
    return Asked(app)
