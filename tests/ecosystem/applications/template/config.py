"""Settings, from the environment."""

from typing import Annotated, Any, Literal

from pydantic import AnyUrl, BeforeValidator, EmailStr, SecretStr, computed_field
from pydantic_settings import BaseSettings, SettingsConfigDict


def parse_origins(value: Any) -> list[str] | str:
    """Take a list, or names between commas."""
    if isinstance(value, str) and not value.startswith("["):
        return [each.strip() for each in value.split(",") if each.strip()]
    return value


class Settings(BaseSettings):
    """What differs from one deployment to another."""

    model_config = SettingsConfigDict(env_prefix="SHOP_", env_ignore_empty=True, extra="ignore")
    API_PREFIX: str = "/api/v1"
    SECRET_KEY: SecretStr = SecretStr("a secret of at least thirty-two bytes")
    ACCESS_TOKEN_EXPIRE_MINUTES: int = 60 * 24 * 8
    FRONTEND_HOST: str = "http://localhost:5173"
    ENVIRONMENT: Literal["local", "staging", "production"] = "local"
    BACKEND_CORS_ORIGINS: Annotated[list[AnyUrl] | str, BeforeValidator(parse_origins)] = []
    PROJECT_NAME: str = "Back office"
    DATABASE: str = "sqlite:///shop.db"
    FIRST_SUPERUSER: EmailStr = "admin@example.com"
    FIRST_SUPERUSER_PASSWORD: SecretStr = SecretStr("changethis")

    @computed_field
    @property
    def all_cors_origins(self) -> list[str]:
        """The origins whose pages may call."""
        return [str(origin).rstrip("/") for origin in self.BACKEND_CORS_ORIGINS] + [self.FRONTEND_HOST]


settings = Settings()
