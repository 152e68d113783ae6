"""What only the store in SQL promises."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, func, select
from sqlalchemy.ext.asyncio import create_async_engine

from rapide.auth import SQLStore, store_table

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """SQLAlchemy knows asyncio only."""
    return "asyncio"


async def test_tables_are_created_once(tmp_path: Path) -> None:
    """create_tables may be called at every start."""
    store = SQLStore(f"sqlite+aiosqlite:///{tmp_path}/auth.db")
    await store.create_tables()
    await store.put("space", "key", b"1", expires_in=None)
    await store.create_tables()
    assert await store.get("space", "key") == b"1"
    await store.aclose()


async def test_entries_outlive_the_process(tmp_path: Path) -> None:
    """A second store on the same database sees what the first has written."""
    url = f"sqlite+aiosqlite:///{tmp_path}/auth.db"
    first = SQLStore(url)
    await first.create_tables()
    await first.put("space", "key", b"1", expires_in=None)
    await first.aclose()
    second = SQLStore(url)
    assert await second.get("space", "key") == b"1"
    await second.aclose()


async def test_expired_rows_are_deleted(tmp_path: Path) -> None:
    """Purging removes the rows whose time is over, and only them."""
    store = SQLStore(f"sqlite+aiosqlite:///{tmp_path}/auth.db")
    await store.create_tables()
    await store.put("space", "first", b"", expires_in=None)  # purges, and not again for ten minutes
    await store.put("space", "lives", b"", expires_in=timedelta(hours=1))
    await store.put("space", "gone", b"", expires_in=timedelta(0))
    assert await store.purge() == 1
    async with store.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(store.table)) == 2
    await store.aclose()


async def test_put_purges_now_and_then(tmp_path: Path) -> None:
    """A table does not grow by what has expired, though nobody calls purge."""
    store = SQLStore(f"sqlite+aiosqlite:///{tmp_path}/auth.db")
    await store.create_tables()
    await store.put("space", "gone", b"", expires_in=timedelta(0))
    store._next_purge = 0.0
    await store.put("space", "key", b"", expires_in=None)
    async with store.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(store.table)) == 1
    await store.aclose()


async def test_an_engine_that_was_given_stays_open(tmp_path: Path) -> None:
    """Closing leaves the application's engine alone."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/auth.db")
    store = SQLStore(engine)
    await store.create_tables()
    pool = engine.pool
    await store.aclose()
    assert engine.pool is pool
    await engine.dispose()


def test_the_table_belongs_to_the_metadata_of_the_application() -> None:
    """Alembic finds the table, once, whoever asks first."""
    metadata = MetaData()
    table = store_table(metadata, "tokens")
    assert store_table(metadata, "tokens") is table
    assert list(metadata.tables) == ["tokens"]
    assert {index.name for index in table.indexes} == {"ix_tokens_group", "ix_tokens_expires_at"}


async def test_a_database_that_fails_raises(tmp_path: Path) -> None:
    """No method takes an error of the database for "not there": there is no table here."""
    store = SQLStore(f"sqlite+aiosqlite:///{tmp_path}/auth.db")
    for call in (
        store.get("space", "key"),
        store.take("space", "key"),
        store.delete("space", "key"),
        store.put("space", "key", b"", expires_in=None),
        store.replace("space", "key", b"", b"", expires_in=None),
        store.delete_group("space", "group"),
        store.keys_of("space", "group"),
    ):
        with pytest.raises(Exception, match="no such table"):
            await call
    await store.aclose()
