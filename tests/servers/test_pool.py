"""Many requests over a pool of five connections: whoever has one never waits behind those who want one."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from pooling import ask_together
from server_process import COMMANDS, serving

pytestmark = pytest.mark.server

# In FastAPI 0.165 forty of sixty requests to /plain fail, after the thirty seconds that the pool waits.
_COUNTS = (60, 500, 2000)
_PATHS = ("/plain", "/mixed", "/later", "/lazy")


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Serve `pooled.py` under Uvicorn."""
    log = tmp_path_factory.mktemp("pool") / "log"
    with serving(COMMANDS["uvicorn"], "pooled:app", Path(__file__).parent, log) as running:
        yield running


@pytest.mark.parametrize("count", _COUNTS)
@pytest.mark.parametrize("paths", [("/plain",), ("/mixed",), _PATHS], ids=["def", "mixed", "all"])
def test_all_requests_at_once_get_their_connection(pooled, paths, count):
    """None fails, wherever the request meets the pool, and every connection is given back."""
    statuses, _ = ask_together(pooled.port, paths, count)
    assert statuses == {"200": count}
    assert pooled.client.get("/used").json() == 0


@pytest.mark.parametrize("count", _COUNTS)
def test_all_requests_at_once_get_their_connection_in_process(count):
    """The same without a server between."""
    import pooled

    async def ask(path: str) -> int:
        started: list[int] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            started.append(message.get("status", 0))

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "headers": [(b"host", b"x")], "client": ("127.0.0.1", 1), "server": ("x", 80), "state": {},
        }  # fmt: skip
        await pooled.app(scope, receive, send)
        return started[0]

    async def ask_all() -> set[int]:
        return set(await asyncio.gather(*(ask(_PATHS[number % 4]) for number in range(count))))

    assert asyncio.run(ask_all()) == {200}
    assert pooled.engine.pool.checkedout() == 0
