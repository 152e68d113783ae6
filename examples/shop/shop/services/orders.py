"""Orders: placed once, then paid and shipped, or cancelled."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from shop.errors import IdempotencyKeyReusedError, OrderNotFoundError, OrderStateError
from shop.models import MovementKind, Order, OrderLine, OrderStatus
from shop.models.base import utc_now
from shop.services.carts import Wanted, take_items
from shop.services.paging import Slice, Window, fetch_slice
from shop.services.products import get_product
from shop.services.stock import move_stock

# From which states an order may come into which.
_BEFORE = {
    OrderStatus.PAID: frozenset({OrderStatus.PLACED}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.PAID}),
    OrderStatus.CANCELLED: frozenset({OrderStatus.PLACED, OrderStatus.PAID}),
}


@dataclass(frozen=True)
class Checkout:
    """What a customer asks for when placing an order."""

    cart_id: UUID
    customer_name: str
    customer_email: str
    shipping_address: dict[str, str]


async def find_orders(
    session: AsyncSession, window: Window, *, status: OrderStatus | None = None, email: str | None = None
) -> Slice[Order]:
    """Orders, newest first, optionally those in one state or of one customer."""
    statement = select(Order).options(selectinload(Order.lines))
    if status is not None:
        statement = statement.where(Order.status == status)
    if email is not None:
        statement = statement.where(Order.customer_email == email)
    return await fetch_slice(session, statement, window, key=Order.id, newest_first=True)


async def get_order(session: AsyncSession, order_id: int) -> Order:
    """The order with its lines."""
    statement = select(Order).where(Order.id == order_id).options(selectinload(Order.lines))
    order = await session.scalar(statement.execution_options(populate_existing=True))
    if order is None:
        raise OrderNotFoundError(order_id)
    return order


async def place_order(
    session: AsyncSession, checkout: Checkout, *, idempotency_key: UUID, currency: str
) -> tuple[Order, bool]:
    """Turn a cart into an order, once per key; the flag says whether this call did it.

    A client that never saw the answer may ask again with the same key and gets the same order. Everything
    happens in the caller's transaction: if one product is short, no stock is taken, and the cart is as full
    as it was.
    """
    earlier = await _find_earlier(session, idempotency_key, checkout)
    if earlier is not None:
        return earlier, False
    wanted = await take_items(session, checkout.cart_id)
    lines = [await _make_line(session, item) for item in wanted]
    order = Order(
        idempotency_key=idempotency_key,
        cart_id=checkout.cart_id,
        customer_name=checkout.customer_name,
        customer_email=checkout.customer_email,
        shipping_address=checkout.shipping_address,
        currency=currency,
        total_cents=sum(line.line_total_cents for line in lines),
        lines=lines,
    )
    session.add(order)
    await session.flush()
    for item in wanted:
        await move_stock(session, item.product_id, MovementKind.SOLD, item.quantity, order_id=order.id)
    return order, True


async def advance_order(session: AsyncSession, order_id: int, status: OrderStatus) -> Order:
    """Bring an order into its next state; a cancelled one gives its pieces back to the stock.

    The state it must come from is part of the UPDATE: of two clerks who ship and cancel at once, one
    succeeds.
    """
    moved = await session.scalar(
        update(Order)
        .where(Order.id == order_id, Order.status.in_(_BEFORE[status]))
        .values(status=status, updated_at=utc_now())
        .returning(Order.id)
        .execution_options(synchronize_session=False)
    )
    order = await get_order(session, order_id)
    if moved is None:
        raise OrderStateError(order_id, order.status.value, status.value)
    if status is OrderStatus.CANCELLED:
        for line in order.lines:
            await move_stock(
                session, line.product_id, MovementKind.CANCELLED, line.quantity, order_id=order_id
            )
    return order


async def _find_earlier(session: AsyncSession, idempotency_key: UUID, checkout: Checkout) -> Order | None:
    statement = (
        select(Order).where(Order.idempotency_key == idempotency_key).options(selectinload(Order.lines))
    )
    order = await session.scalar(statement)
    if order is None:
        return None
    asked_before = Checkout(order.cart_id, order.customer_name, order.customer_email, order.shipping_address)
    if asked_before != checkout:
        raise IdempotencyKeyReusedError
    return order


async def _make_line(session: AsyncSession, item: Wanted) -> OrderLine:
    product = await get_product(session, item.product_id)
    return OrderLine(
        product_id=product.id,
        sku=product.sku,
        name=product.name,
        unit_price_cents=product.price_cents,
        quantity=item.quantity,
    )
