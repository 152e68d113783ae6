"""Confirmations: in the mailbox when all is well, and later when not."""

import logging
import mailbox
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from rapide.testclient import TestClient
from shop.main import create_app
from shop.settings import Settings

NewKey = Callable[[], dict[str, str]]


def _read(path: Path) -> list[EmailMessage]:
    box = mailbox.mbox(path, factory=None, create=False)
    try:
        return [message_from_bytes(box.get_bytes(key), policy=default) for key in box.keys()]  # noqa: SIM118 -- a mailbox is iterated by its messages
    finally:
        box.close()


def test_confirmation_tells_what_was_ordered(
    client: TestClient, settings: Settings, checkout: dict[str, object], new_key: NewKey
) -> None:
    """The mailbox holds one message, to the customer, with number, lines and total."""
    number = client.post("/orders", json=checkout, headers=new_key()).json()["id"]
    [message] = _read(settings.mail_file)
    assert message["To"] == "zoe@example.com"
    assert message["From"] == "Rapide Shop <shop@example.com>"
    assert message["Subject"] == f"Your order no. {number}"
    text = message.get_content()
    assert "Hello Zoë Müller," in text
    assert "2 x Blue mug (25.80 EUR)" in text
    assert "1 x Assam tea (11.50 EUR)" in text
    assert "Total: 37.30 EUR" in text


def test_order_shows_when_it_was_confirmed(
    client: TestClient, checkout: dict[str, object], new_key: NewKey
) -> None:
    """Not yet in the answer that places it; the mail goes out afterwards."""
    response = client.post("/orders", json=checkout, headers=new_key())
    assert response.json()["confirmation_sent_at"] is None
    assert client.get(response.headers["location"]).json()["confirmation_sent_at"] is not None


def test_repeated_request_sends_no_second_mail(
    client: TestClient, settings: Settings, checkout: dict[str, object], new_key: NewKey
) -> None:
    """One order, one confirmation."""
    key = new_key()
    for _ in range(3):
        client.post("/orders", json=checkout, headers=key)
    assert len(_read(settings.mail_file)) == 1


def test_refused_order_sends_no_mail(
    client: TestClient, settings: Settings, checkout: dict[str, object], new_key: NewKey
) -> None:
    """Nothing was bought, nothing is confirmed."""
    client.put("/carts/5eed0000-0000-4000-8000-00000000000a/items/8", json={"quantity": 2})
    assert client.post("/orders", json=checkout, headers=new_key()).status_code == 409
    assert not settings.mail_file.exists()


def test_address_cannot_begin_another_message(
    client: TestClient, settings: Settings, checkout: dict[str, object], new_key: NewKey
) -> None:
    """A line that starts with "From " is where the format begins a message; inside of one it is escaped."""
    client.post("/orders", json=checkout | {"customer_name": "From eve@example.com"}, headers=new_key())
    [message] = _read(settings.mail_file)
    assert ">From eve@example.com\nAm Markt 1\n28195 Bremen\nDE\n" in message.get_content()


def test_messages_are_written_one_after_the_other(
    client: TestClient, settings: Settings, checkout: dict[str, object], new_key: NewKey
) -> None:
    """Five orders at once, five whole messages."""
    carts = [client.post("/carts").json()["id"] for _ in range(5)]
    for cart in carts:
        client.put(f"/carts/{cart}/items/1", json={"quantity": 1})

    def order(cart: str) -> int:
        return client.post("/orders", json=checkout | {"cart_id": cart}, headers=new_key()).status_code

    with ThreadPoolExecutor(max_workers=5) as pool:
        assert list(pool.map(order, carts)) == [201] * 5
    messages = _read(settings.mail_file)
    assert len({message["Message-ID"] for message in messages}) == 5
    assert all("Total: 12.90 EUR" in message.get_content() for message in messages)


def test_order_stands_when_the_mail_fails_and_is_confirmed_at_the_next_start(
    staff_of: Callable[..., TestClient],
    settings: Settings,
    checkout: dict[str, object],
    new_key: NewKey,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The customer has the order, the log has the reason, and the mail comes later, once."""
    blocked = settings.model_copy(update={"mail_file": tmp_path})
    with staff_of(create_app(blocked)) as client, caplog.at_level(logging.ERROR, logger="shop.mail"):
        response = client.post("/orders", json=checkout, headers=new_key())
        assert response.status_code == 201
        place = response.headers["location"]
        assert client.get(place).json()["confirmation_sent_at"] is None
    assert f"order {response.json()['id']} was not sent" in caplog.text

    for _ in range(2):
        with staff_of(create_app(settings)) as client:
            assert client.get(place).json()["confirmation_sent_at"] is not None
    [message] = _read(settings.mail_file)
    assert message["Subject"] == f"Your order no. {response.json()['id']}"
