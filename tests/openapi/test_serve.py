"""The document as it is kept and served."""

import json
import pickle
import threading
from typing import Any

import pytest
from starlette.requests import Request

from rapide import APIRouter, Rapide
from rapide.fastapi import FastAPI
from rapide.openapi.serve import OpenAPIDocument


class _Routes:
    def __init__(self) -> None:
        self.version = 0
        self.routes: list[Any] = []


class _App:
    """What `OpenAPIDocument` needs of an application; tells how often and on which thread it makes one."""

    root_path_in_servers = True

    def __init__(self) -> None:
        self.router = _Routes()
        self.webhooks = _Routes()
        self.routes: list[Any] = []
        self.made = 0
        self.threads: set[int] = set()
        self.document = OpenAPIDocument(self)

    @property
    def openapi_schema(self) -> dict[str, Any] | None:
        return self.document.schema

    @openapi_schema.setter
    def openapi_schema(self, document: dict[str, Any] | None) -> None:
        self.document.schema = document

    def make_openapi(self, routes: Any, webhooks: Any) -> dict[str, Any]:
        self.made += 1
        self.threads.add(threading.get_ident())
        return {"openapi": "3.1.0", "info": {"title": "T", "number": self.made}, "paths": {}}

    def openapi(self) -> dict[str, Any]:
        return self.document.current()


def _request(root_path: str = "") -> Request:
    return Request({"type": "http", "root_path": root_path, "headers": []})


def test_document_is_made_once() -> None:
    """Asking again gives the same object."""
    app = _App()
    assert app.openapi() is app.openapi()
    assert app.made == 1


@pytest.mark.parametrize("kind", ["router", "webhooks"])
def test_document_is_made_again_when_routes_were_added(kind: str) -> None:
    """Only a change of the routes makes a new one."""
    app = _App()
    app.openapi()
    getattr(app, kind).version += 1
    assert app.openapi()["info"]["number"] == 2
    assert app.openapi()["info"]["number"] == 2


def test_document_that_somebody_put_there_stays() -> None:
    """An application may keep a document of its own."""
    app = _App()
    app.openapi_schema = {"mine": True}
    app.router.version += 1
    assert app.openapi() == {"mine": True}
    assert app.made == 0


def test_document_is_made_again_when_it_was_thrown_away() -> None:
    """None in `openapi_schema` asks for a new one."""
    app = _App()
    app.openapi()
    app.openapi_schema = None
    assert app.openapi()["info"]["number"] == 2


def test_many_threads_make_one_document() -> None:
    """Whoever comes while it is made waits for it."""
    app = _App()
    barrier = threading.Barrier(8)
    seen: list[int] = []

    def ask() -> None:
        barrier.wait()
        seen.append(id(app.openapi()))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert app.made == 1
    assert len(set(seen)) == 1


@pytest.mark.anyio
async def test_document_is_made_off_the_event_loop() -> None:
    """The event loop's thread never makes it."""
    app = _App()
    content = await app.document.bytes_for(_request())
    assert json.loads(content)["info"] == {"title": "T", "number": 1}
    assert threading.get_ident() not in app.threads


@pytest.mark.anyio
async def test_bytes_are_kept_until_the_document_changes() -> None:
    """Equal requests get the same bytes object; a change in place, or of the routes, makes new ones."""
    app = _App()
    first = await app.document.bytes_for(_request())
    assert await app.document.bytes_for(_request()) is first
    app.openapi()["info"]["x-logo"] = "l"
    second = await app.document.bytes_for(_request())
    assert json.loads(second)["info"]["x-logo"] == "l"
    app.openapi()["paths"]["/new"] = {}
    third = await app.document.bytes_for(_request())
    assert json.loads(third)["paths"] == {"/new": {}}
    app.router.version += 1
    assert json.loads(await app.document.bytes_for(_request()))["info"]["number"] == 2


@pytest.mark.anyio
async def test_root_path_is_the_first_server() -> None:
    """It is added for the request alone, unless it is there already or not wanted."""
    app = _App()
    served = json.loads(await app.document.bytes_for(_request("/api/")))
    assert served["servers"] == [{"url": "/api"}]
    assert "servers" not in app.openapi()
    assert "servers" not in json.loads(await app.document.bytes_for(_request()))
    app.openapi()["servers"] = [{"url": "/api"}, {"url": "/b"}]
    assert json.loads(await app.document.bytes_for(_request("/api")))["servers"] == [
        {"url": "/api"},
        {"url": "/b"},
    ]
    app.root_path_in_servers = False
    assert "servers" in json.loads(await app.document.bytes_for(_request("/other")))


@pytest.mark.anyio
async def test_what_is_kept_does_not_grow_with_root_paths() -> None:
    """Clients that can choose the root path cannot fill the memory."""
    app = _App()
    for number in range(200):
        await app.document.bytes_for(_request(f"/{number}"))
    assert len(app.document._kept) <= 16


def test_applications_with_a_document_can_be_pickled() -> None:
    """What is kept stays behind."""
    document = OpenAPIDocument("app")
    assert pickle.loads(pickle.dumps(document))._app == "app"


def test_late_routes_appear_in_the_document() -> None:
    """Routes added to an included router after the document was made make a new one."""
    app = Rapide()
    router = APIRouter()
    app.include_router(router, prefix="/r")
    assert app.openapi()["paths"] == {}

    @router.get("/late")
    def late() -> int: ...

    assert list(app.openapi()["paths"]) == ["/r/late"]


def _many() -> Rapide:
    app = Rapide(title="Many")
    for number in range(3):
        app.add_api_route(f"/{number}", _endpoint, name=f"n{number}")
    return app


async def _endpoint(value: int) -> int: ...


@pytest.mark.anyio
@pytest.mark.parametrize("make", [_many, FastAPI], ids=["rapide", "fastapi"])
async def test_written_document_is_the_one_that_is_returned(make: Any) -> None:
    """Clients get what `openapi()` returns, whichever is asked for first."""
    app = make()
    written = await app._document.bytes_for(_request("/api"))
    assert await app._document.bytes_for(_request("/api")) is written
    assert app._document._schema is None
    shown = {**app.openapi(), "servers": [{"url": "/api"}]}
    assert json.loads(written) == shown
    assert json.loads(await app._document.bytes_for(_request("/api"))) == shown


@pytest.mark.anyio
async def test_written_document_follows_the_routes() -> None:
    """What is written is written again when routes were added."""
    app = _many()
    first = json.loads(await app._document.bytes_for(_request()))
    app.add_api_route("/late", _endpoint)
    second = json.loads(await app._document.bytes_for(_request()))
    assert second["paths"].keys() - first["paths"].keys() == {"/late"}


@pytest.mark.anyio
async def test_served_document_can_be_looked_at() -> None:
    """The attribute holds the document once it was served."""
    app = _many()
    assert app.openapi_schema is None
    await app._document.bytes_for(_request())
    assert app.openapi_schema is app.openapi()
    app.openapi_schema = None
    assert app.openapi_schema is None


@pytest.mark.anyio
async def test_subclass_that_makes_documents_is_asked() -> None:
    """Whoever overrides `make_openapi` decides what is served."""

    class Own(Rapide):
        def make_openapi(self, routes: Any, webhooks: Any) -> dict[str, Any]:
            return {**super().make_openapi(routes, webhooks), "x-own": True}

    assert json.loads(await Own()._document.bytes_for(_request()))["x-own"] is True


@pytest.mark.anyio
async def test_other_threads_get_their_turn() -> None:
    """While a long document is written, nothing holds the interpreter for long: it gives way very often."""
    turns = 0

    def count(seconds: float) -> None:
        nonlocal turns
        turns += 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rapide.openapi.serve.sleep", count)
        patch.setattr("rapide.openapi.serve._SLICE", 0.0)
        await _many()._document.bytes_for(_request())
    assert turns > 20
