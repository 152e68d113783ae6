"""The history of the schema, and how to bring a database to any point of it.

At start-up the application calls `upgrade`. By hand, from the project's folder: `alembic upgrade head`,
`alembic downgrade -1`, `alembic revision --autogenerate -m "what changes"`.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database forward to `revision`. Blocks; call it from a thread when an event loop runs."""
    command.upgrade(_configure(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take the database back to `revision` (`base` for nothing at all). Blocks, like `upgrade`."""
    command.downgrade(_configure(database_url), revision)


def _configure(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["database_url"] = database_url
    return config
