"""Stock over HTTP."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from shop.models import MovementKind
from shop.schemas.fields import REFUSE_TEXT, Incoming, Note, Outgoing, RowId
from shop.schemas.paging import PageQuery
from shop.services.stock import MAX_ON_HAND


class StockQuery(PageQuery):
    """Filters of the stock list."""

    at_most: int | None = Field(
        default=None,
        ge=0,
        le=MAX_ON_HAND,
        description="Only products with at most so many pieces.",
    )


class StockRead(Outgoing):
    """How many pieces of a product there are."""

    product_id: RowId
    on_hand: int = Field(ge=0, le=MAX_ON_HAND, description="Pieces in the warehouse.")
    updated_at: datetime


class MovementCreate(Incoming):
    """Pieces that came or went other than by an order. The kind says in which direction."""

    kind: Literal[MovementKind.RECEIVED, MovementKind.RETURNED, MovementKind.WRITTEN_OFF] = Field(
        description="`received` and `returned` add to the stock, `written_off` takes from it.",
        examples=["received"],
    )
    quantity: Annotated[
        int, Field(ge=1, le=1_000_000, description="Number of pieces.", examples=[25]), REFUSE_TEXT
    ]
    note: Note | None = Field(default=None, description="For the ledger.", examples=["Delivery 4711"])


class MovementRead(Outgoing):
    """An entry of the stock ledger."""

    id: RowId
    product_id: RowId
    order_id: RowId | None = Field(description="The order that caused it, if one did.")
    kind: MovementKind
    change: int = Field(description="Pieces added, or taken if negative.")
    note: Note | None
    created_at: datetime
