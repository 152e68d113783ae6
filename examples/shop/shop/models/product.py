"""Products: what is for sale."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.models.base import Base, Cents, utc_now
from shop.models.stock import StockLevel


class Product(Base):
    """Archived and never deleted, because old orders point to it; its article number becomes free again."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str | None] = mapped_column(String(2000))
    price_cents: Mapped[Cents]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    archived_at: Mapped[datetime | None]

    # Always loaded along: it is one row, and every view of a product shows whether there is any left.
    stock: Mapped[StockLevel] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (
        CheckConstraint("price_cents > 0", name="price_positive"),
        Index(
            "uq_products_sku_for_sale",
            "sku",
            unique=True,
            sqlite_where=text("archived_at IS NULL"),
            postgresql_where=text("archived_at IS NULL"),
        ),
    )

    @property
    def in_stock(self) -> bool:
        return self.stock.on_hand > 0
