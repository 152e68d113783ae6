"""Paging, which all lists share."""

from collections.abc import Callable

import pytest

from rapide.testclient import TestClient


def _walk(client: TestClient, path: str, limit: int) -> list[list[int]]:
    pages, cursor = [], None
    while True:
        params = {"limit": limit} | ({} if cursor is None else {"cursor": cursor})
        page = client.get(path, params=params).json()
        pages.append([item["id"] for item in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return pages


def test_pages_cover_the_list_without_overlap(client: TestClient) -> None:
    """Eight products in pages of three; the last page is short and ends the list."""
    assert _walk(client, "/products", 3) == [[1, 2, 3], [4, 5, 6], [7, 8]]


def test_last_full_page_ends_the_list(client: TestClient) -> None:
    """No empty page follows when the rows come out even."""
    assert _walk(client, "/products", 4) == [[1, 2, 3, 4], [5, 6, 7, 8]]


def test_next_page_is_stable_when_rows_come_and_go(client: TestClient) -> None:
    """Archiving a product of the first page and adding one at the end neither repeats nor skips a product."""
    first = client.get("/products", params={"limit": 3}).json()
    client.delete("/products/2")
    client.post("/products", json={"sku": "NEW", "name": "New", "price_cents": 1})
    second = client.get("/products", params={"limit": 100, "cursor": first["next_cursor"]}).json()
    assert [product["id"] for product in second["items"]] == [4, 5, 6, 7, 8, 9]


def test_next_page_is_stable_when_the_list_grows_at_its_head(
    client: TestClient, checkout: dict[str, object], new_key: Callable[[], dict[str, str]]
) -> None:
    """Orders come newest first; an order placed between two pages does not push one onto the next page."""
    first = client.get("/orders", params={"limit": 2}).json()
    assert client.post("/orders", json=checkout, headers=new_key()).status_code == 201
    second = client.get("/orders", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [order["id"] for order in first["items"] + second["items"]] == [4, 3, 2, 1]


def test_filters_hold_on_every_page(client: TestClient) -> None:
    """The cursor goes together with the filters of the request it is sent with."""
    first = client.get("/products", params={"text": "mug", "limit": 1}).json()
    second = client.get(
        "/products", params={"text": "mug", "limit": 1, "cursor": first["next_cursor"]}
    ).json()
    assert [product["id"] for product in first["items"] + second["items"]] == [1, 2]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("path", ["/products", "/stock", "/orders", "/stock/1/movements"])
@pytest.mark.parametrize("cursor", ["AAAAAAAAAAA", "___________", "-----------", "zzzzzzzzzzz"])
def test_made_up_cursor_of_the_right_form_is_a_place_in_the_list(
    client: TestClient, path: str, cursor: str
) -> None:
    """Whatever number it means, the answer is a page."""
    assert client.get(path, params={"cursor": cursor}).status_code == 200


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "9" * 400},
        {"limit": "ten"},
        {"cursor": ""},
        {"cursor": "short"},
        {"cursor": "AAAAAAAAAAA\n"},
        {"cursor": "ÄÄÄÄÄÄÄÄÄÄÄ"},
        {"page": "2"},
    ],
)
def test_bad_paging_is_refused(client: TestClient, params: dict[str, str]) -> None:
    """Out of bounds, malformed or misspelt: 422."""
    assert client.get("/products", params=params).status_code == 422
