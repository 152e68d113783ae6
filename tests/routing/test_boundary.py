"""The boundaries: what middleware raises is answered, and nothing of a failed request stays."""

import gc
import weakref
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
import pytest
from starlette.responses import PlainTextResponse

from rapide import Depends, HTTPException, Rapide, Request
from rapide.fastapi import FastAPI
from rapide.testclient import TestClient


class ShopClosedError(Exception):
    """An error of the application that a handler knows."""


def _client(app: Rapide) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


def _app(raises: Exception | None = None, *, after: bool = False) -> Rapide:
    """An application whose middleware raises, before or after it has the response."""
    app = Rapide()

    @app.middleware("http")
    async def middleware(request: Request, call_next: Any) -> Any:
        if raises is not None and not after:
            raise raises
        response = await call_next(request)
        if raises is not None:
            raise raises
        return response

    @app.get("/")
    async def read() -> str:
        return "read"

    return app


@pytest.mark.parametrize("after", [False, True])
def test_http_exception_of_middleware_is_its_answer(after: bool) -> None:
    """It has status, headers and body, even when the routes have answered already."""
    exc = HTTPException(403, "Not you", headers={"x-why": "because"})
    answer = _client(_app(exc, after=after)).get("/")
    assert (answer.status_code, answer.headers["x-why"]) == (403, "because")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "Not you"


def test_handlers_answer_what_middleware_raises() -> None:
    """Handlers by class are asked as for endpoints."""
    app = _app(ShopClosedError())

    @app.exception_handler(ShopClosedError)
    async def answer(request: Request, exc: ShopClosedError) -> PlainTextResponse:
        return PlainTextResponse("closed", 503)

    assert _client(app).get("/").text == "closed"


def test_other_exceptions_of_middleware_are_a_500_and_go_to_the_server() -> None:
    """A fault stays a fault: the client is told nothing, the server logs it."""
    app = _app(ShopClosedError("secret"))
    answer = _client(app).get("/")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    with pytest.raises(ShopClosedError):
        TestClient(app).get("/")


def test_handler_of_server_errors_is_called_once_when_there_is_middleware() -> None:
    """The boundary around the middleware leaves alone what was answered inside it."""
    app, calls = _app(), []

    @app.exception_handler(Exception)
    async def answer(request: Request, exc: Exception) -> PlainTextResponse:
        calls.append(exc)
        return PlainTextResponse("ours", 500)

    @app.get("/fault")
    async def fault() -> None:
        raise ShopClosedError

    assert _client(app).get("/fault").text == "ours"
    assert len(calls) == 1


# --------------------------------------------------------------------------------------- nothing of it stays


class Large:
    """Something that a request holds."""


async def _async_resource() -> AsyncIterator[int]:
    yield 1


def _plain_resource() -> Iterator[int]:
    yield 1


def _failing_app(face: type[Rapide], kept: list[Any], resource: Any, *, threaded: bool, scope: Any) -> Rapide:
    app = face()
    app.add_middleware(_Passing)

    def fail(held: Annotated[int, Depends(resource, scope=scope)]) -> None:
        large = Large()
        kept.append(weakref.ref(large))
        raise ValueError("fault")

    async def fail_on_the_loop(held: Annotated[int, Depends(resource, scope=scope)]) -> None:
        fail(held)

    app.get("/")(fail if threaded else fail_on_the_loop)
    return app


class _Passing:
    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


async def _request(app: Rapide) -> None:
    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None: ...

    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    with pytest.raises(ValueError, match="fault"):
        await app(scope, receive, send)


@pytest.mark.parametrize("face", [Rapide, FastAPI])
@pytest.mark.parametrize("threaded", [False, True])
@pytest.mark.parametrize("resource", [_async_resource, _plain_resource])
@pytest.mark.parametrize("scope", ["function", "request"])
def test_failed_request_leaves_nothing_to_the_collector(
    face: type[Rapide], threaded: bool, resource: Any, scope: Any
) -> None:
    """The exception holds the frames, and no frame of ours the exception: memory is free at once."""
    kept: list[Any] = []
    app = _failing_app(face, kept, resource, threaded=threaded, scope=scope)

    async def fail_again_and_again() -> int:
        await _request(app)
        gc.collect()
        gc.disable()
        kept.clear()
        for _ in range(10):
            await _request(app)
        # The last one may still be on its way out of a thread.
        return sum(reference() is not None for reference in kept[:-1])

    try:
        assert anyio.run(fail_again_and_again) == 0
    finally:
        gc.enable()
