"""Users, and what logins leave behind."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("is_verified", sa.Boolean, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "rapide_auth",
        sa.Column("space", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("group", sa.String(255)),
        sa.Column("expires_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("space", "key", name=op.f("pk_rapide_auth")),
    )
    op.create_index("ix_rapide_auth_group", "rapide_auth", ["space", "group"])
    op.create_index("ix_rapide_auth_expires_at", "rapide_auth", ["expires_at"])


def downgrade() -> None:
    op.drop_table("rapide_auth")
    op.drop_table("users")
