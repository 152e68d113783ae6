"""Orders: what was bought, at which price, by whom."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import Base, Cents, utc_now


class OrderStatus(enum.StrEnum):
    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class OrderLine(Base):
    """Name and price as they were when the order was placed, whatever becomes of the product."""

    __tablename__ = "order_lines"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    unit_price_cents: Mapped[Cents]
    quantity: Mapped[int]

    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    @property
    def line_total_cents(self) -> int:
        return self.unit_price_cents * self.quantity


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The client's key for the attempt. Unique, so that an attempt that is repeated cannot become a second
    # order.
    idempotency_key: Mapped[UUID] = mapped_column(unique=True)
    # The cart it came from; no foreign key, because carts come and go.
    cart_id: Mapped[UUID]
    status: Mapped[OrderStatus] = mapped_column(default=OrderStatus.PLACED)
    customer_name: Mapped[str] = mapped_column(String(120))
    customer_email: Mapped[str] = mapped_column(String(254), index=True)
    shipping_address: Mapped[dict[str, str]] = mapped_column(JSON)
    currency: Mapped[str] = mapped_column(String(3))
    total_cents: Mapped[Cents]
    placed_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    # Empty until the confirmation went out: the orders without it are the queue of mail still to be sent.
    confirmation_sent_at: Mapped[datetime | None]

    lines: Mapped[list[OrderLine]] = relationship(lazy="raise", order_by=OrderLine.product_id)

    __table_args__ = (
        Index("ix_orders_status_id", "status", "id"),
        Index(
            "ix_orders_confirmation_waiting",
            "id",
            sqlite_where=text("confirmation_sent_at IS NULL"),
            postgresql_where=text("confirmation_sent_at IS NULL"),
        ),
    )
