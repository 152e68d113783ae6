"""The database: engines, and transactions that either happen as a whole or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine


class Database:
    """Hands out transactions, for reading or for writing.

    SQLite lets one connection write at a time. Its writers therefore share a pool of one, in which they queue
    in fair order, and readers have a pool of their own, so that nobody who only looks waits for somebody who
    buys. Other databases lock rows by themselves and get a single pool.
    """

    def __init__(self, url: str, *, lock_timeout: float = 5.0) -> None:
        if make_url(url).get_backend_name() == "sqlite":
            self._writer = make_sqlite_engine(
                url, begin="BEGIN IMMEDIATE", lock_timeout=lock_timeout, pool_size=1
            )
            self._reader = make_sqlite_engine(url, begin="BEGIN", lock_timeout=lock_timeout, pool_size=8)
        else:
            self._writer = self._reader = create_async_engine(
                url, pool_timeout=lock_timeout, pool_pre_ping=True
            )
        # Objects stay readable after the commit: attributes that expire would be loaded again while an answer
        # is written, outside of any transaction.
        self._sessions = async_sessionmaker(expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, *, write: bool = True) -> AsyncIterator[AsyncSession]:
        """Open a session whose work is committed when the block ends, and rolled back when it raises.

        The connection is taken at the first statement, so an unused session costs nothing.
        """
        async with self._sessions(bind=self._writer if write else self._reader) as session, session.begin():
            yield session

    async def dispose(self) -> None:
        """Close every connection."""
        await self._writer.dispose()
        await self._reader.dispose()


def make_sqlite_engine(
    url: str, *, begin: str = "BEGIN IMMEDIATE", lock_timeout: float = 5.0, pool_size: int = 1
) -> AsyncEngine:
    """Make an engine on which SQLite has real transactions, foreign keys and readers beside the writer.

    A transaction that writes must start with `BEGIN IMMEDIATE`: one that reads first and locks later fails
    when another has written in between, and no amount of waiting would help it.
    """
    if path := make_url(url).database:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        connect_args={"timeout": lock_timeout},
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=lock_timeout,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # The driver would begin transactions by itself, late and only before some statements.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
