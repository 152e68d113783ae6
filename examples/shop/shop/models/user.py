"""Users: customers and staff."""

import enum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from rapide.auth import store_table
from rapide.auth.users import UserColumns
from shop.models.base import Base


class Role(enum.StrEnum):
    CUSTOMER = "customer"
    STAFF = "staff"


class User(UserColumns, Base):
    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[Role] = mapped_column(default=Role.CUSTOMER)


# Refresh tokens and the warehouse's keys, as hashes.
auth_table = store_table(Base.metadata)
