"""Demo data for the first start. The examples in the API documentation name these rows."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from rapide.auth import hash_password
from shop.database import Database
from shop.identity import WAREHOUSE, Identity
from shop.models import Cart, MovementKind, OrderStatus, Product, Role, User
from shop.models.base import utc_now
from shop.services.carts import put_item
from shop.services.orders import Checkout, advance_order, place_order
from shop.services.products import create_product
from shop.services.stock import move_stock

# Article number, name, description, price in cents, pieces.
_PRODUCTS = (
    ("MUG-BLUE", "Blue mug", "Stoneware, 350 ml, dishwasher-safe.", 1290, 120),
    ("MUG-GREEN", "Green mug", "Stoneware, 350 ml, dishwasher-safe.", 1290, 80),
    ("TEAPOT-1L", "Teapot", "Glass, one litre, with a strainer.", 3490, 25),
    ("TEA-ASSAM-250", "Assam tea", "Second flush, 250 g.", 1150, 200),
    ("TEA-SENCHA-100", "Sencha tea", "First harvest, 100 g.", 1480, 60),
    ("KETTLE-STEEL", "Kettle", "Stainless steel, 1.7 l.", 5990, 15),
    ("SPOON-SET-6", "Tea spoons", None, 1990, 3),
    ("TRAY-OAK", "Oak tray", "The last ones.", 2790, 1),
)

# What the examples do with a cart decides which one they name: reading and ordering, taking something out,
# deletion.
CART_TO_ORDER = UUID("5eed0000-0000-4000-8000-00000000000a")
CART_TO_CHANGE = UUID("5eed0000-0000-4000-8000-00000000000b")
CART_TO_DELETE = UUID("5eed0000-0000-4000-8000-00000000000c")

_ADDRESS = {"street": "12 St James's Square", "postal_code": "SW1Y 4JH", "city": "London", "country": "GB"}


class _DemoOrder(NamedTuple):
    customer: str
    email: str
    states: tuple[OrderStatus, ...] = ()


# One to be paid, one to be shipped, one to be cancelled, and one that is done.
_ORDERS = (
    _DemoOrder("Ada Lovelace", "ada@example.com"),
    _DemoOrder("Grace Hopper", "grace@example.com", (OrderStatus.PAID,)),
    _DemoOrder("Alan Turing", "alan@example.com"),
    _DemoOrder("Ada Lovelace", "ada@example.com", (OrderStatus.PAID, OrderStatus.SHIPPED)),
)


async def seed_if_empty(database: Database, *, currency: str) -> None:
    """Fill the shop, unless there is a product already.

    In one transaction: of several workers that start together one does it, and a start that dies half-way
    leaves nothing behind. It uses the services, so the data obeys every rule of the shop.
    """
    async with database.transaction() as session:
        if await session.scalar(select(Product.id).limit(1)) is not None:
            return
        for sku, name, description, price_cents, pieces in _PRODUCTS:
            product = await create_product(
                session, sku=sku, name=name, description=description, price_cents=price_cents
            )
            await move_stock(session, product.id, MovementKind.RECEIVED, pieces, note="Opening stock")
        for cart_id in (CART_TO_ORDER, CART_TO_CHANGE, CART_TO_DELETE):
            await _fill_cart(session, cart_id)
        for number, demo in enumerate(_ORDERS, start=1):
            await _place(session, number, demo, currency=currency)


async def _fill_cart(session: AsyncSession, cart_id: UUID) -> None:
    session.add(Cart(id=cart_id))
    await session.flush()
    await put_item(session, cart_id, product_id=1, quantity=2)
    await put_item(session, cart_id, product_id=4, quantity=1)


async def _place(session: AsyncSession, number: int, demo: _DemoOrder, *, currency: str) -> None:
    cart_id = UUID(f"5eed0000-0000-4000-8000-0000000001{number:02}")
    await _fill_cart(session, cart_id)
    checkout = Checkout(cart_id, demo.customer, demo.email, _ADDRESS)
    order, _ = await place_order(session, checkout, idempotency_key=cart_id, currency=currency)
    # Nobody is to get mail about orders that nobody placed.
    order.confirmation_sent_at = utc_now()
    await session.flush()
    for state in demo.states:
        await advance_order(session, order.id, state)


_PASSWORD = "two mugs of tea"  # noqa: S105 -- of the demo, and printed when it starts
_USERS = (
    ("staff@example.com", "Charles Babbage", Role.STAFF),
    ("ada@example.com", "Ada Lovelace", Role.CUSTOMER),
)


async def seed_logins(database: Database, identity: Identity) -> str:
    """Let people in: users, unless there is one already, and a key for the warehouse. Returns how to log in.

    Of the key only a hash is kept, so that each start makes one, for a day.
    """
    hashes = [await hash_password(_PASSWORD) for _ in _USERS]
    async with database.transaction() as session:
        if await session.scalar(select(User.id).limit(1)) is None:
            for (email, name, role), hashed in zip(_USERS, hashes, strict=True):
                session.add(User(email=email, name=name, role=role, password_hash=hashed, is_verified=True))
    # After the transaction: the store has a connection of its own, and SQLite lets one write at a time.
    return await _describe_logins(identity)


async def _describe_logins(identity: Identity) -> str:
    key, _ = await identity.keys.create(WAREHOUSE, name="demo", expires_in=timedelta(days=1))
    return f"""Demo logins, for "Authorize" at /docs (SHOP_SEED=false makes none):
  staff      staff@example.com  {_PASSWORD}
  customer   ada@example.com    {_PASSWORD}
  warehouse  {key}"""
