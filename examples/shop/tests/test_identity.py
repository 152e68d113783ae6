"""Who is calling, and what they may do."""

from functools import partial
from typing import Any

import pytest

from rapide.testclient import TestClient
from shop.identity import Caller, may_see
from shop.main import create_app
from shop.models import Order
from shop.settings import Settings

_PASSWORD = "two mugs of tea"  # noqa: S105 -- of the demo


def _log_in(client: TestClient, email: str, password: str = _PASSWORD) -> Any:
    form = {"grant_type": "password", "username": email, "password": password}
    return client.post("/auth/token", data=form)


def _bearer(client: TestClient, email: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {_log_in(client, email).json()['access_token']}"}


def test_staff_logs_in_with_a_password(stranger: TestClient) -> None:
    """What is closed to strangers opens for who logs in."""
    assert stranger.get("/orders").status_code == 401
    assert stranger.get("/orders", headers=_bearer(stranger, "staff@example.com")).status_code == 200


def test_wrong_logins_are_answered_alike(stranger: TestClient) -> None:
    """A wrong password tells no more than an address that nobody has."""
    wrong = _log_in(stranger, "ada@example.com", "two mugs of coffee")
    absent = _log_in(stranger, "nobody@example.com")
    assert wrong.status_code == absent.status_code == 400
    assert wrong.content == absent.content


def test_refresh_gives_another_token_once(stranger: TestClient) -> None:
    """A refresh token is good once; presented again, it ends the whole login."""
    first = _log_in(stranger, "ada@example.com").json()

    def refresh(token: str) -> Any:
        return stranger.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})

    second = refresh(first["refresh_token"]).json()
    headers = {"Authorization": f"Bearer {second['access_token']}"}
    assert stranger.get("/orders/1", headers=headers).status_code == 200
    assert refresh(first["refresh_token"]).status_code == 400
    assert refresh(second["refresh_token"]).status_code == 400


def test_logout_takes_the_refresh_token_back(stranger: TestClient) -> None:
    """Nobody goes on with it."""
    token = _log_in(stranger, "ada@example.com").json()["refresh_token"]
    assert stranger.post("/auth/revoke", data={"token": token}).status_code == 200
    again = stranger.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})
    assert again.status_code == 400


def test_customers_see_their_own_orders(customer: TestClient) -> None:
    """Ada's are 1 and 4; of the others' she does not even learn whether they exist."""
    assert [customer.get(f"/orders/{number}").status_code for number in (1, 4)] == [200, 200]
    assert [customer.get(f"/orders/{number}").status_code for number in (2, 3, 999)] == [403, 403, 403]
    assert customer.post("/orders/3/cancel").status_code == 403
    assert customer.post("/orders/1/cancel").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/orders"),
        ("GET", "/orders/1"),
        ("POST", "/orders/1/pay"),
        ("POST", "/orders/2/ship"),
        ("POST", "/orders/1/cancel"),
        ("GET", "/stock"),
        ("POST", "/stock/1/movements"),
        ("POST", "/products"),
        ("PATCH", "/products/1"),
        ("DELETE", "/products/1"),
    ],
)
def test_strangers_are_told_how_to_say_who_they_are(stranger: TestClient, method: str, path: str) -> None:
    """A 401 names both ways; credentials that are wrong are none."""
    wrong: list[dict[str, str]] = [{}, {"X-API-Key": "guessed"}, {"Authorization": "Bearer forged"}]
    for headers in wrong:
        response = stranger.request(method, path, headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer, APIKey"


def test_customers_change_nothing_of_the_shop(customer: TestClient) -> None:
    """They are known, and may not."""
    assert customer.get("/orders").status_code == 403
    assert customer.get("/stock").status_code == 403
    assert customer.post("/orders/1/pay").status_code == 403
    assert customer.delete("/products/1").status_code == 403


def test_warehouse_ships_and_counts(stranger: TestClient) -> None:
    """Its key opens the stock and the parcels, and nothing else; a key that was taken back opens nothing."""
    keys = stranger.app.state.identity.keys  # type: ignore[attr-defined]  # the client's application is a Rapide
    portal = stranger.portal
    assert portal is not None
    key, known = portal.call(keys.create, "warehouse")
    header = {"X-API-Key": key}
    assert stranger.get("/stock", headers=header).status_code == 200
    assert stranger.post("/orders/2/ship", headers=header).status_code == 200
    assert stranger.get("/orders", headers=header).status_code == 403
    assert stranger.get("/orders/1", headers=header).status_code == 403
    assert stranger.delete("/products/1", headers=header).status_code == 403
    portal.call(partial(keys.revoke, known.id, owner="warehouse"))
    assert stranger.get("/stock", headers=header).status_code == 401


def test_start_prints_the_logins(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever tries the demo need not look for them; without the demo data there are none."""
    for seed in (True, False):
        with TestClient(create_app(settings.model_copy(update={"seed": seed}))):
            pass
        printed = capsys.readouterr().out
        assert ("staff@example.com" in printed) is seed
        assert ("shop_" in printed) is seed


def test_guests_look_and_buy(stranger: TestClient, checkout: dict[str, Any], new_key: Any) -> None:
    """Nobody has to log in to leave money."""
    assert stranger.get("/products").status_code == 200
    assert stranger.post("/orders", json=checkout, headers=new_key()).status_code == 201


def test_policy_is_a_plain_function() -> None:
    """It decides without a request and without a database."""
    order = Order(customer_email="Ada@Example.com")
    assert may_see(Caller(("customer",), "ada@example.com"), order)
    assert not may_see(Caller(("customer",), "bob@example.com"), order)
    assert not may_see(Caller(("warehouse",)), order)
    assert may_see(Caller(("staff",)), None)
    assert not may_see(Caller(("customer",), "ada@example.com"), None)


def test_nothing_is_open_by_mistake(client: TestClient) -> None:
    """What `rapide audit` says."""
    assert {entrance.access for entrance in client.app.audit()} == {"guarded", "public"}  # type: ignore[attr-defined]  # the client's application is a Rapide
