"""Carts over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import AliasPath, Field

from shop.schemas.fields import CartKey, Incoming, Outgoing, PriceCents, Quantity, RowId, Sku
from shop.schemas.products import ProductName
from shop.services.carts import MAX_ITEMS

TotalCents = Annotated[int, Field(ge=0, description="Sum in cents of the shop's currency.")]


class CartItemPut(Incoming):
    """How many pieces of the product the cart shall hold."""

    quantity: Quantity


class CartItemRead(Outgoing):
    """A product in a cart, at its present price."""

    product_id: RowId
    sku: Sku = Field(validation_alias=AliasPath("product", "sku"))
    name: ProductName = Field(validation_alias=AliasPath("product", "name"))
    unit_price_cents: PriceCents = Field(validation_alias=AliasPath("product", "price_cents"))
    quantity: Quantity
    line_total_cents: TotalCents


class CartRead(Outgoing):
    """A cart with everything in it."""

    id: CartKey
    items: list[CartItemRead] = Field(max_length=MAX_ITEMS)
    total_cents: TotalCents
    created_at: datetime
