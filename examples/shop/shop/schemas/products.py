"""Products over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict

from shop.schemas.fields import Description, Incoming, Name, Outgoing, PriceCents, RowId, Sku
from shop.schemas.paging import PageQuery

ProductName = Annotated[Name, Field(description="Name as shown to customers.", examples=["White mug"])]


class ProductQuery(PageQuery):
    """Filters of the catalogue."""

    text: Name | None = Field(default=None, description="Only products with this text in the name.")
    max_price_cents: int | None = Field(
        default=None, ge=1, le=100_000_000, description="Only products up to this price."
    )


class ProductCreate(Incoming):
    """A new product. It starts with nothing in stock."""

    sku: Sku
    name: ProductName
    description: Description | None = None
    price_cents: PriceCents


@with_config(
    ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"price_cents": 1190, "description": "Now with a handle."}]},
    )
)
class ProductChanges(TypedDict, total=False):
    """What to change (RFC 7396). A field left out stays; null clears it, where there may be nothing."""

    sku: Sku
    name: ProductName
    description: Description | None
    price_cents: PriceCents


class ProductRead(Outgoing):
    """A product for sale."""

    id: RowId
    sku: Sku
    name: ProductName
    description: Description | None
    price_cents: PriceCents
    in_stock: bool = Field(description="Whether there is at least one piece.")
    created_at: datetime
    updated_at: datetime
