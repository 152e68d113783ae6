"""`/livez`, `/readyz`, `/startupz`: what they answer, and what checks may be."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest

from rapide import Depends, HTTPException, Query, Rapide
from rapide.errors import RouteError
from rapide.fastapi import FastAPI
from rapide.health import health_router
from rapide.lifecycle import begin_drain
from rapide.testclient import TestClient


@pytest.fixture(params=[Rapide, FastAPI], ids=["rapide", "fastapi"])
def face(request: pytest.FixtureRequest) -> Any:
    """Both faces: a watcher does not know which it asks."""
    return request.param


def _client(face: Any, **options: Any) -> TestClient:
    app = face()
    app.include_router(health_router(**options))
    return TestClient(app)


def test_without_checks_all_is_well(face):
    """A process that answers is alive, and may have no needs."""
    client = _client(face)
    for path in ("/livez", "/readyz", "/startupz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["cache-control"] == "no-store"


def test_check_that_fails_makes_unready_and_not_dead(face, caplog):
    """The answer names the check, and only the log says why."""
    healthy = {"database": False}

    async def check_database() -> None:
        if not healthy["database"]:
            raise OSError("password=secret")

    def check_disk() -> bool:
        return True

    client = _client(face, checks=[check_database, check_disk])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "checks": {"database": "failed", "disk": "ok"}}
    assert "password=secret" in caplog.text
    assert client.get("/livez").status_code == client.get("/startupz").status_code == 200
    healthy["database"] = True
    assert client.get("/readyz").json() == {"status": "ok", "checks": {"database": "ok", "disk": "ok"}}


def _refuse() -> None:
    raise HTTPException(503, "not now")


async def _say_no() -> bool:
    return False


async def _hang() -> None:
    await asyncio.sleep(600)


def _needs_a_parameter(q: Annotated[int, Query()]) -> None:
    raise AssertionError("never called")


@pytest.mark.parametrize("check", [_refuse, _say_no, _hang, _needs_a_parameter])
def test_every_way_to_fail_is_a_failure(face, check):
    """An HTTP error, False, silence, a dependency that has no value: none is a 500, and none passes."""
    answer = _client(face, checks={"it": check}, timeout=0.05).get("/readyz")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"it": "failed"})


def test_checks_have_dependencies_of_their_own(face):
    """They are entered and left around the check, and overrides for tests hold."""
    log: list[str] = []

    def session() -> Iterator[str]:
        log.append("opened")
        yield "session"
        log.append("closed")

    async def check_database(session: Annotated[str, Depends(session)]) -> bool:
        log.append(session)
        return True

    client = _client(face, checks=[check_database])
    assert client.get("/readyz").status_code == 200
    assert log == ["opened", "session", "closed"]
    client.app.dependency_overrides[session] = lambda: "replaced"
    assert client.get("/readyz").status_code == 200
    assert log[3:] == ["replaced"]


def test_dependency_that_fails_fails_its_check_alone(face):
    """A database that is away must not hide that the queue is there."""

    async def connect() -> AsyncIterator[None]:
        raise OSError("refused")
        yield

    async def check_database(connection: Annotated[None, Depends(connect)]) -> None: ...

    async def check_queue() -> None: ...

    answer = _client(face, checks=[check_database, check_queue]).get("/readyz")
    assert answer.json()["checks"] == {"database": "failed", "queue": "ok"}


def test_checks_run_at_the_same_time(face):
    """Two that wait for each other both pass."""
    first, second = asyncio.Event(), asyncio.Event()

    async def check_one() -> None:
        first.set()
        await second.wait()

    async def check_two() -> None:
        second.set()
        await first.wait()

    assert _client(face, checks=[check_one, check_two]).get("/readyz").status_code == 200


def test_start_is_over_once_its_checks_have_passed(face):
    """Until then the process is not ready either; afterwards they are not run again."""
    calls: list[str] = []
    warm = {"cache": False}

    def check_cache() -> bool:
        calls.append("cache")
        return warm["cache"]

    client = _client(face, startup=[check_cache])
    assert client.get("/startupz").status_code == client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200
    warm["cache"] = True
    assert client.get("/startupz").json() == {"status": "ok", "checks": {"cache": "ok"}}
    assert client.get("/readyz").status_code == 200
    assert len(calls) == 3


def test_server_that_ends_is_alive_and_not_ready(face):
    """LIF-07: from the moment of the signal on, and without asking any check."""
    app = face()
    app.include_router(health_router(checks={"never": _refuse}))

    @app.post("/end")
    async def end() -> None:
        await begin_drain()

    with TestClient(app) as client:
        client.post("/end")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]) == (503, {"draining": "failed"})
        assert client.get("/livez").status_code == 200


def test_routes_are_in_the_document_only_when_asked_for(face):
    """Whoever reads the API's documentation does not look for probes."""
    assert _client(face).app.openapi()["paths"] == {}
    paths = _client(face, include_in_schema=True, prefix="/health").app.openapi()["paths"]
    assert sorted(paths) == ["/health/livez", "/health/readyz", "/health/startupz"]
    assert "503" in paths["/health/readyz"]["get"]["responses"]


def test_checks_that_cannot_be_are_refused():
    """At the declaration."""
    with pytest.raises(RouteError, match="'database' is not callable"):
        health_router(checks={"database": "SELECT 1"})
    with pytest.raises(ValueError, match="Two health checks are called '_hang'"):
        health_router(checks=[_hang, _hang])
    with pytest.raises(ValueError, match="timeout"):
        health_router(timeout=0)
