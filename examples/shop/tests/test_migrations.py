"""The history of the schema, forwards and backwards."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from shop import migrations
from shop.models import Base

_PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "empty.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


def _tables(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _revision(file: Path) -> str | None:
    with closing(sqlite3.connect(file)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else row[0]


def test_upgraded_database_is_what_the_models_say(file: Path, url: str) -> None:
    """Alembic finds no difference between the two, types, indexes and constraints included."""
    migrations.upgrade(url)
    engine = create_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
    finally:
        engine.dispose()


def test_downgraded_database_is_empty(file: Path, url: str) -> None:
    """Every step can be undone, and then done again."""
    migrations.upgrade(url)
    migrations.downgrade(url, "base")
    assert _tables(file) == {"alembic_version"}
    assert _revision(file) is None
    migrations.upgrade(url)
    assert _tables(file) == {"alembic_version", *Base.metadata.tables}


@pytest.mark.parametrize(
    ("before", "after"), [("base", "0001"), ("0001", "0002"), ("0002", "0003"), ("0003", "0004")]
)
def test_step_back_undoes_the_step(url: str, file: Path, before: str, after: str) -> None:
    """One revision up and down again leaves the tables there were."""
    if before != "base":
        migrations.upgrade(url, before)
    tables = _tables(file) if file.exists() else set()
    migrations.upgrade(url, after)
    assert _revision(file) == after
    migrations.downgrade(url, before)
    assert _tables(file) - {"alembic_version"} == tables - {"alembic_version"}


def test_ledger_survives_the_steps_that_rebuild_its_table(file: Path, url: str) -> None:
    """Revision 0003 copies the table, in both directions, and keeps its rows."""
    migrations.upgrade(url, "0002")
    with closing(sqlite3.connect(file)) as connection:
        now = "2026-01-01 00:00:00"
        connection.execute("INSERT INTO products VALUES (1, 'A', 'A', NULL, 1, ?, ?, NULL)", (now, now))
        connection.execute("INSERT INTO stock_movements VALUES (1, 1, 'received', 5, NULL, ?)", (now,))
        connection.commit()
    migrations.upgrade(url, "0003")
    migrations.downgrade(url, "0002")
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT id, change FROM stock_movements").fetchall() == [(1, 5)]


def test_upgrade_that_fails_changes_nothing(file: Path, url: str) -> None:
    """Something is in the way of the last table of a revision: the tables before it are not there either."""
    migrations.upgrade(url, "0002")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE order_lines (in_the_way INTEGER)")
    with pytest.raises(Exception, match="order_lines"):
        migrations.upgrade(url)
    assert "orders" not in _tables(file)
    assert _revision(file) == "0002"


def test_upgrade_does_nothing_when_there_is_nothing_to_do(file: Path, url: str) -> None:
    """Every start of the application asks for it."""
    migrations.upgrade(url)
    before = file.read_bytes()
    migrations.upgrade(url)
    assert file.read_bytes() == before


def test_command_line_upgrades_once_when_started_twice_at_the_same_time(file: Path, url: str) -> None:
    """As by two workers of a server: both end well, and so does the check against the models."""
    upgrades = [_start_alembic(url, "upgrade", "head") for _ in range(2)]
    for process in upgrades:
        _finish(process)
    _finish(_start_alembic(url, "check"))
    assert _revision(file) == "0004"


def _start_alembic(url: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 -- a fixed command
        [sys.executable, "-m", "alembic", *arguments],
        cwd=_PROJECT,
        env=os.environ | {"SHOP_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _finish(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors.decode()
