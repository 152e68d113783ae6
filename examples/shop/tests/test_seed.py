"""The first start and the ones after it."""

from collections.abc import Callable
from pathlib import Path

from rapide.testclient import TestClient
from shop.main import create_app
from shop.settings import Settings


def _settings(folder: Path, *, seed: bool) -> Settings:
    return Settings(
        _env_file=None,
        database_url=f"sqlite+aiosqlite:///{folder / 'deep' / 'shop.db'}",
        mail_file=folder / "mail.mbox",
        seed=seed,
    )


def test_first_start_fills_the_shop(staff_of: Callable[..., TestClient], tmp_path: Path) -> None:
    """From nothing, not even the folder: products and orders, and no mail to anybody."""
    with staff_of(create_app(_settings(tmp_path, seed=True))) as client:
        assert len(client.get("/products").json()["items"]) == 8
        orders = client.get("/orders").json()["items"]
    assert [order["status"] for order in orders] == ["shipped", "placed", "paid", "placed"]
    assert not (tmp_path / "mail.mbox").exists()


def test_later_start_leaves_the_data_alone(staff_of: Callable[..., TestClient], tmp_path: Path) -> None:
    """What was changed stays changed, and what was archived stays away."""
    for price, archived in ((1, 8), (2, 7)):
        with staff_of(create_app(_settings(tmp_path, seed=True))) as client:
            assert client.patch("/products/1", json={"price_cents": price}).status_code == 200
            assert client.delete(f"/products/{archived}").status_code == 204
    with staff_of(create_app(_settings(tmp_path, seed=True))) as client:
        products = client.get("/products").json()["items"]
    assert [product["id"] for product in products] == [1, 2, 3, 4, 5, 6]
    assert products[0]["price_cents"] == 2


def test_shop_stays_empty_when_seeding_is_off(staff_of: Callable[..., TestClient], tmp_path: Path) -> None:
    """As production wants it."""
    with staff_of(create_app(_settings(tmp_path, seed=False))) as client:
        assert client.get("/products").json() == {"items": [], "next_cursor": None}
        assert client.get("/orders").json() == {"items": [], "next_cursor": None}
