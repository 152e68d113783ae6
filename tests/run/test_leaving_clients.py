"""Clients that leave before their body has arrived: a 400 for nobody, and no error of the server's."""

from typing import Any

import anyio
import pytest
from raw_asgi import Exchange, http_scope
from starlette.requests import ClientDisconnect

from rapide import Rapide, Request
from rapide._run.body import ClientGoneError
from rapide.fastapi import FastAPI
from rapide.responses import Response


class _Leaving(Exchange):
    """A client that sends its chunks, says that more will come, and is gone."""

    async def receive(self) -> dict[str, Any]:
        if not self._pending:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self._pending.pop(0), "more_body": True}


def _alone(item: dict[str, int]) -> None:
    raise AssertionError("never called")


def _shared(item: dict[str, int], request: Request) -> None:
    raise AssertionError("never called")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("face", [Rapide, FastAPI])
@pytest.mark.parametrize("endpoint", [_alone, _shared])
@pytest.mark.parametrize("chunks", [(b"",), (b'{"a":',), (b'{"a"', b": 1}")])
def test_endpoint_does_not_run_when_the_client_leaves_in_the_middle(endpoint, face, chunks, backend, caplog):
    """BOD-09: whatever had arrived, and whether the request is shared with the endpoint or not."""
    app = face()
    app.post("/x")(endpoint)
    exchange = _Leaving(http_scope("POST", "/x", [(b"content-type", b"application/json")]), *chunks)
    anyio.run(exchange.run, app, backend=backend)
    assert exchange.status == 400
    assert caplog.records == []


def test_handlers_can_tell_a_client_that_left_from_one_that_sent_nonsense():
    """The error is Starlette's too, so that code which knows that one finds it."""
    seen: list[Any] = []
    app = Rapide()

    @app.exception_handler(400)
    async def note(request: Request, exc: Exception) -> Response:
        seen.append(exc)
        return Response(status_code=400)

    app.post("/x")(_alone)
    exchange = _Leaving(http_scope("POST", "/x", [(b"content-type", b"application/json")]), b"{")
    anyio.run(exchange.run, app)
    assert [type(error) for error in seen] == [ClientGoneError]
    assert isinstance(seen[0], ClientDisconnect)


def test_endpoint_that_reads_the_body_itself_answers_400(caplog):
    """It is no fault of the server's: Granian says so of broken chunks, to clients that are still there."""
    app = Rapide()

    @app.post("/x")
    async def read(request: Request) -> int:
        return len(await request.body())

    exchange = _Leaving(http_scope("POST", "/x", [(b"content-type", b"application/json")]), b"{")
    anyio.run(exchange.run, app)
    assert exchange.status == 400
    assert caplog.records == []
