"""Every test has a shop of its own: a copy of one seeded database file, and the application on top of it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from rapide.testclient import TestClient
from shop.main import create_app
from shop.settings import Settings

MakeSettings = Callable[..., Settings]
StartShop = Callable[..., TestClient]
StaffOf = Callable[..., TestClient]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("SHOP_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def seeded_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrate and seed once; starting from a copy is much faster than starting from nothing."""
    folder = tmp_path_factory.mktemp("seeded")
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite+aiosqlite:///{folder / 'shop.db'}",
        mail_file=folder / "mail.mbox",
    )
    with TestClient(create_app(settings)):
        pass
    return folder / "shop.db"


@pytest.fixture
def settings(tmp_path: Path, seeded_database: Path) -> Settings:
    shutil.copy(seeded_database, tmp_path / "shop.db")
    return Settings(
        _env_file=None,
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'shop.db'}",
        mail_file=tmp_path / "mail.mbox",
        lock_timeout=30,
    )


@pytest.fixture
def database_file(settings: Settings, tmp_path: Path) -> Path:
    return tmp_path / "shop.db"


def _known_as(app: Any, role: str, email: str, **options: Any) -> TestClient:
    """A client with a token, without the work of a password."""
    token = app.state.identity.tokens.issue(email, roles=[role], email=email)
    return TestClient(app, headers={"Authorization": f"Bearer {token}"}, **options)


@pytest.fixture
def staff_of() -> StaffOf:
    """Make a client of the staff for an application."""
    return lambda app, **options: _known_as(app, "staff", "staff@example.com", **options)


@pytest.fixture
def client(settings: Settings, staff_of: StaffOf) -> Iterator[TestClient]:
    """Somebody of the staff."""
    with staff_of(create_app(settings)) as client:
        yield client


@pytest.fixture
def stranger(client: TestClient) -> TestClient:
    """Somebody whom the shop does not know."""
    del client.headers["Authorization"]
    return client


@pytest.fixture
def customer(client: TestClient) -> TestClient:
    """Ada, who has ordered."""
    client.headers = _known_as(client.app, "customer", "ada@example.com").headers
    return client


@pytest.fixture
def checkout() -> dict[str, object]:
    """The body of an order for the seeded cart: two blue mugs (product 1) and a packet of tea (product 4)."""
    return {
        "cart_id": "5eed0000-0000-4000-8000-00000000000a",
        "customer_name": "Zoë Müller",
        "customer_email": "zoe@example.com",
        "shipping_address": {
            "street": "Am Markt 1",
            "postal_code": "28195",
            "city": "Bremen",
            "country": "DE",
        },
    }


@pytest.fixture
def new_key() -> Callable[[], dict[str, str]]:
    """Make the header of one more checkout attempt."""
    return lambda: {"Idempotency-Key": str(uuid4())}
