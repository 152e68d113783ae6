"""The catalogue."""

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from shop.errors import DuplicateSkuError, ProductNotFoundError
from shop.models import CartItem, Product, StockLevel
from shop.models.base import utc_now
from shop.services.paging import Slice, Window, fetch_slice


async def find_products(
    session: AsyncSession, window: Window, *, text: str | None = None, max_price_cents: int | None = None
) -> Slice[Product]:
    """Products for sale, oldest first, optionally those with `text` in their name or up to a price."""
    statement = select(Product).where(Product.archived_at.is_(None))
    if text is not None:
        statement = statement.where(Product.name.icontains(text, autoescape=True))
    if max_price_cents is not None:
        statement = statement.where(Product.price_cents <= max_price_cents)
    return await fetch_slice(session, statement, window, key=Product.id)


async def get_product(session: AsyncSession, product_id: int) -> Product:
    """The product, if it is for sale."""
    product = await session.get(Product, product_id)
    if product is None or product.archived_at is not None:
        raise ProductNotFoundError(product_id)
    return product


async def create_product(
    session: AsyncSession, *, sku: str, name: str, description: str | None, price_cents: int
) -> Product:
    """Add a product, with nothing in stock yet."""
    product = Product(
        sku=sku, name=name, description=description, price_cents=price_cents, stock=StockLevel(on_hand=0)
    )
    session.add(product)
    await _flush_unique_sku(session, sku)
    return product


async def change_product(session: AsyncSession, product_id: int, changes: Mapping[str, object]) -> Product:
    """Set the fields named in `changes` and no others."""
    product = await get_product(session, product_id)
    for field, value in changes.items():
        setattr(product, field, value)
    await _flush_unique_sku(session, product.sku)
    return product


async def archive_product(session: AsyncSession, product_id: int) -> None:
    """Take a product off the shelf and out of every cart. Orders keep their copy of it."""
    product = await get_product(session, product_id)
    product.archived_at = utc_now()
    await session.execute(delete(CartItem).where(CartItem.product_id == product_id))


async def _flush_unique_sku(session: AsyncSession, sku: str) -> None:
    # The index decides, and not a query beforehand: between the query and the insert another request may win.
    try:
        await session.flush()
    except IntegrityError as error:
        raise DuplicateSkuError(sku) from error
