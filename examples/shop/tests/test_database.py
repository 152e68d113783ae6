"""Transactions as a client sees them: what was answered with success is stored, and nothing else is."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session
from starlette.types import Message, Receive, Scope, Send

from rapide.testclient import TestClient
from shop.main import create_app
from shop.settings import Settings

_PRODUCT = {"sku": "NEW", "name": "New", "price_cents": 1}


@contextmanager
def _before_commit(action: object) -> Iterator[None]:
    event.listen(Session, "before_commit", action)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", action)


def _skus(database_file: Path) -> set[str]:
    with closing(sqlite3.connect(database_file)) as connection:
        return {sku for (sku,) in connection.execute("SELECT sku FROM products")}


def test_commit_comes_before_the_first_byte_of_the_answer(
    staff_of: Callable[..., TestClient], settings: Settings, database_file: Path
) -> None:
    """When the status line leaves, another connection already sees the product."""
    stored_when_answering = []
    shop = create_app(settings)

    async def spy(scope: Scope, receive: Receive, send: Send) -> None:
        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":
                stored_when_answering.append("NEW" in _skus(database_file))
            await send(message)

        await shop(scope, receive, watch)

    with TestClient(spy, headers=staff_of(shop).headers) as client:
        assert client.post("/products", json=_PRODUCT).status_code == 201
    assert stored_when_answering == [True]


def test_commit_refused_by_a_constraint_is_a_conflict_the_client_sees(
    client: TestClient, database_file: Path
) -> None:
    """A foreign key that is checked at the commit only: 409, and nothing is stored."""

    def break_a_foreign_key(session: Session) -> None:
        session.execute(text("PRAGMA defer_foreign_keys = ON"))
        session.execute(text("INSERT INTO stock_levels VALUES (4711, 0, '2026-01-01')"))

    with _before_commit(break_a_foreign_key):
        response = client.post("/products", json=_PRODUCT)
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"].endswith("/concurrent-change")
    assert "NEW" not in _skus(database_file)
    assert client.post("/products", json=_PRODUCT).status_code == 201


def test_commit_that_fails_is_an_error_the_client_sees(
    staff_of: Callable[..., TestClient], settings: Settings, database_file: Path
) -> None:
    """Whatever goes wrong at the commit: 500, nothing is stored, and the next request works."""

    def fail(session: Session) -> None:
        raise RuntimeError("the disk is on fire")

    with staff_of(create_app(settings), raise_server_exceptions=False) as client:
        with _before_commit(fail):
            response = client.post("/products", json=_PRODUCT)
        assert response.status_code == 500
        assert "fire" not in response.text
        assert "NEW" not in _skus(database_file)
        assert client.post("/products", json=_PRODUCT).status_code == 201


def test_locked_database_is_unavailable_for_writing_and_not_for_reading(
    staff_of: Callable[..., TestClient], settings: Settings, database_file: Path
) -> None:
    """Somebody holds the write lock for too long: 503, while readers notice nothing."""
    hasty = settings.model_copy(update={"lock_timeout": 0.1})
    with staff_of(create_app(hasty)) as client, closing(sqlite3.connect(database_file)) as other:
        other.execute("BEGIN IMMEDIATE")
        response = client.post("/products", json=_PRODUCT)
        assert response.status_code == 503
        assert response.json()["type"].endswith("/unavailable")
        assert int(response.headers["retry-after"]) > 0
        assert client.get("/products").status_code == 200
        other.rollback()
        assert client.post("/products", json=_PRODUCT).status_code == 201


def test_refused_request_leaves_nothing_behind(client: TestClient, database_file: Path) -> None:
    """The second of two equal products is refused after its row was written; the first stays alone."""
    client.post("/products", json=_PRODUCT)
    assert client.post("/products", json=_PRODUCT).status_code == 409
    with closing(sqlite3.connect(database_file)) as connection:
        assert connection.execute("SELECT count(*) FROM products WHERE sku = 'NEW'").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM stock_levels").fetchone() == (9,)


def test_foreign_keys_are_enforced(client: TestClient, database_file: Path) -> None:
    """SQLite checks them only when told to on each connection; deleting a cart takes its items along."""
    client.delete("/carts/5eed0000-0000-4000-8000-00000000000a")
    with closing(sqlite3.connect(database_file)) as connection:
        orphans = "SELECT count(*) FROM cart_items WHERE cart_id NOT IN (SELECT id FROM carts)"
        assert connection.execute(orphans).fetchone() == (0,)


@pytest.mark.parametrize("path", ["/products", "/products/1", "/stock", "/orders", "/health/ready"])
def test_reading_takes_no_write_lock(
    staff_of: Callable[..., TestClient], settings: Settings, database_file: Path, path: str
) -> None:
    """GET answers while another process is in the middle of a write."""
    hasty = settings.model_copy(update={"lock_timeout": 0.1})
    with staff_of(create_app(hasty)) as client, closing(sqlite3.connect(database_file)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert client.get(path).status_code == 200
