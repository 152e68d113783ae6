"""Stores to test against: in memory, on SQLite, and on the servers that run on this machine.

RAPIDE_TEST_POSTGRESQL, RAPIDE_TEST_MARIADB and RAPIDE_TEST_REDIS name other servers; where none answers, its
tests are skipped.
"""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

_SERVERS = {
    "postgresql": ("RAPIDE_TEST_POSTGRESQL", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"),
    "mariadb": ("RAPIDE_TEST_MARIADB", "mysql+asyncmy://root@127.0.0.1:3306/test"),
    "redis": ("RAPIDE_TEST_REDIS", "redis://127.0.0.1:6379/0"),
}


def server_url(kind: str) -> str:
    """The address of a database server; the test is skipped where nobody listens there."""
    variable, default = _SERVERS[kind]
    url = os.environ.get(variable, default)
    address = urlsplit(url)
    try:
        socket.create_connection((address.hostname, address.port), timeout=2).close()
    except OSError:
        pytest.skip(f"no {kind} at {address.hostname}:{address.port}")
    return url


@asynccontextmanager
async def _memory_store(_: str) -> AsyncIterator[Any]:
    from rapide.auth import MemoryStore

    yield MemoryStore()


@asynccontextmanager
async def _sql_store(url: str) -> AsyncIterator[Any]:
    from sqlalchemy.ext.asyncio import create_async_engine

    from rapide.auth import SQLStore

    engine = create_async_engine(url)
    store = SQLStore(engine, table_name=f"auth_{secrets.token_hex(6)}")
    await store.create_tables()
    try:
        yield store
    finally:
        async with engine.begin() as connection:
            await connection.run_sync(store.table.drop)
        await engine.dispose()


@asynccontextmanager
async def _redis_store(url: str) -> AsyncIterator[Any]:
    from rapide.auth import RedisStore

    store = RedisStore(url, prefix=f"test:{secrets.token_hex(6)}:")
    try:
        yield store
    finally:
        # What a test leaves behind expires or carries a name that no other test has.
        names = [name async for name in store.client.scan_iter(match=f"{{{store._prefix}*")]
        if names:
            await store.client.delete(*names)
        await store.aclose()


@pytest.fixture
def open_store(tmp_path: Path) -> Callable[[str], AbstractAsyncContextManager[Any]]:
    """Make an empty store of a kind, which leaves nothing behind."""

    def make(kind: str) -> AbstractAsyncContextManager[Any]:
        if kind == "memory":
            return _memory_store("")
        if kind == "sqlite":
            return _sql_store(f"sqlite+aiosqlite:///{tmp_path}/auth.db")
        return _redis_store(server_url(kind)) if kind == "redis" else _sql_store(server_url(kind))

    return make
