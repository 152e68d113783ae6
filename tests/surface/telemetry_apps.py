"""Applications for the tests of telemetry, and how requests reach them."""

from typing import Any

import anyio
from raw_asgi import http_scope
from starlette.responses import PlainTextResponse
from surface_target import Depends, FastAPI, HTTPException, StreamingResponse, TestClient, WebSocket


def simple_app(records: Any) -> Any:
    """Return an application that reports to `records`, with a route that answers 1."""
    app = FastAPI(telemetry=records.config)

    @app.get("/items/{item_id}")
    async def read(item_id: int):
        return 1

    return app


def get(app: Any, path: str, **options: Any) -> Any:
    """Return the response to a GET request; server errors become responses."""
    return TestClient(app, raise_server_exceptions=False).get(path, follow_redirects=False, **options)


def add_failing_routes(app: Any) -> None:
    """Add routes that end badly."""

    @app.get("/refused")
    async def refused():
        raise HTTPException(404)

    @app.get("/unavailable")
    async def unavailable():
        raise HTTPException(503)

    @app.get("/broken")
    async def broken():
        raise ValueError("broken")

    @app.get("/wrong", response_model=int)
    async def wrong():
        return "x"

    @app.get("/handled")
    async def handled():
        raise KeyError("k")

    @app.exception_handler(KeyError)
    async def answer(request, error):
        return PlainTextResponse("teapot", status_code=418)

    @app.get("/half")
    async def half():
        async def chunks():
            yield b"1"
            raise ValueError("half")

        return StreamingResponse(chunks())

    _add_failing_dependencies(app)


def _add_failing_dependencies(app: Any) -> None:
    async def breaks():
        raise OSError("dependency")

    @app.get("/dependency")
    async def dependency(value=Depends(breaks)):
        return 1

    async def breaks_later():
        yield 1
        raise LookupError("late")

    @app.get("/late")
    async def late(value=Depends(breaks_later)):
        return 1


def add_socket(app: Any) -> None:
    """Add a WebSocket that does what `do` says."""

    @app.websocket("/ws/{n}")
    async def endpoint(websocket: WebSocket, n: int, do: str = ""):
        await websocket.accept()
        if do == "fail":
            raise ValueError("failed")
        if do == "wait":
            await websocket.receive_text()
        await websocket.close()


def connect(app: Any, path: str, *more: dict[str, Any]) -> Exception | None:
    """Drive a WebSocket connection; `more` is what the client sends after the handshake."""
    path, _, query = path.partition("?")
    scope = http_scope("GET", path, type="websocket", scheme="ws", query_string=query.encode())
    del scope["method"]
    pending = [{"type": "websocket.connect"}, *more]

    async def run():
        async def receive():
            return pending.pop(0)

        async def send(message):
            pass

        try:
            await app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 -- handed to the test
            return error

    return anyio.run(run)
