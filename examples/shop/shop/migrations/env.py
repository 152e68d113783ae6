"""Run by Alembic for every command: connects, and runs the migrations in one transaction."""

import asyncio

from alembic import context
from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from shop.database import make_sqlite_engine
from shop.models import Base
from shop.settings import Settings


def _make_engine(url: str) -> AsyncEngine:
    if make_url(url).get_backend_name() == "sqlite":
        return make_sqlite_engine(url, lock_timeout=60)
    return create_async_engine(url, poolclass=NullPool)


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        # SQLite can hardly alter a table; Alembic copies it instead.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    context.run_migrations()


async def _run(url: str) -> None:
    engine = _make_engine(url)
    try:
        # The transaction takes the write lock at once: of several workers that start together, one migrates
        # and the others find nothing left to do. If a step fails, the schema is what it was.
        async with engine.begin() as connection:
            await connection.run_sync(_migrate)
    finally:
        await engine.dispose()


if context.is_offline_mode():
    raise SystemExit(
        "offline mode (--sql) is not supported: these migrations look at the database they change"
    )

asyncio.run(_run(context.config.attributes.get("database_url") or Settings().database_url))
