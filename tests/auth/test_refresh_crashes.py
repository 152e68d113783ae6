"""Refresh tokens and real processes: killed at every step, and racing each other."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from rapide.auth import Grant, InvalidGrantError, RefreshTokens

pytestmark = pytest.mark.anyio

_PROCESS = str(Path(__file__).with_name("refresh_process.py"))
_GRANT = Grant(subject="1", login="ann", client_id="app")
_KILLED = -9
_STEPS = 16  # more than there are: the last children come to their end


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """SQLAlchemy knows asyncio only."""
    return "asyncio"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
async def store(request: pytest.FixtureRequest, open_store: Callable[[str], Any]) -> AsyncIterator[Any]:
    """A store that other processes can open."""
    async with open_store(request.param) as opened:
        yield opened


def _run(store: Any, action: str, tokens: list[str]) -> list[Any]:
    url = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, _PROCESS, url, store.table.name, action, *tokens]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=100)
    results: list[Any] = json.loads(done.stdout)
    return results


async def _is_valid(refresh: RefreshTokens, token: str) -> bool:
    try:
        await refresh.exchange(token, client_id="app")
    except InvalidGrantError:
        return False
    return True


async def test_an_exchange_survives_kill_9_at_every_step(store: Any) -> None:
    """Either nothing has happened and the token is good, or it is spent, and its use ends the family."""
    refresh = RefreshTokens(store)
    tokens = [await refresh.start(_GRANT) for _ in range(_STEPS)]
    spent = unspent = finished = 0
    for token, [(code, output)] in zip(tokens, _run(store, "crash-exchange", tokens), strict=True):
        if code != _KILLED:
            assert (code, await _is_valid(refresh, output)) == (0, True)
            finished += 1
        elif await _is_valid(refresh, token):
            unspent += 1
        else:
            spent += 1
        # Whatever came of it, the old token is void now, and its use has ended the family.
        assert not await _is_valid(refresh, token)
    assert await refresh.revoke_all("1") == 0
    assert unspent >= 5
    assert spent >= 1
    assert finished >= 1


async def test_a_revocation_survives_kill_9_at_every_step(store: Any) -> None:
    """Either the family lives and can be revoked, or it has ended for good."""
    refresh = RefreshTokens(store)
    tokens = [await refresh.start(_GRANT) for _ in range(_STEPS)]
    alive = ended = finished = 0
    for token, [(code, output)] in zip(tokens, _run(store, "crash-revoke", tokens), strict=True):
        still_there = await refresh.revoke(token)
        if code != _KILLED:
            assert (code, output, still_there) == (0, "revoked", False)
            finished += 1
        alive += still_there
        ended += not still_there and code == _KILLED
        assert not await _is_valid(refresh, token)
    assert alive >= 3
    assert ended >= 1
    assert finished >= 1


async def test_of_racing_processes_one_wins(store: Any) -> None:
    """Of two processes that exchange one token at once, one gets the next; the second use ends the family."""
    refresh = RefreshTokens(store)
    tokens = [await refresh.start(_GRANT) for _ in range(8)]
    for token, results in zip(tokens, _run(store, "race", tokens), strict=True):
        assert [code for code, _ in results] == [0, 0]
        outputs = [output for _, output in results]
        assert outputs.count("refused") == 1
        winner = next(output for output in outputs if output != "refused")
        assert not await _is_valid(refresh, token)
        assert not await _is_valid(refresh, winner)
