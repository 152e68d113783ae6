"""Telemetry of routes that do not run a generated handler, or not their own."""

import pytest
from starlette.middleware.gzip import GZipMiddleware

import rapide.fastapi.routing as module
from rapide import APIRouter, Depends, Rapide, Request
from rapide.fastapi import FastAPI
from rapide.fastapi import WebSocket as FastAPIWebSocket
from rapide.routing import APIRoute
from rapide.telemetry import get_telemetry_data
from rapide.testclient import TestClient

_OPERATIONS = ["dependencies", "endpoint", "serialization"]


def operations(records):
    """Return the operations that were recorded."""
    return [name.partition(".")[2] for name in records.names if "." in name]


class Timed(APIRoute):
    """A route class with a handler of its own around the standard one."""

    def get_route_handler(self):
        """Add a header."""
        standard = super().get_route_handler()

        async def handle(request: Request):
            response = await standard(request)
            response.headers["x-timed"] = "1"
            return response

        return handle


@pytest.fixture
def custom(records):
    """An application with a route of its own class."""
    app = Rapide(telemetry=records.config)
    router = APIRouter(route_class=Timed)

    @router.post("/orders/{n}")
    def endpoint(n: int, order: dict, data: list[str] = Depends(lambda: ["d"])):
        found = get_telemetry_data()
        return {"values": sorted(found.values), "body": found.body}

    app.include_router(router)
    return app


def test_route_classes_with_handlers_of_their_own_are_recorded(custom, records):
    """Route, operations and data are there as for all others."""
    response = TestClient(custom).post("/orders/1", json={"a": 1})
    assert response.headers["x-timed"] == "1"
    assert response.json() == {"values": ["data", "n", "order"], "body": {"a": 1}}
    assert operations(records) == _OPERATIONS
    assert records.server.name == "POST /orders/{n}"


@pytest.mark.parametrize("body", [b'{"a": 1}', b"{"])
def test_their_failed_validations_are_logged(custom, records, body):
    """Bad values and bad JSON alike."""
    client = TestClient(custom)
    assert (
        client.post("/orders/x", content=body, headers={"content-type": "application/json"}).status_code
        == 422
    )
    assert [record.event_name for record in records.logs] == ["rapide.validation.failed"]


def test_overridden_dependencies_are_recorded(records):
    """A handler for replaced dependencies reports too."""
    app = Rapide(telemetry=records.config)

    def original():
        return "original"

    app.get("/")(lambda value=Depends(original): value)
    app.dependency_overrides[original] = lambda: "replaced"
    assert TestClient(app).get("/").json() == "replaced"
    assert operations(records) == _OPERATIONS


def test_applications_behind_layers_are_part_of_the_request(records):
    """A mounted application is found through the layers around it."""
    outer, inner = Rapide(telemetry=records.config), Rapide()
    inner.get("/items/{n}")(lambda n: n)
    outer.mount("/sub", GZipMiddleware(inner))
    assert TestClient(outer).get("/sub/items/1").json() == "1"
    assert operations(records) == _OPERATIONS
    assert records.server.name == "GET /sub/items/{n}"


def test_an_application_that_is_recorded_elsewhere_works_by_itself(records):
    """The handlers that report find nobody to report to when the application is served alone."""
    outer, inner = Rapide(telemetry=records.config), Rapide()

    @inner.get("/items/{n}")
    async def endpoint(n: int):
        return get_telemetry_data() is None

    outer.mount("/sub", inner)
    assert TestClient(outer).get("/sub/items/1").json() is False
    records.clear()
    assert TestClient(inner).get("/items/1").json() is True
    assert TestClient(inner).get("/items/x").status_code == 422
    assert (records.spans, records.logs) == ([], [])


def test_mounted_routers_are_part_of_the_request(records):
    """A router is an application, too."""
    app, router = Rapide(telemetry=records.config), APIRouter()
    router.get("/items/{n}")(lambda n: n)
    app.mount("/sub", router)
    TestClient(app).get("/sub/items/1")
    assert operations(records) == _OPERATIONS


@pytest.fixture
def replaced(monkeypatch):
    """Something else in the place of two functions that third parties replace."""
    solve, run = module.solve_dependencies, module.run_endpoint_function
    calls = []

    async def solving(**options):
        calls.append("solve")
        return await solve(**options)

    async def running(**options):
        calls.append("run")
        return await run(**options)

    monkeypatch.setattr(module, "solve_dependencies", solving)
    monkeypatch.setattr(module, "run_endpoint_function", running)
    return calls


def test_requests_whose_functions_were_replaced_are_recorded(records, replaced):
    """The steps that somebody put himself around have their spans."""
    app = FastAPI(telemetry=records.config)

    @app.post("/{n}")
    async def endpoint(n: int, order: dict):
        found = get_telemetry_data()
        return {"values": found.values, "body": found.body}

    client = TestClient(app)
    assert client.post("/1", json={"a": 1}).json() == {
        "values": {"n": 1, "order": {"a": 1}},
        "body": {"a": 1},
    }
    assert replaced == ["solve", "run"]
    assert operations(records) == _OPERATIONS
    client.post("/x", json={"a": 1})
    assert [record.event_name for record in records.logs] == ["fastapi.validation.failed"]


def test_sockets_whose_functions_were_replaced_are_recorded(records, replaced):
    """The same for WebSockets."""
    app = FastAPI(telemetry=records.config)

    @app.websocket("/{n}")
    async def endpoint(websocket: FastAPIWebSocket, n: int):
        await websocket.accept()
        await websocket.send_json(get_telemetry_data().values["n"])
        await websocket.close()

    with TestClient(app).websocket_connect("/1") as session:
        assert session.receive_json() == 1
    assert replaced == ["solve"]
    assert operations(records) == ["dependencies", "endpoint"]
