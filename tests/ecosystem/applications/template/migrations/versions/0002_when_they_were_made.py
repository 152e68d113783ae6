"""When users and items were made."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("user", "item"):
        op.add_column(table, sa.Column("created_at", sa.DateTime(), nullable=False))


def downgrade() -> None:
    for table in ("user", "item"):
        op.drop_column(table, "created_at")
