"""Settings from the environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shop.settings import Settings


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with the prefix, whatever the case."""
    monkeypatch.setenv("SHOP_CURRENCY", "GBP")
    monkeypatch.setenv("SHOP_MAIL_FILE", "/var/mail/shop")
    monkeypatch.setenv("shop_seed", "false")
    settings = Settings(_env_file=None)
    assert settings.currency == "GBP"
    assert settings.mail_file == Path("/var/mail/shop")
    assert settings.seed is False


def test_files_do_not_depend_on_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Server and command line open the same database wherever they are started."""
    monkeypatch.setenv("SHOP_TOKEN_SECRET", "s" * 32)  # made anew each time otherwise
    before = Settings(_env_file=None)
    monkeypatch.chdir(tmp_path)
    assert Settings(_env_file=None) == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHOP_CURRENCY", "euro"),
        ("SHOP_LOCK_TIMEOUT", "0"),
        ("SHOP_LOCK_TIMEOUT", "inf"),
        ("SHOP_SEED", "perhaps"),
    ],
)
def test_nonsense_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A mistake in the environment shows at once, and names the field."""
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("SHOP_").lower()):
        Settings(_env_file=None)


def test_database_url_is_not_shown() -> None:
    """It may hold a password, and settings end up in logs."""
    settings = Settings(_env_file=None, database_url="postgresql+asyncpg://shop:secret@db/shop")
    assert "secret" not in repr(settings)
