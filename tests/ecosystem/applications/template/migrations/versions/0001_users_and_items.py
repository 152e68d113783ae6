"""Users and items."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("email", AutoString(255), nullable=False, unique=True, index=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_superuser", sa.Boolean(), nullable=False),
        sa.Column("full_name", AutoString(255)),
        sa.Column("hashed_password", AutoString(), nullable=False),
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("title", AutoString(255), nullable=False),
        sa.Column("description", AutoString(255)),
        sa.Column("price", sa.Numeric(8, 2), nullable=False),
        sa.Column("colour", sa.Enum("red", "green", name="colour"), nullable=False),
        sa.Column("owner_id", sa.Uuid(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("item")
    op.drop_table("user")
