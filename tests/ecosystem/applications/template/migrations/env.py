"""How Alembic reaches the database."""

from alembic import context
from sqlalchemy import engine_from_config, pool
from sqlmodel import SQLModel
from template import models  # noqa: F401  # its tables are in the metadata then

engine = engine_from_config(
    context.config.get_section(context.config.config_ini_section, {}),
    poolclass=pool.NullPool,
    prefix="sqlalchemy.",
)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
