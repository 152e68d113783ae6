"""The document as it is kept and served."""

import json
import pickle
import threading
from typing import Any

import pytest
from starlette.requests import Request

from rapide import APIRouter, Rapide
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
        self.openapi_schema: dict[str, Any] | None = None
        self.made = 0
        self.threads: set[int] = set()
        self.document = OpenAPIDocument(self)

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
