"""Carts."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from shop.errors import CartEmptyError, CartFullError, CartItemNotFoundError, CartNotFoundError
from shop.models import Cart, CartItem
from shop.services.products import get_product

MAX_ITEMS = 50
MAX_QUANTITY = 1_000


@dataclass(frozen=True)
class Wanted:
    """So many pieces of a product, taken out of a cart."""

    product_id: int
    quantity: int


async def create_cart(session: AsyncSession) -> Cart:
    cart = Cart(items=[])
    session.add(cart)
    await session.flush()
    return cart


async def get_cart(session: AsyncSession, cart_id: UUID) -> Cart:
    """The cart with its items and their products, all loaded."""
    statement = (
        select(Cart)
        .where(Cart.id == cart_id)
        .options(selectinload(Cart.items).selectinload(CartItem.product))
        .execution_options(populate_existing=True)
    )
    cart = await session.scalar(statement)
    if cart is None:
        raise CartNotFoundError(cart_id)
    return cart


async def delete_cart(session: AsyncSession, cart_id: UUID) -> None:
    deleted = await session.scalar(delete(Cart).where(Cart.id == cart_id).returning(Cart.id))
    if deleted is None:
        raise CartNotFoundError(cart_id)


async def put_item(session: AsyncSession, cart_id: UUID, product_id: int, quantity: int) -> Cart:
    """Have `quantity` pieces of a product in the cart, however many there were."""
    await _require_cart(session, cart_id)
    await get_product(session, product_id)
    item = await session.get(CartItem, (cart_id, product_id))
    if item is not None:
        item.quantity = quantity
    else:
        await _require_room(session, cart_id)
        session.add(CartItem(cart_id=cart_id, product_id=product_id, quantity=quantity))
    await session.flush()
    return await get_cart(session, cart_id)


async def remove_item(session: AsyncSession, cart_id: UUID, product_id: int) -> None:
    await _require_cart(session, cart_id)
    statement = (
        delete(CartItem)
        .where(CartItem.cart_id == cart_id, CartItem.product_id == product_id)
        .returning(CartItem.product_id)
    )
    if await session.scalar(statement) is None:
        raise CartItemNotFoundError(product_id)


async def take_items(session: AsyncSession, cart_id: UUID) -> list[Wanted]:
    """Empty the cart and say what was in it.

    One DELETE, so that of two checkouts of the same cart only one finds anything.
    """
    await _require_cart(session, cart_id)
    rows = await session.execute(
        delete(CartItem).where(CartItem.cart_id == cart_id).returning(CartItem.product_id, CartItem.quantity)
    )
    wanted = [Wanted(product_id, quantity) for product_id, quantity in rows]
    if not wanted:
        raise CartEmptyError
    # Everybody locks stock in the same order; two orders of the same products could wait for each other
    # otherwise.
    return sorted(wanted, key=lambda item: item.product_id)


async def _require_cart(session: AsyncSession, cart_id: UUID) -> None:
    if await session.get(Cart, cart_id) is None:
        raise CartNotFoundError(cart_id)


async def _require_room(session: AsyncSession, cart_id: UUID) -> None:
    items = await session.scalar(
        select(func.count()).select_from(CartItem).where(CartItem.cart_id == cart_id)
    )
    if items is not None and items >= MAX_ITEMS:
        raise CartFullError(MAX_ITEMS)
