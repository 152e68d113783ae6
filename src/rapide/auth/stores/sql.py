"""A store in a SQL database: SQLite, PostgreSQL, MariaDB or MySQL."""

import time
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table, delete, select, update
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator, TypeEngine

from rapide.auth.stores.base import LONGEST_GROUP, LONGEST_KEY, LONGEST_SPACE, check_names

__all__ = ["SQLStore", "StoreName", "store_table"]

_PURGE_SECONDS = 600
_TOO_KIND = ("mysql", "mariadb")


class StoreName(TypeDecorator[str]):
    """Text that is compared exactly: MariaDB and MySQL take "a" and "A " for the same text, yet not as bytes.

    Args:
        length: The most characters.
    """

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type in the database: bytes where texts are compared too kindly."""
        kind = mysql.VARBINARY(4 * self.length) if dialect.name in _TOO_KIND else String(self.length)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        """Return what the database is sent."""
        return value.encode() if value is not None and dialect.name in _TOO_KIND else value

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text that the database has sent."""
        return bytes(value).decode() if value is not None and dialect.name in _TOO_KIND else value


def store_table(metadata: MetaData, name: str = "rapide_auth") -> Table:
    """Return the table of a store as part of `metadata`, so that Alembic migrates it with your own tables.

    The table is made once: the second call with the same metadata and name returns the same one.
    """
    if name in metadata.tables:
        return metadata.tables[name]
    table = Table(
        name,
        metadata,
        Column("space", StoreName(LONGEST_SPACE), primary_key=True),
        Column("key", StoreName(LONGEST_KEY), primary_key=True),
        Column("value", LargeBinary().with_variant(mysql.MEDIUMBLOB(), *_TOO_KIND), nullable=False),
        Column("group", StoreName(LONGEST_GROUP)),
        Column("expires_at", BigInteger),  # milliseconds since 1970
    )
    Index(f"ix_{name}_group", table.c.space, table.c.group)
    Index(f"ix_{name}_expires_at", table.c.expires_at)
    return table


def _now() -> int:
    return time.time_ns() // 1_000_000


def _expiry(expires_in: timedelta | None) -> int | None:
    return None if expires_in is None else _now() + int(expires_in.total_seconds() * 1000)


class SQLStore:
    """A store in a table of a SQL database, over SQLAlchemy's asynchronous engines. It needs asyncio.

    Args:
        database: An engine, which stays yours; or a URL with an asynchronous driver, such as
            `sqlite+aiosqlite:///auth.db`, whose engine `aclose()` closes.
        metadata: Where the table belongs, for Alembic: usually `Base.metadata`. Its own by default.
        table_name: The name of the table.

    Raises:
        ValueError: The database is none of SQLite, PostgreSQL, MariaDB and MySQL.
    """

    def __init__(
        self,
        database: AsyncEngine | str,
        *,
        metadata: MetaData | None = None,
        table_name: str = "rapide_auth",
    ) -> None:
        self._owns_engine = isinstance(database, str)
        self.engine = create_async_engine(database) if isinstance(database, str) else database
        if self.engine.dialect.name not in _UPSERTS:
            raise ValueError(
                f"SQLStore has no statement for {self.engine.dialect.name!r} to write an entry with"
            )
        self.table = store_table(MetaData() if metadata is None else metadata, table_name)
        self._upsert = _UPSERTS[self.engine.dialect.name]
        self._next_purge = 0.0

    async def create_tables(self) -> None:
        """Create the table and its indexes where they do not exist. Or use migrations."""
        async with self.engine.begin() as connection:
            await connection.run_sync(self.table.create, checkfirst=True)

    async def get(self, space: str, key: str) -> bytes | None:
        """Return the value, or None where there is no such entry."""
        check_names(space, key)
        statement = select(self.table.c.value).where(*self._is(space, key))
        async with self.engine.connect() as connection:
            value: bytes | None = await connection.scalar(statement)
        return None if value is None else bytes(value)

    async def put(
        self, space: str, key: str, value: bytes, *, expires_in: timedelta | None, group: str | None = None
    ) -> None:
        """Write an entry, in the place of any that has this key."""
        check_names(space, key, group)
        row = {"value": value, "group": group, "expires_at": _expiry(expires_in)}
        await self._execute(self._upsert(self.table, {"space": space, "key": key}, row))
        if time.monotonic() >= self._next_purge:
            self._next_purge = time.monotonic() + _PURGE_SECONDS
            await self.purge()

    async def replace(
        self, space: str, key: str, old: bytes, new: bytes, *, expires_in: timedelta | None
    ) -> bool:
        """Write `new` if the value is `old`, and tell whether it was; the entry stays in its group."""
        check_names(space, key)
        where = (*self._is(space, key), self.table.c.value == old)
        values = {"value": new, "expires_at": _expiry(expires_in)}
        return await self._execute(update(self.table).where(*where).values(values)) == 1

    async def take(self, space: str, key: str) -> bytes | None:
        """Remove an entry and return its value: of all who ask, exactly one gets it."""
        # Not every database returns what it deletes. Who deletes the value that was read has it to himself;
        # where it has been replaced since, the new one is read.
        while (value := await self.get(space, key)) is not None:
            where = (*self._is(space, key), self.table.c.value == value)
            if await self._execute(delete(self.table).where(*where)) == 1:
                break
        return value

    async def delete(self, space: str, key: str) -> bool:
        """Remove an entry, and tell whether there was one."""
        check_names(space, key)
        return await self._execute(delete(self.table).where(*self._is(space, key))) == 1

    async def delete_group(self, space: str, group: str) -> int:
        """Remove all entries of a group, and return how many there were."""
        check_names(space, group=group)
        return await self._execute(delete(self.table).where(*self._is_of(space, group)))

    async def keys_of(self, space: str, group: str) -> list[str]:
        """Return the keys of a group, sorted."""
        check_names(space, group=group)
        statement = select(self.table.c.key).where(*self._is_of(space, group))
        async with self.engine.connect() as connection:
            return sorted(await connection.scalars(statement))

    async def purge(self) -> int:
        """Delete what has expired, and return how many entries that were; `put` does it every ten minutes."""
        return await self._execute(delete(self.table).where(self.table.c.expires_at <= _now()))

    async def aclose(self) -> None:
        """Close the engine, if the store has made it."""
        if self._owns_engine:
            await self.engine.dispose()

    async def _execute(self, statement: Any) -> int:
        """Run one statement in a transaction of its own, and return how many rows it met."""
        async with self.engine.begin() as connection:
            count: int = (await connection.execute(statement)).rowcount
        return count

    def _is(self, space: str, key: str) -> tuple[Any, ...]:
        return (self.table.c.space == space, self.table.c.key == key, self._lives())

    def _is_of(self, space: str, group: str) -> tuple[Any, ...]:
        return (self.table.c.space == space, self.table.c.group == group, self._lives())

    def _lives(self) -> Any:
        return self.table.c.expires_at.is_(None) | (self.table.c.expires_at > _now())


def _sqlite_upsert(table: Table, keys: dict[str, Any], row: dict[str, Any]) -> Any:
    statement = sqlite.insert(table).values({**keys, **row})
    return statement.on_conflict_do_update(index_elements=list(keys), set_=row)


def _postgresql_upsert(table: Table, keys: dict[str, Any], row: dict[str, Any]) -> Any:
    statement = postgresql.insert(table).values({**keys, **row})
    return statement.on_conflict_do_update(index_elements=list(keys), set_=row)


def _mysql_upsert(table: Table, keys: dict[str, Any], row: dict[str, Any]) -> Any:
    return mysql.insert(table).values({**keys, **row}).on_duplicate_key_update(row)


_UPSERTS = {
    "sqlite": _sqlite_upsert,
    "postgresql": _postgresql_upsert,
    "mysql": _mysql_upsert,
    "mariadb": _mysql_upsert,
}
