"""Everything that differs between a laptop, the tests and production, read from the environment."""

import secrets
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

# Relative to the project and not to the working directory, so that the server and `alembic` open the same
# file wherever they are started.
_DATA = Path(__file__).resolve().parent.parent / "var"


class Settings(BaseSettings):
    """Each field is an environment variable with the prefix `SHOP_`; a `.env` file works too."""

    model_config = SettingsConfigDict(env_prefix="SHOP_", env_file=".env", extra="ignore", frozen=True)

    database_url: str = Field(default=f"sqlite+aiosqlite:///{_DATA / 'shop.db'}", repr=False)
    """An async SQLAlchemy URL. Kept out of `repr`, because such URLs carry passwords."""

    token_secret: SecretStr = Field(
        default_factory=lambda: SecretStr(secrets.token_urlsafe(32)), min_length=32, repr=False
    )
    """Signs the tokens. Made anew at each start if it is not set, which logs everybody out."""

    lock_timeout: float = Field(default=5.0, gt=0, le=60)
    """Seconds to wait for the database before a request is answered with 503."""

    mail_file: Path = _DATA / "mail.mbox"
    """The mailbox that receives outgoing mail; any mail program can open it."""

    mail_sender: str = "Rapide Shop <shop@example.com>"

    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    """ISO 4217 code of the one currency this shop sells in."""

    seed: bool = True
    """Fill an empty database with the demo data, users with well-known passwords among it."""
