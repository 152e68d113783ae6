"""Stock: how many pieces there are, and how that came about."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, utc_now


class MovementKind(enum.StrEnum):
    RECEIVED = "received"
    RETURNED = "returned"
    WRITTEN_OFF = "written_off"
    SOLD = "sold"
    CANCELLED = "cancelled"


class StockLevel(Base):
    """One row per product. The check is the last line of defence; services never come near it."""

    __tablename__ = "stock_levels"

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    on_hand: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)

    __table_args__ = (CheckConstraint("on_hand >= 0", name="on_hand_not_negative"),)


class StockMovement(Base):
    """An entry of the stock ledger: never changed; the sum of a product's entries is its level."""

    __tablename__ = "stock_movements"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[MovementKind]
    change: Mapped[int]
    note: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    __table_args__ = (Index("ix_stock_movements_product_id_id", "product_id", "id"),)
