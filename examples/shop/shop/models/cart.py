"""Carts: what a visitor means to buy."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import Base, utc_now
from shop.models.product import Product


class CartItem(Base):
    __tablename__ = "cart_items"

    cart_id: Mapped[UUID] = mapped_column(ForeignKey("carts.id", ondelete="CASCADE"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, index=True)
    quantity: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(default=utc_now)

    product: Mapped[Product] = relationship(lazy="raise")

    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    @property
    def line_total_cents(self) -> int:
        return self.product.price_cents * self.quantity


class Cart(Base):
    """Belongs to whoever knows its id, which is why that is random and long."""

    __tablename__ = "carts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    items: Mapped[list[CartItem]] = relationship(
        lazy="raise",
        order_by=(CartItem.added_at, CartItem.product_id),
        cascade="save-update, merge",
        passive_deletes="all",
    )

    @property
    def total_cents(self) -> int:
        return sum(item.line_total_cents for item in self.items)
