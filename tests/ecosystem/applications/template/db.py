"""The engine, migrations to the newest version, and the first user."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlmodel import Session, create_engine

from . import crud
from .config import settings
from .models import UserCreate

engine = create_engine(settings.DATABASE, connect_args={"check_same_thread": False})


def migrate() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", settings.DATABASE)
    command.upgrade(config, "head")


def create_first_user(session: Session) -> None:
    if crud.find_user(session, settings.FIRST_SUPERUSER) is None:
        first = UserCreate(
            email=settings.FIRST_SUPERUSER,
            password=settings.FIRST_SUPERUSER_PASSWORD.get_secret_value(),
            is_superuser=True,
        )
        crud.create_user(session, first)
