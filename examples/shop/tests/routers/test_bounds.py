"""What must never reach the database: absurd numbers, invisible characters, things of another type."""

import pytest

from rapide.testclient import TestClient

_HUGE = 2**63


@pytest.mark.parametrize("number", [0, -1, 2**31, _HUGE, 10**400, "1.5", "one"])
@pytest.mark.parametrize("path", ["/products/{}", "/stock/{}", "/stock/{}/movements", "/orders/{}"])
def test_row_number_outside_of_its_range_is_refused(client: TestClient, path: str, number: object) -> None:
    """A number that no row can have is a 422 and not a search."""
    assert client.get(path.format(number)).status_code == 422


@pytest.mark.parametrize("path", ["/products/{}", "/stock/{}", "/stock/{}/movements", "/orders/{}"])
def test_path_that_servers_read_differently_is_refused(client: TestClient, path: str) -> None:
    """A NUL in a path is a 400 before anybody looks for a route."""
    assert [client.get(path.format(number)).status_code for number in ("%00", "1%00")] == [400, 400]


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " x",
        "x ",
        "\0",
        "a\0b",
        "a\nb",
        "a\r\nBcc: all@example.com",
        "a\x85b",
        "a\u2028b",
        "a\x7f",
        "x" * 121,
        5,
        [],
        None,
    ],
)
def test_name_that_is_not_one_printable_line_is_refused(client: TestClient, name: object) -> None:
    """Names are shown in lists and mails."""
    response = client.post("/products", json={"sku": "NEW", "name": name, "price_cents": 1})
    assert response.status_code == 422


@pytest.mark.parametrize(
    "name", ["x", "x" * 120, "Zoë", "茶", "🫖", "a  b", "O'Neil -- %s; DROP TABLE products"]
)
def test_any_printable_name_is_stored_as_it_is(client: TestClient, name: str) -> None:
    """No script, sign or quotation is special."""
    place = client.post("/products", json={"sku": "NEW", "name": name, "price_cents": 1}).headers["location"]
    assert client.get(place).json()["name"] == name


@pytest.mark.parametrize("price", [0, -1, 100_000_001, _HUGE, 1.5, "5", True, None])
def test_price_that_is_no_amount_of_cents_is_refused(client: TestClient, price: object) -> None:
    """Whole cents, more than none, as a number."""
    response = client.post("/products", json={"sku": "NEW", "name": "New", "price_cents": price})
    assert response.status_code == 422


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001, _HUGE, 10**400, "5", True])
def test_movement_that_is_no_number_of_pieces_is_refused(client: TestClient, quantity: object) -> None:
    """The kind says the direction, so there is nothing below one."""
    assert (
        client.post("/stock/1/movements", json={"kind": "received", "quantity": quantity}).status_code == 422
    )


@pytest.mark.parametrize(
    "content", [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b'{"name": "\\ud800"}', b"[" * 100_000]
)
def test_body_that_is_no_product_is_a_client_error(client: TestClient, content: bytes) -> None:
    """Whatever the bytes, the fault is the client's."""
    response = client.post("/products", content=content, headers={"Content-Type": "application/json"})
    assert 400 <= response.status_code < 500


def test_unknown_field_is_refused(client: TestClient) -> None:
    """A misspelt wish is not ignored."""
    body = {"sku": "NEW", "name": "New", "price_cents": 1, "descripton": "New"}
    assert client.post("/products", json=body).status_code == 422


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "a b@example.com",
        "ada@example.com\n",
        "a" * 250 + "@b.de",
    ],
)
def test_what_cannot_be_an_address_is_refused(client: TestClient, email: str) -> None:
    """Nothing that could break a mail header is taken for an address."""
    assert client.get("/orders", params={"email": email}).status_code == 422
