"""Stock: every change goes through `move_stock`, which also writes the ledger."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shop.errors import OutOfStockError, ProductNotFoundError, StockLimitError
from shop.models import MovementKind, Product, StockLevel, StockMovement
from shop.models.base import utc_now
from shop.services.paging import Slice, Window, fetch_slice
from shop.services.products import get_product

MAX_ON_HAND = 1_000_000_000

_SIGN = {
    MovementKind.RECEIVED: 1,
    MovementKind.RETURNED: 1,
    MovementKind.CANCELLED: 1,
    MovementKind.SOLD: -1,
    MovementKind.WRITTEN_OFF: -1,
}


async def find_levels(
    session: AsyncSession, window: Window, *, at_most: int | None = None
) -> Slice[StockLevel]:
    """Levels of all products for sale, optionally only those that run low."""
    statement = (
        select(StockLevel)
        .join(Product, Product.id == StockLevel.product_id)
        .where(Product.archived_at.is_(None))
    )
    if at_most is not None:
        statement = statement.where(StockLevel.on_hand <= at_most)
    return await fetch_slice(session, statement, window, key=StockLevel.product_id)


async def get_level(session: AsyncSession, product_id: int) -> StockLevel:
    """The level of one product for sale."""
    return (await get_product(session, product_id)).stock


async def find_movements(session: AsyncSession, product_id: int, window: Window) -> Slice[StockMovement]:
    """The ledger of one product, newest entry first."""
    await get_product(session, product_id)
    statement = select(StockMovement).where(StockMovement.product_id == product_id)
    return await fetch_slice(session, statement, window, key=StockMovement.id, newest_first=True)


async def move_stock(
    session: AsyncSession,
    product_id: int,
    kind: MovementKind,
    quantity: int,
    *,
    order_id: int | None = None,
    note: str | None = None,
) -> StockMovement:
    """Book `quantity` pieces in or out, whichever the kind means.

    The condition is part of the UPDATE, so that the database checks and changes in one step: of two buyers of
    the last piece one gets it, and the other changes no row and gets `OutOfStockError`.
    """
    change = _SIGN[kind] * quantity
    result = await session.execute(
        update(StockLevel)
        .where(StockLevel.product_id == product_id, StockLevel.on_hand.between(-change, MAX_ON_HAND - change))
        .values(on_hand=StockLevel.on_hand + change, updated_at=utc_now())
        .returning(StockLevel.on_hand)
        .execution_options(synchronize_session=False)
    )
    if result.first() is None:
        raise await _why_not_moved(session, product_id, change)
    movement = StockMovement(product_id=product_id, kind=kind, change=change, order_id=order_id, note=note)
    session.add(movement)
    await session.flush()
    return movement


async def _why_not_moved(
    session: AsyncSession, product_id: int, change: int
) -> OutOfStockError | ProductNotFoundError | StockLimitError:
    if await session.scalar(select(StockLevel.product_id).where(StockLevel.product_id == product_id)) is None:
        return ProductNotFoundError(product_id)
    return OutOfStockError(product_id, -change) if change < 0 else StockLimitError(product_id, MAX_ON_HAND)
