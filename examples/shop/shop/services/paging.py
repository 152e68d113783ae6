"""Pages that stay put while rows are added and removed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")


@dataclass(frozen=True)
class Window:
    """Which part of a list is wanted: so many rows, after the row with this key."""

    limit: int = 20
    after: int | None = None


@dataclass(frozen=True)
class Slice(Generic[T]):
    """Some rows, and the key after which the next ones begin (None at the end)."""

    items: Sequence[T]
    next_after: int | None


async def fetch_slice(
    session: AsyncSession,
    statement: Select[T],
    window: Window,
    *,
    key: InstrumentedAttribute[int],
    newest_first: bool = False,
) -> Slice[T]:
    """Run `statement` for one window, in the order of a unique key.

    Starting behind a key and not at a row number, a reader sees no row twice and misses none that was there
    all along, and page one thousand costs as little as page one. One row more than wanted tells whether there
    is a next.
    """
    if window.after is not None:
        statement = statement.where(key < window.after if newest_first else key > window.after)
    statement = statement.order_by(key.desc() if newest_first else key.asc()).limit(window.limit + 1)
    rows = (await session.scalars(statement)).all()
    items = rows[: window.limit]
    next_after: int | None = getattr(items[-1], key.key) if len(rows) > window.limit else None
    return Slice(items, next_after)
