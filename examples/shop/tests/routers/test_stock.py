"""Stock over HTTP."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from rapide.testclient import TestClient
from shop.main import create_app
from shop.settings import Settings


def test_level_shows_what_is_left(client: TestClient) -> None:
    """120 blue mugs came in, and three of the four seeded orders of two each were not cancelled."""
    level = client.get("/stock/1").json()
    assert level["on_hand"] == 120 - 4 * 2


def test_listing_filters_what_runs_low(client: TestClient) -> None:
    """Products with at most three pieces."""
    items = client.get("/stock", params={"at_most": 3}).json()["items"]
    assert [(level["product_id"], level["on_hand"]) for level in items] == [(7, 3), (8, 1)]


@pytest.mark.parametrize(("kind", "change"), [("received", 5), ("returned", 5), ("written_off", -5)])
def test_movement_changes_the_level_by_its_kind(client: TestClient, kind: str, change: int) -> None:
    """Pieces come or go, and the ledger says so."""
    body = {"kind": kind, "quantity": 5, "note": "Delivery 4711"}
    response = client.post("/stock/3/movements", json=body)
    assert response.status_code == 201
    assert response.json()["change"] == change
    assert client.get("/stock/3").json()["on_hand"] == 25 + change
    assert client.get("/stock/3/movements").json()["items"][0] == response.json()


def test_ledger_adds_up_to_the_level(client: TestClient) -> None:
    """After an order, a cancellation and a delivery the sum of the changes is the level, for each product."""
    client.post("/orders/1/cancel")
    client.post("/stock/1/movements", json={"kind": "received", "quantity": 7})
    for level in client.get("/stock").json()["items"]:
        movements = client.get(f"/stock/{level['product_id']}/movements", params={"limit": 100}).json()[
            "items"
        ]
        assert sum(movement["change"] for movement in movements) == level["on_hand"]


def test_first_pieces_put_a_product_in_stock(client: TestClient) -> None:
    """A new product is sold out until something arrives."""
    product = client.post("/products", json={"sku": "NEW", "name": "New", "price_cents": 1}).json()
    client.post(f"/stock/{product['id']}/movements", json={"kind": "received", "quantity": 1})
    assert client.get(f"/products/{product['id']}").json()["in_stock"] is True


def test_write_off_of_more_than_there_is_changes_nothing(client: TestClient) -> None:
    """The level is not negative, and the ledger has no entry of it."""
    before = client.get("/stock/8/movements").json()
    response = client.post("/stock/8/movements", json={"kind": "written_off", "quantity": 2})
    assert response.status_code == 409
    assert response.json()["type"].endswith("/out-of-stock")
    assert client.get("/stock/8").json()["on_hand"] == 1
    assert client.get("/stock/8/movements").json() == before


def test_delivery_beyond_the_limit_changes_nothing(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is an end to what a warehouse holds, and a number to what a column holds."""
    monkeypatch.setattr("shop.services.stock.MAX_ON_HAND", 30)
    assert client.post("/stock/3/movements", json={"kind": "received", "quantity": 5}).status_code == 201
    response = client.post("/stock/3/movements", json={"kind": "received", "quantity": 1})
    assert response.status_code == 409
    assert response.json()["type"].endswith("/stock-limit")
    assert client.get("/stock/3").json()["on_hand"] == 30


def test_kinds_that_belong_to_orders_cannot_be_booked_by_hand(client: TestClient) -> None:
    """`sold` without an order would be a hole in the books."""
    assert client.post("/stock/1/movements", json={"kind": "sold", "quantity": 1}).status_code == 422


def test_stock_never_becomes_negative_when_many_take_at_once(client: TestClient) -> None:
    """Forty requests for one piece of fifteen: fifteen succeed, the others are told, nothing is left."""

    def take(_: int) -> int:
        return client.post("/stock/6/movements", json={"kind": "written_off", "quantity": 1}).status_code

    with ThreadPoolExecutor(max_workers=10) as pool:
        statuses = list(pool.map(take, range(40)))
    assert sorted(statuses) == [201] * 15 + [409] * 25
    assert client.get("/stock/6").json()["on_hand"] == 0


def test_stock_never_becomes_negative_when_two_servers_sell_it(
    staff_of: Callable[..., TestClient], settings: Settings
) -> None:
    """Nothing in one process knows of the other; the database alone decides."""
    with staff_of(create_app(settings)) as one, staff_of(create_app(settings)) as other:

        def take(number: int) -> int:
            client = one if number % 2 else other
            return client.post("/stock/6/movements", json={"kind": "written_off", "quantity": 1}).status_code

        with ThreadPoolExecutor(max_workers=8) as pool:
            statuses = list(pool.map(take, range(24)))
        assert sorted(statuses) == [201] * 15 + [409] * 9
        assert one.get("/stock/6").json()["on_hand"] == other.get("/stock/6").json()["on_hand"] == 0
