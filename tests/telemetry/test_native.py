"""Telemetry on the native face: the same signals under Rapide's own name."""

import pytest
from starlette.responses import PlainTextResponse

from rapide import BackgroundTasks, Depends, HTTPException, Rapide, WebSocket
from rapide.testclient import TestClient


@pytest.fixture
def app(records):
    """An application with two layers of middleware and routes that end in all ways."""
    app = Rapide(telemetry=records.config)

    @app.middleware("http")
    async def layer(request, call_next):
        response = await call_next(request)
        response.headers["x-layer"] = "passed"
        return response

    @app.get("/items/{item_id}")
    def read(item_id: int, tasks: BackgroundTasks):
        tasks.add_task(lambda: None)
        return {"id": item_id}

    @app.get("/broken")
    async def broken():
        raise ValueError("broken")

    @app.get("/wrong", response_model=int)
    async def wrong():
        return "canary-9"

    @app.get("/moved/")
    async def moved():
        return 1

    @app.websocket("/ws/{n}")
    async def socket(websocket: WebSocket, n: int):
        await websocket.accept()
        raise ValueError("socket")

    return app


def get(app, path, method="GET"):
    """Return the response to a request."""
    return TestClient(app, raise_server_exceptions=False).request(method, path, follow_redirects=False)


def test_names_begin_with_rapide(app, records):
    """Scope, operations and their version are Rapide's own."""
    assert get(app, "/items/1").headers["x-layer"] == "passed"
    assert records.names == [
        "rapide.dependencies",
        "rapide.endpoint",
        "rapide.serialization",
        "GET /items/{item_id}",
        "rapide.background_task",
    ]
    assert {span.instrumentation_scope.name for span in records.spans} == {"rapide"}


def test_failed_validations_are_events_of_rapide(app, records):
    """Event and attribute have the prefix of the scope."""
    assert get(app, "/items/x").status_code == 422
    (record,) = records.logs
    assert record.event_name == "rapide.validation.failed"
    assert record.attributes["rapide.validation.error_count"] == 1


def test_exceptions_that_are_answered_inside_the_middleware_are_recorded(app, records):
    """The answer passes the application's middleware, and still the request has failed, once."""
    response = get(app, "/broken")
    assert (response.status_code, response.headers["x-layer"]) == (500, "passed")
    assert records.attributes["error.type"] == "ValueError"
    (record,) = records.logs
    assert (record.event_name, record.body) == (
        "http.server.request.exception",
        "Unhandled exception in Rapide request",
    )


def test_exceptions_of_the_middleware_itself_are_recorded(records):
    """What breaks outside of the routes reaches the outermost layer."""
    app = Rapide(telemetry=records.config)

    @app.middleware("http")
    async def layer(request, call_next):
        raise LookupError("layer")

    assert get(app, "/").status_code == 500
    assert records.attributes["error.type"] == "LookupError"
    assert [record.attributes["exception.type"] for record in records.logs] == ["LookupError"]


def test_logs_do_not_quote_values_that_do_not_fit_the_response_model(app, records):
    """The text of a validation error holds the values; the log says how many, and where."""
    get(app, "/wrong")
    (record,) = records.logs
    assert record.attributes["exception.type"] == "rapide.exceptions.ResponseValidationError"
    assert record.attributes["exception.message"] == "1 validation error: GET /wrong"
    assert "canary-9" not in str(dict(record.attributes))


def test_both_forms_of_a_path_have_one_route(app, records):
    """A path that differs by its last slash is served by the route that is there."""
    assert get(app, "/moved").status_code == 200
    assert records.server.name == "GET /moved/"


def test_automatic_methods_belong_to_the_route(app, records):
    """HEAD runs the route of GET; a refused method is a request for the route whose path fits."""
    assert get(app, "/items/1", "HEAD").status_code == 200
    assert records.server.name == "HEAD /items/{item_id}"
    records.clear()
    assert get(app, "/items/1", "DELETE").status_code == 405
    assert records.server.name == "DELETE /items/{item_id}"


def test_websockets_fail_under_rapides_name(app, records):
    """The event of a WebSocket's exception."""
    with pytest.raises(ValueError, match="socket"), TestClient(app).websocket_connect("/ws/1") as session:
        session.receive_text()
    (record,) = records.logs
    assert record.event_name == "rapide.websocket.exception"
    assert records.server.name == "WS /ws/{n}"


def test_dependencies_span_exceptions_are_told_apart(records):
    """Dependencies that refuse are answers; a problem document is no failure."""
    app = Rapide(telemetry=records.config)

    def refuse():
        raise HTTPException(403)

    app.get("/")(lambda value=Depends(refuse): 1)
    assert get(app, "/").status_code == 403
    assert records.operation("dependencies").status.status_code.name == "UNSET"


def test_data_of_a_request_before_its_body_is_read(records):
    """Dependencies that need no body run before it is read, and belong to the operation all the same."""
    from rapide.telemetry import get_telemetry_data

    app, seen = Rapide(telemetry=records.config), []

    def early():
        seen.append(get_telemetry_data().body)

    def late(order: dict):
        seen.append(get_telemetry_data().body)

    @app.post("/")
    async def endpoint(order: dict, a=Depends(early), b=Depends(late)):
        seen.append(get_telemetry_data().body)

    assert TestClient(app).post("/", json={"x": 1}).status_code == 200
    assert seen == [None, {"x": 1}, {"x": 1}]
    assert records.operation("endpoint").start_time >= records.operation("dependencies").end_time


def test_the_environment_switch_is_rapides_own(monkeypatch):
    """RAPIDE_OTEL_AUTO_CONFIGURE here, FASTAPI_OTEL_AUTO_CONFIGURE on the other face."""
    from rapide.telemetry.config import NAMES, Settings

    monkeypatch.setenv("RAPIDE_OTEL_AUTO_CONFIGURE", "true")
    assert Settings.of(None, NAMES["rapide"]).auto_configure is True
    assert Settings.of(None, NAMES["fastapi"]).auto_configure is False
    assert Settings.of({"auto_configure": False}, NAMES["rapide"]).auto_configure is False


def test_plain_responses_of_exception_handlers_are_recorded(records):
    """What a handler of the application answers with 500 is an error by its status only."""
    app = Rapide(telemetry=records.config)

    @app.exception_handler(KeyError)
    async def answer(request, error):
        return PlainTextResponse("mine", 500)

    @app.get("/")
    async def endpoint():
        raise KeyError("k")

    assert get(app, "/").text == "mine"
    assert records.attributes["error.type"] == "500"
    assert records.logs == []
