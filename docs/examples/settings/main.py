from functools import lru_cache
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from rapide import Depends, Rapide


class Settings(BaseSettings):
    """LIBRARY_NAME, LIBRARY_LOAN_DAYS and LIBRARY_API_KEY in the environment."""

    model_config = SettingsConfigDict(env_prefix="LIBRARY_", env_file="library.env")

    name: str = "Library"
    loan_days: int = Field(default=28, ge=1)
    api_key: SecretStr = SecretStr("")


@lru_cache
def get_settings() -> Settings:
    return Settings()


app = Rapide(title="Library")


@app.get("/about")
async def read_about(
    settings: Annotated[Settings, Depends(get_settings)],
) -> dict[str, object]:
    return {
        "name": settings.name,
        "loan_days": settings.loan_days,
        "api_key": settings.api_key,
    }
