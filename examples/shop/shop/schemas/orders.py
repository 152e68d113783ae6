"""Orders over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shop.models import OrderStatus
from shop.schemas.carts import TotalCents
from shop.schemas.fields import CartKey, Email, Incoming, Name, Outgoing, PriceCents, Quantity, RowId, Sku
from shop.schemas.paging import PageQuery
from shop.schemas.products import ProductName
from shop.services.carts import MAX_ITEMS

CustomerName = Annotated[Name, Field(description="Name of the customer.", examples=["Ada Lovelace"])]


class OrderQuery(PageQuery):
    """Filters of the order list."""

    status: OrderStatus | None = Field(default=None, description="Only orders in this state.")
    email: Email | None = Field(default=None, description="Only orders of this customer.")


class Address(Incoming):
    """Where to send the parcel."""

    street: Name = Field(description="Street and number.", examples=["12 St James's Square"])
    postal_code: str = Field(
        pattern="^[A-Z0-9]([A-Z0-9 -]{0,8}[A-Z0-9])?$", max_length=10, examples=["SW1Y 4JH"]
    )
    city: Name = Field(examples=["London"])
    country: str = Field(
        pattern="^[A-Z]{2}$", max_length=2, description="Two-letter code (ISO 3166-1).", examples=["GB"]
    )


class OrderCreate(Incoming):
    """The checkout of a cart."""

    cart_id: CartKey = Field(examples=["5eed0000-0000-4000-8000-00000000000a"])
    customer_name: CustomerName
    customer_email: Email
    shipping_address: Address


class OrderLineRead(Outgoing):
    """A product at the price it was bought for."""

    product_id: RowId
    sku: Sku
    name: ProductName
    unit_price_cents: PriceCents
    quantity: Quantity
    line_total_cents: TotalCents


class OrderRead(Outgoing):
    """An order."""

    id: RowId
    cart_id: UUID
    status: OrderStatus
    customer_name: CustomerName
    customer_email: Email
    shipping_address: Address
    currency: str = Field(pattern="^[A-Z]{3}$", max_length=3, examples=["EUR"])
    lines: list[OrderLineRead] = Field(max_length=MAX_ITEMS)
    total_cents: TotalCents
    placed_at: datetime
    updated_at: datetime
    confirmation_sent_at: datetime | None = Field(
        description="When the confirmation was mailed; null until then."
    )
