"""The brake on guessing: never more than the limit, whoever asks at once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from rapide.auth import Account, Attempts, Login, MemoryStore, Passwords
from rapide.exceptions import HTTPException
from rapide.requests import HTTPConnection

_LIMIT = 5


async def _try(attempts: Attempts, *key: str) -> bool:
    try:
        await attempts.begin(*key)
    except HTTPException as refused:
        headers = refused.headers or {}
        return not (refused.status_code == 429 and int(headers["Retry-After"]) > 0)
    return True


@pytest.mark.row("AUT-13")
@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql", "mariadb", "redis"])
def test_aut_13_many_at_once_are_many(open_store: Callable[[str], Any], kind: str) -> None:
    """AUT-13: of attempts that begin together no more pass than the limit; the next one waits, too."""

    async def run() -> None:
        async with open_store(kind) as store:
            # Two processes, as far as the store can tell.
            both = Attempts(store, limit=_LIMIT), Attempts(store, limit=_LIMIT)
            passed = sum(await asyncio.gather(*(_try(both[n % 2], "ada", "1.1.1.1") for n in range(30))))
            assert passed <= _LIMIT
            assert await _try(both[0], "bob", "1.1.1.1")
            for _ in range(_LIMIT - passed):
                assert await _try(both[0], "ada", "1.1.1.1")
            assert not await _try(both[1], "ada", "1.1.1.1")
            await both[0].succeeded("ada", "1.1.1.1")
            assert await _try(both[1], "ada", "1.1.1.1")

    asyncio.run(run())


def test_what_is_refused_does_not_count() -> None:
    """Whoever waits gets in, however often he has knocked."""

    async def run() -> None:
        attempts = Attempts(MemoryStore(), limit=1, window=timedelta(seconds=0.5))
        assert await _try(attempts, "ada")
        for _ in range(20):
            assert not await _try(attempts, "ada")
        await asyncio.sleep(0.6)
        assert await _try(attempts, "ada")

    asyncio.run(run())


@pytest.mark.row("AUT-13")
def test_aut_13_a_name_is_not_varied() -> None:
    """AUT-13: forms of a name that an application may take for the same are counted as one."""
    login = Login({"ada": Account(subject="1")}.get, passwords=Passwords(), attempts=Attempts(limit=_LIMIT))
    connection = HTTPConnection({"type": "http", "headers": [], "client": ("1.1.1.1", 1)})

    async def run() -> None:
        for name in ("ada", "ADA", " ada ", "a\u0064a", "\uff21da"):
            assert await login.check(connection, name, "wrong") is None
        with pytest.raises(HTTPException) as refused:
            await login.check(connection, "AdA", "wrong")
        assert refused.value.status_code == 429
        assert await login.check(connection, "bob", "wrong") is None

    asyncio.run(run())
