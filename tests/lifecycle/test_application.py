"""The life of an application: who is waited for, who is cancelled, and when its lifespan is left."""

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from raw_asgi import Exchange, http_scope

from rapide import Rapide
from rapide.fastapi import FastAPI
from rapide.lifecycle import application, is_draining


class _Server:
    """The lifespan's side of a server."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._started = asyncio.Event()
        self.said: list[str] = []

    async def _send(self, message: dict[str, Any]) -> None:
        self.said.append(message["type"])
        self._started.set()

    async def start(self) -> None:
        self._life = asyncio.create_task(self._app({"type": "lifespan"}, self._messages.get, self._send))
        self._messages.put_nowait({"type": "lifespan.startup"})
        await self._started.wait()

    async def stop(self) -> None:
        self._messages.put_nowait({"type": "lifespan.shutdown"})
        await self._life


def _app(face: Any, log: list[str], **options: Any) -> Any:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        yield
        log.append("closed")

    app = face(lifespan=lifespan, **options)

    @app.get("/short")
    async def short() -> None:
        await asyncio.sleep(0.01)
        log.append("short ended" if is_draining() else "not told")

    @app.get("/endless")
    async def endless() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            log.append("endless ended")

    return app


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_nothing_comes_after_the_last_message(face):
    """Servers end their loop when they hear it, and complain of a lifespan that is still going on."""

    async def main() -> bool:
        over = asyncio.get_running_loop().create_future()

        class Server(_Server):
            async def _send(self, message: dict[str, Any]) -> None:
                await super()._send(message)
                if message["type"] == "lifespan.shutdown.complete":
                    asyncio.get_running_loop().call_soon(lambda: over.set_result(self._life.done()))

        server = Server(_app(face, []))
        await server.start()
        await server.stop()
        return await over

    assert asyncio.run(main())


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_lifespan_is_left_after_the_last_request(face):
    """LIF-06: some servers leave it while requests or their background tasks are still running."""
    log: list[str] = []
    app = _app(face, log)

    async def main() -> list[str]:
        server = _Server(app)
        await server.start()
        exchange = Exchange(http_scope("GET", "/short"))
        request = asyncio.create_task(exchange.run(app))
        await asyncio.sleep(0)
        await server.stop()
        await request
        return server.said

    assert asyncio.run(main())[-1] == "lifespan.shutdown.complete"
    assert log == ["short ended", "closed"]


def test_requests_are_cancelled_when_the_grace_period_is_over(caplog):
    """What does not end is ended; nothing that is no connection of this application is touched."""
    log: list[str] = []
    app = _app(Rapide, log, shutdown_grace=0.01)

    async def main() -> None:
        server = _Server(app)
        await server.start()
        exchange = Exchange(http_scope("GET", "/endless"))
        request = asyncio.create_task(exchange.run(app))
        other = asyncio.create_task(asyncio.sleep(0.5, "untouched"))
        await asyncio.sleep(0)
        await server.stop()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert await other == "untouched"

    asyncio.run(main())
    assert log == ["endless ended", "closed"]
    assert "1 connections did not end within 0.01 seconds" in caplog.text


def test_lifespan_that_does_not_end_is_cancelled(monkeypatch, caplog):
    """LIF-02: a clean-up that hangs must not hold the process; the server is told that it failed."""
    monkeypatch.setattr(application, "_LEAST_CLEAN_UP_SECONDS", 0.01)

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        yield
        await asyncio.sleep(600)

    app = Rapide(lifespan=lifespan, shutdown_grace=0)

    async def main() -> list[str]:
        server = _Server(app)
        await server.start()
        await server.stop()
        return server.said

    assert asyncio.run(main())[-1] == "lifespan.shutdown.failed"
    assert "did not end in time" in caplog.text


@pytest.mark.parametrize("where", ["start", "end"])
def test_exception_of_a_lifespan_reaches_the_server_as_it_is(where):
    """No group of exceptions around it, and the server is told which half failed."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        if where == "start":
            raise ValueError("no database")
        yield
        raise ValueError("no database")

    app = Rapide(lifespan=lifespan)

    async def started_at_most() -> list[str]:
        server = _Server(app)
        await server.start()
        with pytest.raises(ValueError, match="no database"):
            await (server._life if where == "start" else server.stop())
        return server.said

    said = asyncio.run(started_at_most())
    assert said[-1] == ("lifespan.startup.failed" if where == "start" else "lifespan.shutdown.failed")


@pytest.mark.parametrize(
    ("own", "general", "expected"),
    [(None, None, 10), (None, 3, 3), (5, 3, 5)],
    ids=["none", "general", "own"],
)
def test_grace_is_the_applications_own_or_the_commands(monkeypatch, own, general, expected):
    """`shutdown_grace` wins over `rapide run`, which wins over ten seconds."""
    monkeypatch.setattr(application._defaults, "grace", application.DEFAULT_GRACE)
    if general is not None:
        application.set_default_grace(general)

    async def grace() -> float:
        return application.ApplicationLife(Rapide(shutdown_grace=own)).grace

    assert asyncio.run(grace()) == expected


@pytest.mark.parametrize("wrong", [-1, float("nan"), "10", True])
def test_grace_that_is_no_time_is_refused(wrong):
    """At the declaration, not at the first SIGTERM."""
    with pytest.raises((ValueError, TypeError), match="shutdown_grace"):
        Rapide(shutdown_grace=wrong)


def test_copy_of_an_application_serves_nothing_yet():
    """What is being counted is not copied."""
    app = Rapide(shutdown_grace=4)
    app.active_connections = 3
    again = copy.copy(app)
    assert (again.active_connections, again.shutdown_grace) == (0, 4)


def test_second_life_begins_anew():
    """A test client starts and ends one application many times."""
    log: list[str] = []
    app = _app(Rapide, log)

    async def main() -> None:
        server = _Server(app)
        await server.start()
        await server.stop()

    for _ in range(2):
        asyncio.run(main())
    assert log == ["closed", "closed"]


@pytest.mark.parametrize("face", [Rapide, FastAPI])
def test_first_requests_find_everything_ready(face):
    """When a server is told that start-up is complete, no request has to make the path table or a plan."""
    app = _app(face, [])

    async def main() -> list[str]:
        server = _Server(app)
        await server.start()
        assert app.router._dispatcher is not None
        assert all(route._plan is not None for route in app.routes if hasattr(route, "plan"))
        await server.stop()
        return server.said

    assert asyncio.run(main()) == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
