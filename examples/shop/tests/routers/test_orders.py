"""Orders over HTTP."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from rapide.testclient import TestClient

NewKey = Callable[[], dict[str, str]]
Checkout = dict[str, object]

_CART = "/carts/5eed0000-0000-4000-8000-00000000000a"


def _on_hand(client: TestClient, product_id: int) -> int:
    level: int = client.get(f"/stock/{product_id}").json()["on_hand"]
    return level


def test_placed_order_holds_what_was_in_the_cart(
    client: TestClient, checkout: Checkout, new_key: NewKey
) -> None:
    """201 names its place; the cart is empty and the pieces are taken."""
    mugs, tea = _on_hand(client, 1), _on_hand(client, 4)
    response = client.post("/orders", json=checkout, headers=new_key())
    assert response.status_code == 201
    assert response.headers["idempotent-replayed"] == "false"
    order = response.json()
    assert order["status"] == "placed"
    assert order["total_cents"] == 3730
    assert order["currency"] == "EUR"
    assert order["shipping_address"] == checkout["shipping_address"]
    assert [(line["sku"], line["quantity"]) for line in order["lines"]] == [
        ("MUG-BLUE", 2),
        ("TEA-ASSAM-250", 1),
    ]
    assert client.get(response.headers["location"]).json()["lines"] == order["lines"]
    assert client.get(_CART).json()["items"] == []
    assert (_on_hand(client, 1), _on_hand(client, 4)) == (mugs - 2, tea - 1)


def test_order_keeps_the_price_it_was_placed_at(
    client: TestClient, checkout: Checkout, new_key: NewKey
) -> None:
    """Later changes of the product are not the customer's business."""
    place = client.post("/orders", json=checkout, headers=new_key()).headers["location"]
    client.patch("/products/1", json={"price_cents": 1, "name": "Cheap mug"})
    order = client.get(place).json()
    assert order["total_cents"] == 3730
    assert order["lines"][0]["name"] == "Blue mug"


def test_repeated_request_returns_the_same_order(
    client: TestClient, checkout: Checkout, new_key: NewKey
) -> None:
    """A client that lost the answer asks again: one order, one sale, the same place."""
    key = new_key()
    first = client.post("/orders", json=checkout, headers=key)
    mugs = _on_hand(client, 1)
    second = client.post("/orders", json=checkout, headers=key)
    assert second.status_code == 201
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"]
    assert second.json()["id"] == first.json()["id"]
    assert _on_hand(client, 1) == mugs
    assert len(client.get("/orders").json()["items"]) == 5


def test_repeated_request_leaves_a_refilled_cart_alone(
    client: TestClient, checkout: Checkout, new_key: NewKey
) -> None:
    """The key stands for the first checkout, whatever is in the cart by now."""
    key = new_key()
    client.post("/orders", json=checkout, headers=key)
    client.put(f"{_CART}/items/2", json={"quantity": 1})
    client.post("/orders", json=checkout, headers=key)
    assert [item["product_id"] for item in client.get(_CART).json()["items"]] == [2]


def test_key_of_another_request_is_a_conflict(
    client: TestClient, checkout: Checkout, new_key: NewKey
) -> None:
    """The same key with another customer is a mistake, and shows nothing of the first one's order."""
    key = new_key()
    client.post("/orders", json=checkout, headers=key)
    response = client.post("/orders", json=checkout | {"customer_name": "Somebody else"}, headers=key)
    assert response.status_code == 409
    assert response.json()["type"].endswith("/idempotency-key-reused")
    assert "Zoë" not in response.text


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "not a uuid"}])
def test_order_without_a_proper_key_is_refused(
    client: TestClient, checkout: Checkout, headers: dict[str, str]
) -> None:
    """Without a key, a lost answer could mean two parcels."""
    assert client.post("/orders", json=checkout, headers=headers).status_code == 422
    assert client.get(_CART).json()["items"] != []


def test_empty_cart_cannot_be_ordered(client: TestClient, checkout: Checkout, new_key: NewKey) -> None:
    """409, also right after an order emptied it."""
    client.post("/orders", json=checkout, headers=new_key())
    response = client.post("/orders", json=checkout, headers=new_key())
    assert response.status_code == 409
    assert response.json()["type"].endswith("/cart-empty")


def test_unknown_cart_cannot_be_ordered(client: TestClient, checkout: Checkout, new_key: NewKey) -> None:
    """404, and no order."""
    body = checkout | {"cart_id": "00000000-0000-4000-8000-000000000000"}
    assert client.post("/orders", json=body, headers=new_key()).status_code == 404
    assert len(client.get("/orders").json()["items"]) == 4


def test_order_takes_nothing_when_one_product_is_short(
    client: TestClient, checkout: Checkout, new_key: NewKey
) -> None:
    """All or nothing: stock and cart are as they were, and the key is free for the next attempt."""
    client.put(f"{_CART}/items/8", json={"quantity": 2})
    cart, mugs, key = client.get(_CART).json(), _on_hand(client, 1), new_key()
    response = client.post("/orders", json=checkout, headers=key)
    assert response.status_code == 409
    assert response.json()["type"].endswith("/out-of-stock")
    assert response.json()["product_id"] == 8
    assert client.get(_CART).json() == cart
    assert _on_hand(client, 1) == mugs
    client.put(f"{_CART}/items/8", json={"quantity": 1})
    assert client.post("/orders", json=checkout, headers=key).status_code == 201


@pytest.mark.parametrize(
    ("params", "numbers"),
    [
        ({"status": "placed"}, [3, 1]),
        ({"status": "shipped"}, [4]),
        ({"email": "ada@example.com"}, [4, 1]),
        ({"email": "ada@example.com", "status": "placed"}, [1]),
        ({"email": "nobody@example.com"}, []),
    ],
)
def test_listing_filters_by_state_and_customer(
    client: TestClient, params: dict[str, str], numbers: list[int]
) -> None:
    """Newest first."""
    assert [order["id"] for order in client.get("/orders", params=params).json()["items"]] == numbers


def test_order_is_paid_and_then_shipped(client: TestClient) -> None:
    """Each step answers with the order as it is then."""
    assert client.post("/orders/1/pay").json()["status"] == "paid"
    shipped = client.post("/orders/1/ship").json()
    assert shipped["status"] == "shipped"
    assert shipped["updated_at"] > shipped["placed_at"]
    assert client.get("/orders/1").json() == shipped


@pytest.mark.parametrize(
    ("order_id", "step"), [(1, "ship"), (2, "pay"), (4, "pay"), (4, "ship"), (4, "cancel")]
)
def test_step_out_of_turn_is_a_conflict(client: TestClient, order_id: int, step: str) -> None:
    """Orders 1, 2 and 4 are placed, paid and shipped; the order stays as it was."""
    before = client.get(f"/orders/{order_id}").json()
    response = client.post(f"/orders/{order_id}/{step}")
    assert response.status_code == 409
    assert response.json()["type"].endswith("/order-state")
    assert response.json()["order_status"] == before["status"]
    assert client.get(f"/orders/{order_id}").json() == before


@pytest.mark.parametrize("step", ["", "/pay", "/ship", "/cancel"])
def test_unknown_order_is_a_problem_that_names_it(client: TestClient, step: str) -> None:
    """404, whatever is to be done with it."""
    response = client.request("POST" if step else "GET", f"/orders/4711{step}")
    assert response.status_code == 404
    assert response.json()["order_id"] == 4711


@pytest.mark.parametrize("order_id", [1, 2])
def test_cancelled_order_gives_its_pieces_back_once(client: TestClient, order_id: int) -> None:
    """Placed or paid, it can be cancelled; a second time is a conflict and no second return."""
    mugs = _on_hand(client, 1)
    assert client.post(f"/orders/{order_id}/cancel").json()["status"] == "cancelled"
    assert client.post(f"/orders/{order_id}/cancel").status_code == 409
    assert _on_hand(client, 1) == mugs + 2


def test_same_key_makes_one_order_when_sent_many_times_at_once(
    client: TestClient, checkout: Checkout, new_key: NewKey
) -> None:
    """An impatient client: eight equal requests in parallel, one order, one sale, eight equal answers."""
    key, mugs = new_key(), _on_hand(client, 1)
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: client.post("/orders", json=checkout, headers=key), range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sorted(answer.headers["idempotent-replayed"] for answer in answers) == ["false"] + ["true"] * 7
    assert _on_hand(client, 1) == mugs - 2


def test_cart_becomes_one_order_when_checked_out_many_times_at_once(
    client: TestClient, checkout: Checkout, new_key: NewKey
) -> None:
    """Eight checkouts with keys of their own, as from eight tabs: one gets the goods."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: client.post("/orders", json=checkout, headers=new_key()), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert len(client.get("/orders").json()["items"]) == 5


def test_last_piece_goes_to_one_customer_when_many_want_it(
    client: TestClient, checkout: Checkout, new_key: NewKey
) -> None:
    """One oak tray, six carts."""
    carts = [client.post("/carts").json()["id"] for _ in range(6)]
    for cart in carts:
        client.put(f"/carts/{cart}/items/8", json={"quantity": 1})

    def order(cart: str) -> int:
        return client.post("/orders", json=checkout | {"cart_id": cart}, headers=new_key()).status_code

    with ThreadPoolExecutor(max_workers=6) as pool:
        statuses = list(pool.map(order, carts))
    assert sorted(statuses) == [201] + [409] * 5
    assert _on_hand(client, 8) == 0


def test_order_is_either_shipped_or_cancelled_when_both_happen_at_once(client: TestClient) -> None:
    """Two clerks at the same order: one of them succeeds, and the state is the one he wanted."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        ship, cancel = pool.map(lambda step: client.post(f"/orders/2/{step}"), ["ship", "cancel"])
    assert sorted([ship.status_code, cancel.status_code]) == [200, 409]
    winner = ship if ship.status_code == 200 else cancel
    assert client.get("/orders/2").json() == winner.json()
