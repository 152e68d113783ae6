"""Things of the connection: what a request and a WebSocket do not have in common."""

import inspect

import pytest

from rapide import Depends, Rapide, Request, WebSocket, fastapi
from rapide.errors import DeclarationError
from rapide.fastapi import FastAPI
from rapide.testclient import TestClient


def which(request: Request = None, websocket: WebSocket = None):
    """Tell what was passed: a dependency that both kinds of route share."""
    given = {"request": request, "websocket": websocket}
    return [name for name, value in given.items() if value is not None]


def whatever(**given):
    """Tell what was passed to a function whose signature a package has made."""
    return sorted(given)


_KEYWORDS = {"one": Request, "other": WebSocket}
whatever.__signature__ = inspect.Signature(
    [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation)
        for name, annotation in _KEYWORDS.items()
    ]
)


def make_app(face, dependency):
    """Return an application that uses a dependency in routes of both kinds."""
    app = face()

    @app.get("/")
    async def read(given=Depends(dependency)):
        return given

    @app.websocket("/ws")
    async def live(websocket: WebSocket, given=Depends(dependency)):
        await websocket.accept()
        await websocket.send_json(given)
        await websocket.close()

    return app


def answers(app):
    """Return what a request and a WebSocket are told."""
    client = TestClient(app)
    with client.websocket_connect("/ws") as socket:
        return client.get("/").json(), socket.receive_json()


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_a_shared_dependency_gets_what_there_is(face):
    """What the connection cannot be keeps its default."""
    assert answers(make_app(face, which)) == (["request"], ["websocket"])


def test_a_made_signature_without_defaults_gets_what_there_is():
    """FastAPI's face passes what there is, and leaves the rest to the function."""
    assert answers(make_app(FastAPI, whatever)) == (["one"], ["other"])


def test_without_a_default_it_is_refused_at_the_start():
    """Rapide's own face says so when the route is declared, and not with a 500."""
    with pytest.raises(DeclarationError) as caught:
        make_app(Rapide, whatever)
    assert (caught.value.code, caught.value.parameter) == ("RAP117", "other")


def test_the_interpreter_agrees(monkeypatch):
    """Where an agent replaced one of FastAPI's functions, the same is passed."""
    original = fastapi.routing.solve_dependencies

    async def replacement(**arguments):
        return await original(**arguments)

    monkeypatch.setattr(fastapi.routing, "solve_dependencies", replacement)
    assert answers(make_app(FastAPI, which)) == (["request"], ["websocket"])
    assert answers(make_app(FastAPI, whatever)) == (["one"], ["other"])


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_an_endpoint_may_have_a_default_too(face):
    """The other thing is not made."""
    app = face()

    @app.get("/")
    async def read(request: Request, websocket: WebSocket = None):
        return [request.url.path, websocket]

    assert TestClient(app).get("/").json() == ["/", None]
