"""Paths of routes: refused where no request can have them."""

from typing import Annotated, Any

import pytest

from rapide import APIRouter, Path, Rapide, WebSocket
from rapide.errors import MarkerError, RouteError
from rapide.fastapi import FastAPI
from rapide.testclient import TestClient


async def _read() -> None: ...


async def _serve(websocket: WebSocket) -> None: ...


async def _read_book(number: Annotated[int, Path()]) -> int:
    return number


def _declare(target: Any, kind: str, path: str) -> None:
    (target.get if kind == "http" else target.websocket)(path)(_read if kind == "http" else _serve)


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_path_without_a_slash_is_refused(kind: str) -> None:
    """No request has such a path; the error says where the function is and what to write."""
    with pytest.raises(RouteError) as caught:
        _declare(Rapide(), kind, "books")
    error = caught.value
    assert (error.code, error.function) == ("RAP204", "_read" if kind == "http" else "_serve")
    assert "'books'" in str(error)
    assert error.file == __file__


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_path_without_a_slash_is_declared_on_the_other_face(kind: str) -> None:
    """FastAPI takes it, and never finds it."""
    _declare(FastAPI(), kind, "books")


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_path_of_a_router_may_still_get_a_prefix(kind: str) -> None:
    """Whether it has its slash is known where the router is included."""
    router = APIRouter()
    _declare(router, kind, "books")
    app = Rapide()
    app.include_router(router, prefix="/v")
    assert app.routes[-1].path == "/vbooks"
    with pytest.raises(RouteError, match="RAP204"):
        app.include_router(router)


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_path_that_a_router_gets_later_is_refused_too(kind: str) -> None:
    """The routes of an included router are looked at whenever they are new."""
    app, router = Rapide(), APIRouter()
    app.include_router(router)
    _declare(router, kind, "books")
    with pytest.raises(RouteError, match="RAP204"):
        app.check()


def test_paths_of_webhooks_and_callbacks_are_other_paths() -> None:
    """A webhook has a name, a callback an expression: neither is asked for here."""
    app, callbacks = Rapide(), APIRouter()
    app.webhooks.post("new-book")(_read)
    callbacks.post("{$request.body.url}/done")(_read)
    app.post("/books", callbacks=callbacks.routes)(_read)
    assert list(app.openapi()["webhooks"]) == ["new-book"]


def test_path_parameter_without_a_place_is_refused_on_an_application() -> None:
    """Every request would be refused: nothing can come in front of an application's own path."""
    with pytest.raises(MarkerError) as caught:
        Rapide().get("/books")(_read_book)
    assert (caught.value.code, caught.value.parameter) == ("RAP116", "number")


def test_path_parameter_without_a_place_is_a_missing_value_on_the_other_face() -> None:
    """FastAPI takes it, and refuses every request."""
    app = FastAPI()
    app.get("/books")(_read_book)
    assert TestClient(app).get("/books").status_code == 422


def test_path_parameter_may_stand_in_the_prefix() -> None:
    """A router does not know it; the place where it is included does."""
    router = APIRouter()
    router.get("/read")(_read_book)
    app = Rapide()
    app.include_router(router, prefix="/books/{number}")
    assert TestClient(app).get("/books/7/read").json() == 7
    app.include_router(router, prefix="/readers")
    with pytest.raises(MarkerError, match="RAP116"):
        app.prepare()
