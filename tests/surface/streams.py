"""Endpoints that stream, and a client that leaves in the middle: shared by the tests of section 9."""

from contextlib import suppress
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from pydantic import BaseModel, Field
from raw_asgi import http_scope
from starlette.requests import ClientDisconnect
from surface_target import (
    TARGET,
    FastAPI,
    StreamingResponse,
    TestClient,
    load,
)

sse = load("sse")
EventSourceResponse: Any = sse.EventSourceResponse
ServerSentEvent: Any = sse.ServerSentEvent


class Reading(BaseModel):
    sensor: int
    value: float | None = None


class Detailed(Reading):
    secret: str = "hidden"


class Renamed(BaseModel):
    snake_name: int = Field(1, alias="camelName")
    note: str | None = None


class CSVResponse(StreamingResponse):  # type: ignore[misc]
    media_type = "text/csv"


# quirk: FastAPI leaves its own generators to the garbage collector, which trio reports; Rapide must not.
unfinished_generators = pytest.mark.filterwarnings(
    "ignore:Async generator:ResourceWarning" if TARGET == "fastapi" else "error"
)


def get(endpoint: Any, *, path: str = "/s", params: Any = None, **options: Any) -> Any:
    """Serve `endpoint` alone and return the answer to one GET."""
    app = FastAPI()
    app.get(path, **options)(endpoint)
    return TestClient(app).get(path, params=params)


def response_of(endpoint: Any, **options: Any) -> Any:
    """Return the documented 200 of `endpoint`."""
    app = FastAPI()
    app.get("/s", **options)(endpoint)
    return app.openapi()["paths"]["/s"]["get"]["responses"]["200"]


class LeavingClient:
    """A connection that is lost after three messages; the server learns it from receive() or from send()."""

    def __init__(self, news):
        self.news = news
        self.sent = []
        self.pending = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive(self):
        if self.pending:
            return self.pending.pop()
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)
        if len(self.sent) > 3:
            self.gone.set()
            if self.news == "failing send":
                raise OSError("connection lost")
        await anyio.lowlevel.checkpoint()

    async def run(self, app):
        self.gone = anyio.Event()
        version = "2.4" if self.news == "failing send" else "2.3"
        scope = http_scope("GET", "/s", asgi={"version": "3.0", "spec_version": version})
        with anyio.fail_after(5):
            # the server sees how its own send() failed
            with suppress(ClientDisconnect, ExceptionGroup):
                await app(scope, self.receive, self.send)
