"""Products over HTTP."""

import pytest

from rapide.testclient import TestClient


def test_listing_shows_all_products_oldest_first(client: TestClient) -> None:
    """The catalogue has the eight seeded products in the order of their numbers."""
    page = client.get("/products").json()
    assert [product["id"] for product in page["items"]] == list(range(1, 9))
    assert page["next_cursor"] is None


def test_listing_filters_by_text_in_any_case(client: TestClient) -> None:
    """`text=MUG` finds the mugs and nothing else."""
    items = client.get("/products", params={"text": "MUG"}).json()["items"]
    assert [product["name"] for product in items] == ["Blue mug", "Green mug"]


@pytest.mark.parametrize("text", ["%", "_", "\\"])
def test_listing_takes_wildcards_literally_in_text(client: TestClient, text: str) -> None:
    """No seeded name contains a wildcard of LIKE, so searching for one finds nothing."""
    assert client.get("/products", params={"text": text}).json()["items"] == []


def test_listing_filters_by_price(client: TestClient) -> None:
    """The limit itself is included."""
    items = client.get("/products", params={"max_price_cents": 1150}).json()["items"]
    assert [product["sku"] for product in items] == ["TEA-ASSAM-250"]


def test_created_product_can_be_read_where_location_points(client: TestClient) -> None:
    """201 names the new product's place, and it is there, with nothing in stock."""
    response = client.post("/products", json={"sku": "MUG-WHITE", "name": "White mug", "price_cents": 1190})
    assert response.status_code == 201
    product = client.get(response.headers["location"]).json()
    assert product == response.json()
    assert product["in_stock"] is False
    assert product["description"] is None
    assert product["created_at"].endswith("Z")


def test_creating_is_a_conflict_when_the_sku_is_taken(client: TestClient) -> None:
    """The problem names the article number, and nothing was added."""
    response = client.post("/products", json={"sku": "MUG-BLUE", "name": "Another mug", "price_cents": 1})
    assert response.status_code == 409
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"].endswith("/duplicate-sku")
    assert response.json()["sku"] == "MUG-BLUE"
    assert len(client.get("/products").json()["items"]) == 8


def test_change_leaves_alone_what_is_left_out(client: TestClient) -> None:
    """A patch of the price keeps name and description."""
    before = client.get("/products/1").json()
    after = client.patch("/products/1", json={"price_cents": 999}).json()
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before | {"price_cents": 999}
    assert client.get("/products/1").json()["price_cents"] == 999


def test_change_with_null_clears_what_may_be_empty(client: TestClient) -> None:
    """A product needs no description."""
    assert client.patch("/products/1", json={"description": None}).json()["description"] is None


def test_change_with_null_is_refused_for_what_must_be_there(client: TestClient) -> None:
    """A product needs a name."""
    assert client.patch("/products/1", json={"name": None}).status_code == 422
    assert client.get("/products/1").json()["name"] == "Blue mug"


def test_change_without_any_field_changes_nothing(client: TestClient) -> None:
    """The empty patch is a patch."""
    before = client.get("/products/1").json()
    response = client.patch("/products/1", json={})
    assert response.status_code == 200
    assert response.json() == before


def test_change_is_a_conflict_when_the_sku_is_taken(client: TestClient) -> None:
    """The product keeps its own number."""
    assert client.patch("/products/1", json={"sku": "TRAY-OAK"}).status_code == 409
    assert client.get("/products/1").json()["sku"] == "MUG-BLUE"


def test_archived_product_is_gone_everywhere(client: TestClient) -> None:
    """It can neither be read nor listed nor changed nor stocked nor put into a cart, and is in no cart."""
    assert client.delete("/products/1").status_code == 204
    cart = "/carts/5eed0000-0000-4000-8000-00000000000a"
    assert client.get("/products/1").status_code == 404
    assert client.patch("/products/1", json={}).status_code == 404
    assert client.delete("/products/1").status_code == 404
    assert client.get("/stock/1").status_code == 404
    assert client.get("/stock/1/movements").status_code == 404
    assert client.post("/stock/1/movements", json={"kind": "received", "quantity": 1}).status_code == 404
    assert client.put(f"{cart}/items/1", json={"quantity": 1}).status_code == 404
    assert [item["product_id"] for item in client.get(cart).json()["items"]] == [4]
    assert 1 not in [product["id"] for product in client.get("/products").json()["items"]]
    assert 1 not in [level["product_id"] for level in client.get("/stock").json()["items"]]


def test_archived_product_stays_in_its_orders(client: TestClient) -> None:
    """An order shows what was bought."""
    client.delete("/products/1")
    assert client.get("/orders/4").json()["lines"][0]["name"] == "Blue mug"


def test_archived_product_frees_its_sku(client: TestClient) -> None:
    """The successor may take over the article number."""
    client.delete("/products/8")
    response = client.post("/products", json={"sku": "TRAY-OAK", "name": "New tray", "price_cents": 2990})
    assert response.status_code == 201


def test_unknown_product_is_a_problem_that_names_it(client: TestClient) -> None:
    """404 has the members of RFC 9457 and the number."""
    response = client.get("/products/4711")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "https://shop.example/problems/product-not-found",
        "title": "Product not found",
        "status": 404,
        "detail": "There is no product 4711 for sale.",
        "product_id": 4711,
    }
