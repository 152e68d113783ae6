"""Sections 5.3 and 5.10 of the surface document: injected objects, and forms without the form parser."""

import logging
import sys
import types

import pytest
from surface_target import (
    BackgroundTasks,
    Depends,
    FastAPI,
    File,
    Form,
    HTTPConnection,
    Request,
    Response,
    SecurityScopes,
    TestClient,
    UploadFile,
    WebSocket,
)


def test_injected_objects_are_shared_by_the_whole_graph():
    """5.10: endpoint and dependencies get the same request, response and task list."""

    def dependency(request: Request, response: Response, tasks: BackgroundTasks, connection: HTTPConnection):
        return [request, response, tasks, connection]

    app = FastAPI()

    @app.get("/x")
    def endpoint(
        request: Request,
        response: Response,
        tasks: BackgroundTasks,
        connection: HTTPConnection,
        theirs=Depends(dependency),
    ):
        mine = [request, response, tasks, connection]
        return [*[a is b for a, b in zip(mine, theirs, strict=True)], connection is request]

    assert TestClient(app).get("/x").json() == [True] * 5


def test_injected_response_is_fresh_per_request():
    """5.10: each request has its own response object, without a status."""
    app, seen = FastAPI(), []

    @app.get("/x")
    def endpoint(response: Response):
        seen.append(response)
        response.headers["x-count"] = str(len(response.headers.getlist("x-count")) + 1)
        return response.status_code

    client = TestClient(app)
    answers = [client.get("/x") for _ in range(2)]
    assert [(answer.json(), answer.headers["x-count"]) for answer in answers] == [(None, "1"), (None, "1")]
    assert seen[0] is not seen[1]


def test_connection_is_injected_for_http_and_websocket():
    """5.10: `HTTPConnection` works for both; a dependency that asks for it serves both."""

    def dependency(connection: HTTPConnection):
        return [type(connection).__name__, connection.headers["host"], connection.url.path]

    app = FastAPI()

    @app.get("/http")
    def over_http(value=Depends(dependency)):
        return value

    @app.websocket("/ws")
    async def over_websocket(websocket: WebSocket, connection: HTTPConnection, value=Depends(dependency)):
        await websocket.accept()
        await websocket.send_json([*value, connection is websocket])
        await websocket.close()

    client = TestClient(app)
    assert client.get("/http").json() == ["Request", "testserver", "/http"]
    with client.websocket_connect("/ws") as session:
        assert session.receive_json() == ["WebSocket", "testserver", "/ws", True]


def test_scopes_are_injected_empty_without_security():
    """5.10: `SecurityScopes` without any scopes is empty."""
    app = FastAPI()

    @app.get("/x")
    def endpoint(scopes: SecurityScopes):
        return [scopes.scopes, scopes.scope_str]

    assert TestClient(app).get("/x").json() == [[], ""]


def test_request_reads_everything():
    """5.10: the injected request is a full Starlette request."""
    app = FastAPI()

    @app.post("/x/{n}")
    async def endpoint(request: Request):
        return [
            request.method,
            request.path_params,
            request.query_params.multi_items(),
            request.cookies,
            request.headers["x-y"],
            await request.json(),
            request.client.host,
        ]

    response = TestClient(app).post("/x/7?a=1&a=2", json={"k": 1}, headers={"x-y": "z", "cookie": "c=d"})
    assert response.json() == [
        "POST",
        {"n": "7"},
        [["a", "1"], ["a", "2"]],
        {"c": "d"},
        "z",
        {"k": 1},
        "testclient",
    ]


@pytest.mark.parametrize(
    ("annotation", "default"),
    [(str, Form()), (bytes, File()), (UploadFile, ...), (list[UploadFile], File())],
    ids=str,
)
def test_forms_need_the_form_parser(annotation, default, monkeypatch, caplog):
    """5.3.4: without python-multipart a form or file parameter is refused at registration, and logged."""
    monkeypatch.setitem(sys.modules, "python_multipart", None)
    monkeypatch.setitem(sys.modules, "multipart", None)

    def endpoint(p: annotation = default):
        return None

    with caplog.at_level(logging.ERROR), pytest.raises(RuntimeError, match="pip install python-multipart"):
        FastAPI().post("/x")(endpoint)
    assert [(record.name, record.levelname) for record in caplog.records] == [("fastapi", "ERROR")]


def test_wrong_form_parser_has_its_own_message(monkeypatch, caplog):
    """5.3.4: the package `multipart` in place of python-multipart gets another text."""
    wrong = types.ModuleType("multipart")
    wrong.__version__ = "1.0"
    monkeypatch.setitem(sys.modules, "python_multipart", None)
    monkeypatch.setitem(sys.modules, "multipart", wrong)

    def endpoint(p: str = Form()):
        return None

    with caplog.at_level(logging.ERROR), pytest.raises(RuntimeError, match="pip uninstall multipart"):
        FastAPI().post("/x")(endpoint)
