"""Applications travel to other processes (compatibility 13.4.8)."""

import copy
import pickle
from typing import Annotated

import cloudpickle
import pytest
from pydantic import BaseModel

from rapide.fastapi import APIRouter, Depends, FastAPI, Header, WebSocket
from rapide.fastapi.dependencies.models import Dependant
from rapide.fastapi.dependencies.utils import get_dependant
from rapide.fastapi.routing import APIRoute
from rapide.fastapi.testclient import TestClient


def make_app():
    """Return an application with what can be pickled by value alone: functions and models made here."""

    class Item(BaseModel):
        name: str

    def user(token: Annotated[str, Header()] = "nobody"):
        return token

    app, router = FastAPI(title="Travelling"), APIRouter(tags=["t"])

    @app.post("/items")
    def create(item: Item, who: Annotated[str, Depends(user)]) -> Item:
        return Item(name=f"{item.name} {who}")

    @router.websocket("/ws")
    async def talk(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_text("hi")
        await websocket.close()

    router.get("/included/{n}")(lambda n: n)
    app.include_router(router, prefix="/p")
    app.mount("/m", FastAPI())
    app.extra_attribute = {"kept": 1}
    return app


def check(app):
    """Assert that an application works in all its parts."""
    client = TestClient(app)
    assert client.post("/items", json={"name": "x"}, headers={"token": "me"}).json() == {"name": "x me"}
    assert client.post("/items", json={}).status_code == 422
    assert client.get("/p/included/3").json() == "3"
    with client.websocket_connect("/p/ws") as session:
        assert session.receive_text() == "hi"
    assert client.get("/openapi.json").json()["info"]["title"] == "Travelling"
    assert app.extra_attribute == {"kept": 1}


@pytest.mark.parametrize("used", [False, True])
def test_application_survives_cloudpickle(used):
    """Before its first request, and after."""
    app = make_app()
    if used:
        check(app)
    check(cloudpickle.loads(cloudpickle.dumps(app)))
    check(app)


def test_application_can_be_changed_after_its_journey():
    """The copy is an application of its own: routes are added, routers are live, changes are seen."""
    app = cloudpickle.loads(cloudpickle.dumps(make_app()))
    check(app)
    app.get("/late")(lambda: "late")
    app.routes[-1].dependant.call = lambda: "changed"
    client = TestClient(app)
    assert client.get("/late").json() == "changed"


def test_change_of_a_dependant_travels():
    """What was put into a dependant is there in the other process."""
    app = FastAPI()
    app.get("/a")(lambda: "a")
    app.routes[-1].dependant.call = lambda: "changed"
    copied = cloudpickle.loads(cloudpickle.dumps(app))
    client = TestClient(copied)
    assert client.get("/a").json() == "changed"
    copied.routes[-1].dependant.call = lambda: "changed again"
    assert client.get("/a").json() == "changed again"


def test_dependant_can_be_copied_and_pickled():
    """A copy has the fields, is equal, and is nobody's."""
    dependant = get_dependant(path="/a", call=make_app)
    for copied in (copy.copy(dependant), pickle.loads(pickle.dumps(dependant)), copy.deepcopy(dependant)):
        assert copied == dependant
        assert type(copied.dependencies) is list
        copied.name = "other"
        assert dependant.name is None


def test_deep_copy_of_a_router_is_independent():
    """Versioning tools copy whole routers and change the copies."""
    router = APIRouter()
    router.get("/a")(lambda: "a")
    copied = copy.deepcopy(router)
    copied.routes[0].dependant.call = lambda: "changed"
    app = FastAPI()
    app.router.routes.extend([*copied.routes, APIRoute("/b", lambda: "b")])
    assert TestClient(app).get("/a").json() == "changed"
    other = FastAPI()
    other.include_router(router)
    assert TestClient(other).get("/a").json() == "a"
    assert isinstance(router.routes[0].dependant, Dependant)
