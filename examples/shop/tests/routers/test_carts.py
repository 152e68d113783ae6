"""Carts over HTTP."""

from uuid import uuid4

import pytest

from rapide.testclient import TestClient

_CART = "/carts/5eed0000-0000-4000-8000-00000000000a"


def test_new_cart_is_empty_and_found_where_location_points(client: TestClient) -> None:
    """201 names the place of the cart."""
    response = client.post("/carts")
    assert response.status_code == 201
    assert response.json()["items"] == []
    assert response.json()["total_cents"] == 0
    assert client.get(response.headers["location"]).json() == response.json()


def test_cart_shows_products_prices_and_the_total(client: TestClient) -> None:
    """Two mugs at 12.90 and a packet of tea at 11.50 make 37.30."""
    cart = client.get(_CART).json()
    assert [(item["name"], item["quantity"], item["line_total_cents"]) for item in cart["items"]] == [
        ("Blue mug", 2, 2580),
        ("Assam tea", 1, 1150),
    ]
    assert cart["total_cents"] == 3730


def test_cart_follows_the_price(client: TestClient) -> None:
    """A cart is no promise."""
    client.patch("/products/1", json={"price_cents": 1000})
    assert client.get(_CART).json()["total_cents"] == 2 * 1000 + 1150


def test_putting_an_item_twice_is_putting_it_once(client: TestClient) -> None:
    """PUT sets the number of pieces and does not add to it."""
    first = client.put(f"{_CART}/items/3", json={"quantity": 4}).json()
    second = client.put(f"{_CART}/items/3", json={"quantity": 4}).json()
    assert first == second
    assert [item["quantity"] for item in second["items"] if item["product_id"] == 3] == [4]


def test_putting_an_item_again_changes_how_many(client: TestClient) -> None:
    """The answer is the cart as it is afterwards."""
    cart = client.put(f"{_CART}/items/1", json={"quantity": 1}).json()
    assert cart["total_cents"] == 1290 + 1150
    assert client.get(_CART).json() == cart


def test_putting_more_products_than_fit_is_a_conflict(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full cart still lets the quantities change."""
    monkeypatch.setattr("shop.services.carts.MAX_ITEMS", 3)
    assert client.put(f"{_CART}/items/2", json={"quantity": 1}).status_code == 200
    response = client.put(f"{_CART}/items/3", json={"quantity": 1})
    assert response.status_code == 409
    assert response.json()["type"].endswith("/cart-full")
    assert client.put(f"{_CART}/items/2", json={"quantity": 9}).status_code == 200


def test_removed_item_is_out_of_the_cart(client: TestClient) -> None:
    """Removing it again finds nothing to remove."""
    assert client.delete(f"{_CART}/items/1").status_code == 204
    assert [item["product_id"] for item in client.get(_CART).json()["items"]] == [4]
    response = client.delete(f"{_CART}/items/1")
    assert response.status_code == 404
    assert response.json()["type"].endswith("/cart-item-not-found")


def test_deleted_cart_is_gone_with_its_items(client: TestClient) -> None:
    """Nothing of it can be read or changed."""
    assert client.delete(_CART).status_code == 204
    assert client.get(_CART).status_code == 404
    assert client.delete(_CART).status_code == 404
    assert client.put(f"{_CART}/items/1", json={"quantity": 1}).status_code == 404
    assert client.delete(f"{_CART}/items/1").status_code == 404


def test_unknown_cart_is_a_problem_that_names_it(client: TestClient) -> None:
    """404, with the id."""
    cart_id = str(uuid4())
    response = client.get(f"/carts/{cart_id}")
    assert response.status_code == 404
    assert response.json()["cart_id"] == cart_id


def test_unknown_product_cannot_be_put_into_a_cart(client: TestClient) -> None:
    """404, and it is the product that is missing."""
    response = client.put(f"{_CART}/items/4711", json={"quantity": 1})
    assert response.status_code == 404
    assert response.json()["type"].endswith("/product-not-found")


@pytest.mark.parametrize(
    "body", [{"quantity": 0}, {"quantity": -1}, {"quantity": 1001}, {"quantity": "2"}, {}]
)
def test_bad_quantity_is_refused(client: TestClient, body: dict[str, object]) -> None:
    """One to a thousand pieces, as a number."""
    assert client.put(f"{_CART}/items/1", json=body).status_code == 422
    assert client.get(_CART).json()["items"][0]["quantity"] == 2
